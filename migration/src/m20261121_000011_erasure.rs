//! What makes a person's values readable, and who was erased: `subject_keys` and `erased_users`.

use sea_orm_migration::prelude::*;

use crate::append_only;
use crate::schema::Steps;

const SUBJECT_KEYS: &str = "subject_keys";
const ERASED_USERS: &str = "erased_users";

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let steps = Steps::on(manager)?;
        steps.create_table(SUBJECT_KEYS, &mut subject_keys(&steps)).await?;
        // For those that are still to be wrapped by the newest key.
        steps.index(SUBJECT_KEYS, "ix_subject_keys_key", &["key_id", "subject_id"]).await?;
        steps.create_table(ERASED_USERS, &mut erased_users(&steps)).await?;
        steps.unique(ERASED_USERS, "uq_erased_users_uuid", &["uuid"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let steps = Steps::on(manager)?;
        append_only::unpin(manager, ERASED_USERS).await?;
        steps.drop_table(ERASED_USERS).await?;
        steps.drop_table(SUBJECT_KEYS).await
    }
}

fn subject_keys(steps: &Steps<'_, '_>) -> TableCreateStatement {
    Table::create()
        .col(steps.uuid("subject_id").not_null().primary_key())
        .col(steps.text("key_id", 64).not_null())
        .col(steps.bytes("wrapped", 128).not_null())
        .take()
}

fn erased_users(steps: &Steps<'_, '_>) -> TableCreateStatement {
    Table::create()
        .col(steps.id_of_another("id").not_null().primary_key())
        .col(steps.uuid("uuid").not_null())
        .col(steps.moment("erased_at").not_null())
        .take()
}
