//! Deleting sessions that ended long ago.

use chrono::{DateTime, NaiveDateTime, Utc};
use domain::ports::StorageError;
use sea_orm::Value;
use uuid::Uuid;

use crate::faults::unreadable;
use crate::moments::to_stored;
use crate::statements::{delete_some, list_of, statement};
use crate::unit::Unit;

/// Sessions that ended by themselves, and those that were revoked before.
const EXPIRED: &str = "SELECT id FROM sessions WHERE expires_at < ? ORDER BY expires_at, id LIMIT ?";
const REVOKED: &str =
    "SELECT id FROM sessions WHERE revoked_at < ? AND expires_at >= ? ORDER BY revoked_at, id LIMIT ?";

/// A session may have had a token every few minutes for months. So many are deleted by one statement, which has to end in
/// time, and so many statements in one unit of work.
const TOKENS_AT_ONCE: u64 = 2_000;
const STATEMENTS_AT_ONCE: u32 = 10;

/// Deletes sessions that ended before, at most `limit`, and their tokens. Sessions of which there are tokens left stay for
/// the next time.
pub(super) async fn sessions(unit: &Unit, before: DateTime<Utc>, limit: u32) -> Result<u64, StorageError> {
    let ended = ended(unit, to_stored(before), limit).await?;
    if ended.is_empty() {
        return Ok(0);
    }
    let ids = || ended.iter().map(|id| Value::from(*id));
    let list = list_of(ended.len());
    let of_these = format!("session_id IN ({list})");
    let tokens = delete_some(unit.backend(), "refresh_tokens", "digest", &of_these, "session_id");
    for _ in 0..STATEMENTS_AT_ONCE {
        let values = ids().chain([TOKENS_AT_ONCE.into()]);
        if unit.execute(statement(unit.backend(), &tokens, values)).await? < TOKENS_AT_ONCE {
            break;
        }
    }
    let without_tokens = format!(
        "DELETE FROM sessions WHERE id IN ({list}) \
         AND NOT EXISTS (SELECT 1 FROM refresh_tokens WHERE session_id = sessions.id)"
    );
    unit.execute(statement(unit.backend(), &without_tokens, ids())).await
}

async fn ended(unit: &Unit, before: NaiveDateTime, limit: u32) -> Result<Vec<Uuid>, StorageError> {
    let limit = u64::from(limit);
    let mut rows = unit.rows(statement(unit.backend(), EXPIRED, [before.into(), limit.into()])).await?;
    let left = limit.saturating_sub(rows.len() as u64);
    if left > 0 {
        rows.extend(unit.rows(statement(unit.backend(), REVOKED, [before.into(), before.into(), left.into()])).await?);
    }
    let mut ids: Vec<Uuid> =
        rows.iter().map(|row| row.try_get("", "id")).collect::<Result<_, _>>().map_err(unreadable)?;
    // Two that clean up at once take the rows in one order.
    ids.sort_unstable();
    Ok(ids)
}
