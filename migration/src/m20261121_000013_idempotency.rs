//! Requests that are carried out once: `idempotency_keys` and `idempotency_outcomes`.

use sea_orm_migration::prelude::*;

use crate::schema::Steps;

const KEYS: &str = "idempotency_keys";
const OUTCOMES: &str = "idempotency_outcomes";

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let steps = Steps::on(manager)?;
        steps.create_table(KEYS, &mut keys(&steps)).await?;
        // For the clean-up.
        steps.index(KEYS, "ix_idempotency_keys_created_at", &["created_at"]).await?;
        steps.create_table(OUTCOMES, &mut outcomes(&steps)).await?;
        // For erasing a person.
        steps.index(OUTCOMES, "ix_idempotency_outcomes_subject", &["subject_id"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let steps = Steps::on(manager)?;
        steps.drop_table(OUTCOMES).await?;
        steps.drop_table(KEYS).await
    }
}

fn keys(steps: &Steps<'_, '_>) -> TableCreateStatement {
    Table::create()
        .col(steps.digest("key_digest").not_null().primary_key())
        .col(steps.digest("fingerprint").not_null())
        .col(steps.uuid("ticket").not_null())
        .col(steps.moment("leased_until").not_null())
        .col(steps.moment("completed_at").null())
        .col(steps.moment("created_at").not_null())
        .take()
}

fn outcomes(steps: &Steps<'_, '_>) -> TableCreateStatement {
    Table::create()
        .col(steps.digest("key_digest").not_null())
        .col(ColumnDef::new("part").integer().not_null())
        .col(steps.uuid("subject_id").null())
        .col(steps.json_text("outcome").not_null())
        .primary_key(Index::create().col("key_digest").col("part"))
        .take()
}
