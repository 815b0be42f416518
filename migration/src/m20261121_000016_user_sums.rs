//! The table `user_sums`: the counters of `user_counts`, and sums of them, so that a total is read off a few rows and a page
//! far from the beginning is found, however many users there are.
//!
//! `user_counts` stays, as processes of the version before read and write it until the last of them has stopped.

use sea_orm_migration::prelude::*;

use crate::schema::Steps;

const USER_SUMS: &str = "user_sums";

/// One statement, so that the levels agree with one another whatever others write meanwhile. 32 blocks are a group, and 32
/// groups are a region.
const FILL: &str = "INSERT INTO user_sums (level, parent, block, slot, role, is_active, deleted, n) \
                    SELECT 0, block >> 5, block, 0, role, is_active, deleted, SUM(n) FROM user_counts \
                    GROUP BY block, role, is_active, deleted \
                    UNION ALL SELECT 1, block >> 10, block >> 5, 0, role, is_active, deleted, SUM(n) FROM user_counts \
                    GROUP BY block >> 10, block >> 5, role, is_active, deleted \
                    UNION ALL SELECT 2, 0, block >> 10, 0, role, is_active, deleted, SUM(n) FROM user_counts \
                    GROUP BY block >> 10, role, is_active, deleted";

/// What the version before counts by.
const GIVE_BACK: &str = "INSERT INTO user_counts (block, slot, role, is_active, deleted, n) \
                         SELECT block, 0, role, is_active, deleted, SUM(n) FROM user_sums WHERE level = 0 \
                         GROUP BY block, role, is_active, deleted";

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let steps = Steps::on(manager)?;
        steps.create_table(USER_SUMS, &mut table(&steps)).await?;
        // A run that was killed may have filled it already.
        let connection = manager.get_connection();
        connection.execute_unprepared("DELETE FROM user_sums").await?;
        connection.execute_unprepared(FILL).await.map(|_| ())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // A run that was killed may have dropped it already.
        if manager.has_table(USER_SUMS).await? {
            let connection = manager.get_connection();
            connection.execute_unprepared("DELETE FROM user_counts").await?;
            connection.execute_unprepared(GIVE_BACK).await?;
        }
        Steps::on(manager)?.drop_table(USER_SUMS).await
    }
}

fn table(steps: &Steps<'_, '_>) -> TableCreateStatement {
    let key = ["level", "parent", "block", "slot", "role", "is_active", "deleted"];
    let mut primary = Index::create();
    for column in key {
        primary.col(column);
    }
    Table::create()
        .col(ColumnDef::new("level").integer().not_null())
        .col(ColumnDef::new("parent").big_integer().not_null())
        .col(ColumnDef::new("block").big_integer().not_null())
        .col(ColumnDef::new("slot").integer().not_null())
        .col(steps.text("role", 16).not_null())
        .col(ColumnDef::new("is_active").boolean().not_null())
        .col(ColumnDef::new("deleted").boolean().not_null())
        // Signed: what one slot adds, another may take away.
        .col(ColumnDef::new("n").big_integer().not_null())
        .primary_key(&mut primary)
        .take()
}
