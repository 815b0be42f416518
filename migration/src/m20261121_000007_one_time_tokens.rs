//! The table `one_time_tokens`.

use sea_orm_migration::prelude::*;

use crate::schema::Steps;

const ONE_TIME_TOKENS: &str = "one_time_tokens";

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let steps = Steps::on(manager)?;
        steps.create_table(ONE_TIME_TOKENS, &mut table(&steps)).await?;
        // Of two tokens that are given out at once one remains.
        steps.unique(ONE_TIME_TOKENS, "uq_one_time_tokens_user", &["user_uuid", "purpose"]).await?;
        steps.index(ONE_TIME_TOKENS, "ix_one_time_tokens_expires_at", &["expires_at"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Steps::on(manager)?.drop_table(ONE_TIME_TOKENS).await
    }
}

fn table(steps: &Steps<'_, '_>) -> TableCreateStatement {
    Table::create()
        .col(steps.binary_text("purpose", 32).not_null())
        .col(steps.digest("digest").not_null())
        .col(steps.uuid("user_uuid").not_null())
        .col(steps.moment("expires_at").not_null())
        .primary_key(Index::create().col("purpose").col("digest"))
        .take()
}
