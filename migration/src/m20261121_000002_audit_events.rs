//! The table `audit_events`.

use sea_orm_migration::prelude::*;

use crate::schema::Steps;

const AUDIT_EVENTS: &str = "audit_events";

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let steps = Steps::on(manager)?;
        steps.create_table(AUDIT_EVENTS, &mut table(&steps)).await?;
        steps.index(AUDIT_EVENTS, "ix_audit_events_recorded_at", &["recorded_at", "id"]).await?;
        steps.index(AUDIT_EVENTS, "ix_audit_events_target", &["target_id", "recorded_at", "id"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Steps::on(manager)?.drop_table(AUDIT_EVENTS).await
    }
}

fn table(steps: &Steps<'_, '_>) -> TableCreateStatement {
    Table::create()
        .col(steps.uuid("id").not_null().primary_key())
        .col(steps.moment("recorded_at").not_null())
        .col(steps.text("action", 64).not_null())
        .col(steps.text("actor_type", 16).not_null())
        .col(steps.uuid("actor_id").null())
        .col(steps.text("actor_name", 50).null())
        .col(steps.text("target_type", 16).not_null())
        .col(steps.uuid("target_id").not_null())
        .col(steps.json_text("changes").not_null())
        .col(steps.text("ip", 45).null())
        // As long as a header may be.
        .col(steps.text("user_agent", 8192).null())
        .col(steps.text("request_id", 128).null())
        .col(steps.uuid("session_id").null())
        .take()
}
