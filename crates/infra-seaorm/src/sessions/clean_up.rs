//! Deleting sessions that ended long ago, or whose user is erased.

use chrono::{DateTime, Utc};
use domain::ports::StorageError;
use domain::values::UserUuid;
use sea_orm::{DbBackend, Statement, Value};
use uuid::Uuid;

use crate::faults::unreadable;
use crate::moments::to_stored;
use crate::statements::{delete_some, list_of, lists, locking, statement};
use crate::unit::Unit;

/// A session may have had a token every few minutes for months. So many are deleted by one statement, which has to end in
/// time, and so many statements in one unit of work.
const TOKENS_AT_ONCE: u64 = 2_000;
const STATEMENTS_AT_ONCE: u32 = 10;

/// Deletes sessions that ended before, at most `limit`, and their tokens. Sessions of which there are tokens left stay for
/// the next time.
pub(super) async fn sessions(unit: &Unit, before: DateTime<Utc>, limit: u32) -> Result<u64, StorageError> {
    let ended = ended(unit, before, limit).await?;
    if ended.is_empty() {
        return Ok(0);
    }
    for _ in 0..STATEMENTS_AT_ONCE {
        if unit.execute(delete_tokens(unit.backend(), &ended)).await? < TOKENS_AT_ONCE {
            break;
        }
    }
    unit.execute(delete_sessions(unit.backend(), &ended)).await
}

/// Deletes every session of a user, and their tokens.
pub(crate) async fn forget(unit: &Unit, user: UserUuid) -> Result<(), StorageError> {
    // Locked, because a refresh adds a token without a look at the user.
    let sql = format!("SELECT id FROM sessions WHERE user_uuid = ?{}", locking(unit.backend()));
    let rows = unit.rows(statement(unit.backend(), &sql, [user.get().into()])).await?;
    let sessions: Vec<Uuid> =
        rows.iter().map(|row| row.try_get("", "id")).collect::<Result<_, _>>().map_err(unreadable)?;
    for list in lists(&sessions) {
        while unit.execute(delete_tokens(unit.backend(), &list)).await? == TOKENS_AT_ONCE {}
    }
    let sql = "DELETE FROM sessions WHERE user_uuid = ?";
    unit.execute(statement(unit.backend(), sql, [user.get().into()])).await.map(|_| ())
}

async fn ended(unit: &Unit, before: DateTime<Utc>, limit: u32) -> Result<Vec<Uuid>, StorageError> {
    let limit = u64::from(limit);
    let mut rows = unit.rows(expired(unit.backend(), before, limit)).await?;
    let left = limit.saturating_sub(rows.len() as u64);
    if left > 0 {
        rows.extend(unit.rows(revoked(unit.backend(), before, left)).await?);
    }
    let ids = rows.iter().map(|row| row.try_get("", "id"));
    let mut ids: Vec<Uuid> = ids.collect::<Result<_, _>>().map_err(unreadable)?;
    // Two that clean up at once take the rows in one order.
    ids.sort_unstable();
    Ok(ids)
}

/// Sessions that ended by themselves.
pub(super) fn expired(backend: DbBackend, before: DateTime<Utc>, limit: u64) -> Statement {
    let sql = "SELECT id FROM sessions WHERE expires_at < ? ORDER BY expires_at, id LIMIT ?";
    statement(backend, sql, [to_stored(before).into(), limit.into()])
}

/// Sessions that were revoked and would go on otherwise.
pub(super) fn revoked(backend: DbBackend, before: DateTime<Utc>, limit: u64) -> Statement {
    let sql = "SELECT id FROM sessions WHERE revoked_at < ? AND expires_at >= ? ORDER BY revoked_at, id LIMIT ?";
    let before = to_stored(before);
    statement(backend, sql, [before.into(), before.into(), limit.into()])
}

pub(super) fn delete_tokens(backend: DbBackend, sessions: &[Uuid]) -> Statement {
    let of_these = format!("session_id IN ({})", list_of(sessions.len()));
    let sql = delete_some(backend, "refresh_tokens", "digest", &of_these, "session_id");
    statement(backend, &sql, ids(sessions).chain([TOKENS_AT_ONCE.into()]))
}

/// Deletes those of these sessions that have no tokens any more.
pub(super) fn delete_sessions(backend: DbBackend, sessions: &[Uuid]) -> Statement {
    let sql = format!(
        "DELETE FROM sessions WHERE id IN ({}) \
         AND NOT EXISTS (SELECT 1 FROM refresh_tokens WHERE session_id = sessions.id)",
        list_of(sessions.len())
    );
    statement(backend, &sql, ids(sessions))
}

fn ids(sessions: &[Uuid]) -> impl Iterator<Item = Value> {
    sessions.iter().map(|id| Value::from(*id))
}
