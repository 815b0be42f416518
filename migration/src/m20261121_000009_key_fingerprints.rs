//! The table `key_fingerprints`: which keys the contents were made with.

use sea_orm_migration::prelude::*;

use crate::schema::Steps;

const KEY_FINGERPRINTS: &str = "key_fingerprints";

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let steps = Steps::on(manager)?;
        steps.create_table(KEY_FINGERPRINTS, &mut table(&steps)).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Steps::on(manager)?.drop_table(KEY_FINGERPRINTS).await
    }
}

fn table(steps: &Steps<'_, '_>) -> TableCreateStatement {
    Table::create()
        .col(steps.binary_text("name", 32).not_null().primary_key())
        .col(steps.digest("fingerprint").not_null())
        .col(steps.moment("created_at").not_null())
        .take()
}
