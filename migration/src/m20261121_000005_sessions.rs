//! The tables `sessions` and `refresh_tokens`.

use sea_orm_migration::prelude::*;

use crate::schema::Steps;

const SESSIONS: &str = "sessions";
const REFRESH_TOKENS: &str = "refresh_tokens";

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let steps = Steps::on(manager)?;
        steps.create_table(SESSIONS, &mut sessions(&steps)).await?;
        // The live ones of a user, without a look at those that have ended and are still kept.
        steps.index(SESSIONS, "ix_sessions_user", &["user_uuid", "revoked_at", "expires_at"]).await?;
        // For the clean-up.
        steps.index(SESSIONS, "ix_sessions_expires_at", &["expires_at", "id"]).await?;
        steps.index(SESSIONS, "ix_sessions_revoked_at", &["revoked_at", "id"]).await?;
        steps.create_table(REFRESH_TOKENS, &mut refresh_tokens(&steps)).await?;
        steps.unique(REFRESH_TOKENS, "uq_refresh_tokens_parent", &["parent"]).await?;
        steps.index(REFRESH_TOKENS, "ix_refresh_tokens_session", &["session_id"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let steps = Steps::on(manager)?;
        steps.drop_table(REFRESH_TOKENS).await?;
        steps.drop_table(SESSIONS).await
    }
}

fn sessions(steps: &Steps<'_, '_>) -> TableCreateStatement {
    Table::create()
        .col(steps.uuid("id").not_null().primary_key())
        .col(steps.uuid("user_uuid").not_null())
        .col(steps.text("amr", 16).not_null())
        .col(steps.moment("created_at").not_null())
        .col(steps.moment("last_used_at").not_null())
        .col(steps.moment("expires_at").not_null())
        .col(steps.moment("ends_at").not_null())
        .col(steps.moment("revoked_at").null())
        .col(steps.text("ip", 45).null())
        // As long as a header may be.
        .col(steps.text("user_agent", 8192).null())
        .take()
}

fn refresh_tokens(steps: &Steps<'_, '_>) -> TableCreateStatement {
    Table::create()
        .col(steps.digest("digest").not_null().primary_key())
        .col(steps.uuid("session_id").not_null())
        .col(steps.digest("parent").null())
        .col(steps.digest("nonce").not_null())
        .col(steps.moment("issued_at").not_null())
        .col(steps.moment("spent_at").null())
        .take()
}
