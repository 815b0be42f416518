//! Whether MySQL refuses a change, found out by trying: for users to whom it does not show the triggers.

use sea_orm_migration::sea_orm::{AccessMode, ConnectionTrait, DbErr, TransactionSession, TransactionTrait};

use super::{Protection, Refuses};
use crate::faults::{Refusal, refusal};

/// Whether the change is refused, tried on a row that nobody else ever sees.
pub(super) async fn is_refused<C: TransactionTrait>(db: &C, protection: &Protection) -> Result<bool, DbErr> {
    let Some(trial) = Trial::on(protection.table) else { return Ok(false) };
    let change = match protection.refuses {
        Refuses::Update => format!("UPDATE {} SET {} WHERE {}", protection.table, trial.unchanged, trial.row),
        Refuses::Delete => format!("DELETE FROM {} WHERE {}", protection.table, trial.row),
        // What ends the transaction cannot be tried.
        Refuses::Truncate | Refuses::Replace | Refuses::Change => return Ok(false),
    };
    // On a cluster nothing may be changed by whoever does not ask for it.
    let transaction = db.begin_with_config(None, Some(AccessMode::ReadWrite)).await?;
    let asked = ask(&transaction, trial.insert, &change).await;
    transaction.rollback().await?;
    asked
}

/// A user who may not change the table at all is refused as well.
async fn ask<C: ConnectionTrait>(transaction: &C, insert: &str, change: &str) -> Result<bool, DbErr> {
    transaction.execute_unprepared(IDS).await?;
    match transaction.execute_unprepared(insert).await {
        Err(error) if refusal(&error) == Some(Refusal::Denied) => return Ok(false),
        inserted => inserted?,
    };
    match transaction.execute_unprepared(change).await {
        Err(error) if matches!(refusal(&error), Some(Refusal::AppendOnly | Refusal::Denied)) => Ok(true),
        changed => changed.map(|_| false),
    }
}

/// Ids of its own for each trial, so that none waits for another. Numbers are below zero, so that none is given in vain.
const IDS: &str = "SET @trial_id = UNHEX(REPLACE(UUID(), '-', '')), \
                   @trial_number = -1 - CAST(UUID_SHORT() % 1000000000000000000 AS SIGNED)";

/// A row, and how to find it.
struct Trial {
    insert: &'static str,
    row: &'static str,
    unchanged: &'static str,
}

impl Trial {
    fn on(table: &str) -> Option<Self> {
        Some(match table {
            "audit_events" => Self {
                insert: "INSERT INTO audit_events (id, recorded_at, action, actor_type, target_type, target_id, fields, mac, seq) \
                         VALUES (@trial_id, '1970-01-01', 'trial', 'system', 'trial', @trial_id, '', \
                         REPEAT('-', 32), @trial_number)",
                row: "id = @trial_id",
                unchanged: "action = action",
            },
            "audit_chain" => Self {
                insert: "INSERT INTO audit_chain (position, event_id, hash) VALUES (@trial_number, @trial_id, REPEAT('-', 32))",
                row: "position = @trial_number",
                unchanged: "hash = hash",
            },
            "audit_checkpoints" => Self {
                insert: "INSERT INTO audit_checkpoints (position, hash, recorded_at, key_id, signature) \
                         VALUES (@trial_number, REPEAT('-', 32), '1970-01-01', 'trial', REPEAT('-', 64))",
                row: "position = @trial_number",
                unchanged: "hash = hash",
            },
            "erased_users" => Self {
                insert: "INSERT INTO erased_users (id, uuid, erased_at) VALUES (@trial_number, @trial_id, '1970-01-01')",
                row: "id = @trial_number",
                unchanged: "uuid = uuid",
            },
            _ => return None,
        })
    }
}
