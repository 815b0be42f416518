//! The trail anew, sealed, with its chain: `audit_events`, `audit_chain` and `audit_checkpoints`.

use sea_orm_migration::prelude::*;

use crate::schema::Steps;
use crate::{append_only, m20261121_000002_audit_events, m20261121_000008_change_log};

const AUDIT_EVENTS: &str = "audit_events";
const AUDIT_CHAIN: &str = "audit_chain";
const AUDIT_CHECKPOINTS: &str = "audit_checkpoints";

/// Only the trail before this one has it.
const OF_THE_OLD: &str = "actor_name";

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let steps = Steps::on(manager)?;
        // Its personal values were never sealed, and it has no chain that could be gone on with.
        if manager.has_column(AUDIT_EVENTS, OF_THE_OLD).await? {
            steps.drop_table(AUDIT_EVENTS).await?;
        }
        steps.create_table(AUDIT_EVENTS, &mut events(&steps)).await?;
        steps.add_sequence(AUDIT_EVENTS, "seq", "uq_audit_events_seq").await?;
        for (name, columns) in [
            ("ix_audit_events_recorded_at", &["recorded_at", "id"][..]),
            ("ix_audit_events_subject", &["subject_id", "recorded_at", "id"]),
            ("ix_audit_events_actor", &["actor_id", "recorded_at", "id"]),
            ("ix_audit_events_target", &["target_id", "recorded_at", "id"]),
            ("ix_audit_events_action", &["action", "recorded_at", "id"]),
        ] {
            steps.index(AUDIT_EVENTS, name, columns).await?;
        }
        steps.create_table(AUDIT_CHAIN, &mut chain(&steps)).await?;
        steps.unique(AUDIT_CHAIN, "uq_audit_chain_event_id", &["event_id"]).await?;
        steps.create_table(AUDIT_CHECKPOINTS, &mut checkpoints(&steps)).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let steps = Steps::on(manager)?;
        for table in [AUDIT_CHECKPOINTS, AUDIT_CHAIN, AUDIT_EVENTS] {
            append_only::unpin(manager, table).await?;
            steps.drop_table(table).await?;
        }
        append_only::forget(manager).await?;
        // As the migrations before this one left it.
        m20261121_000002_audit_events::Migration.up(manager).await?;
        m20261121_000008_change_log::Migration.up(manager).await
    }
}

fn events(steps: &Steps<'_, '_>) -> TableCreateStatement {
    Table::create()
        .col(steps.uuid("id").not_null().primary_key())
        .col(steps.moment("recorded_at").not_null())
        .col(steps.text("action", 64).not_null())
        .col(steps.text("actor_type", 16).not_null())
        .col(steps.uuid("actor_id").null())
        .col(steps.text("target_type", 16).not_null())
        .col(steps.uuid("target_id").not_null())
        .col(steps.uuid("subject_id").null())
        .col(steps.json_text("fields").not_null())
        .col(steps.json_text("origin").null())
        .col(steps.json_text("changes").null())
        .col(steps.text("request_id", 128).null())
        .col(steps.uuid("session_id").null())
        .col(steps.digest("mac").not_null())
        .take()
}

fn chain(steps: &Steps<'_, '_>) -> TableCreateStatement {
    Table::create()
        .col(steps.position("position").not_null().primary_key())
        .col(steps.uuid("event_id").not_null())
        .col(steps.digest("hash").not_null())
        .take()
}

fn checkpoints(steps: &Steps<'_, '_>) -> TableCreateStatement {
    Table::create()
        .col(steps.position("position").not_null().primary_key())
        .col(steps.digest("hash").not_null())
        .col(steps.moment("recorded_at").not_null())
        .col(steps.text("key_id", 64).not_null())
        .col(steps.fixed_bytes("signature", 64).not_null())
        .take()
}
