//! The table `user_counts`: how many users of each role and state there are, so that totals are sums over few rows.

use sea_orm_migration::prelude::*;

use crate::schema::Steps;

const USER_COUNTS: &str = "user_counts";

/// 1,024 ids are a block.
const COUNT: &str = "INSERT INTO user_counts (block, slot, role, is_active, deleted, n) \
                     SELECT id >> 10, 0, role, is_active, deleted_at IS NOT NULL, COUNT(*) FROM users \
                     GROUP BY id >> 10, role, is_active, deleted_at IS NOT NULL";

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let steps = Steps::on(manager)?;
        steps.create_table(USER_COUNTS, &mut table(&steps)).await?;
        // A run that was killed may have counted already.
        let connection = manager.get_connection();
        connection.execute_unprepared("DELETE FROM user_counts").await?;
        connection.execute_unprepared(COUNT).await.map(|_| ())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Steps::on(manager)?.drop_table(USER_COUNTS).await
    }
}

fn table(steps: &Steps<'_, '_>) -> TableCreateStatement {
    Table::create()
        .col(ColumnDef::new("block").big_integer().not_null())
        .col(ColumnDef::new("slot").integer().not_null())
        .col(steps.text("role", 16).not_null())
        .col(ColumnDef::new("is_active").boolean().not_null())
        .col(ColumnDef::new("deleted").boolean().not_null())
        // Signed: what one slot adds, another may take away.
        .col(ColumnDef::new("n").big_integer().not_null())
        .primary_key(Index::create().col("block").col("slot").col("role").col("is_active").col("deleted"))
        .take()
}
