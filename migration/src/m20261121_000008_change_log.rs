//! What turns `audit_events` into a log that can be followed: a number for each event, and the person it is about.

use sea_orm_migration::prelude::*;

use crate::schema::Steps;

const AUDIT_EVENTS: &str = "audit_events";
const BY_SUBJECT: &str = "ix_audit_events_subject";

/// Up to now every event was about a user. What was filled is not filled again.
const FILL: &str = "UPDATE audit_events SET subject_id = target_id WHERE subject_id IS NULL AND target_type = 'user'";

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let steps = Steps::on(manager)?;
        steps.add_sequence(AUDIT_EVENTS, "seq", "uq_audit_events_seq").await?;
        steps.add_column(AUDIT_EVENTS, steps.uuid("subject_id").null().take()).await?;
        manager.get_connection().execute_unprepared(FILL).await?;
        steps.index(AUDIT_EVENTS, BY_SUBJECT, &["subject_id", "recorded_at", "id"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let steps = Steps::on(manager)?;
        steps.drop_index(AUDIT_EVENTS, BY_SUBJECT).await?;
        steps.drop_column(AUDIT_EVENTS, "subject_id").await?;
        steps.drop_column(AUDIT_EVENTS, "seq").await
    }
}
