//! The audit trail as a log of changes that other processes follow.

use async_trait::async_trait;
use domain::audit::{AccessChange, Effect};
use domain::ports::{ChangeLog, LoggedChange, StorageError};
use domain::values::{SessionId, UserUuid};
use sea_orm::{DbBackend, FromQueryResult, Statement};
use uuid::Uuid;

use crate::faults::unreadable;
use crate::storage::SeaOrmStorage;

/// Constant, because every process asks several times a second.
macro_rules! select_after {
    ($number:literal, $after:literal, $limit:literal) => {
        concat!(
            "SELECT ",
            $number,
            " AS number, action, target_type, target_id, subject_id FROM audit_events WHERE ",
            $number,
            " > ",
            $after,
            " ORDER BY ",
            $number,
            " LIMIT ",
            $limit
        )
    };
}

/// The newest number, and what comes after a number.
///
/// SQLite gives every row a number of its own that grows, the `rowid`. Events are never taken back, so no number is given
/// twice.
pub(crate) fn change_log_statements(backend: DbBackend, number: i64, limit: u32) -> [Statement; 2] {
    let (newest, after) = match backend {
        DbBackend::Sqlite => {
            ("SELECT COALESCE(MAX(rowid), 0) AS number FROM audit_events", select_after!("rowid", "?", "?"))
        }
        DbBackend::Postgres => {
            ("SELECT COALESCE(MAX(seq), 0) AS number FROM audit_events", select_after!("seq", "$1", "$2"))
        }
        _ => ("SELECT COALESCE(MAX(seq), 0) AS number FROM audit_events", select_after!("seq", "?", "?")),
    };
    [
        Statement::from_string(backend, newest),
        Statement::from_sql_and_values(backend, after, [number.into(), i64::from(limit).into()]),
    ]
}

#[async_trait]
impl ChangeLog for SeaOrmStorage {
    async fn newest(&self) -> Result<i64, StorageError> {
        let [newest, _] = change_log_statements(self.backend(), 0, 0);
        let rows = self.rows_of(newest).await?;
        rows.first().map_or(Ok(0), |row| row.try_get("", "number")).map_err(unreadable)
    }

    async fn after(&self, number: i64, limit: u32) -> Result<Vec<LoggedChange>, StorageError> {
        let [_, after] = change_log_statements(self.backend(), number, limit);
        let rows = self.rows_of(after).await?;
        let change = |row| ChangeRow::from_query_result(row, "").map(LoggedChange::from);
        rows.iter().map(change).collect::<Result<_, _>>().map_err(unreadable)
    }
}

#[derive(Debug, FromQueryResult)]
struct ChangeRow {
    number: i64,
    action: String,
    target_type: String,
    target_id: Uuid,
    subject_id: Option<Uuid>,
}

impl From<ChangeRow> for LoggedChange {
    fn from(row: ChangeRow) -> Self {
        let is_about = |kind| (row.target_type == kind).then_some(row.target_id);
        // A program from before there were subjects may still be at work, and its events are about users alone.
        let user = row.subject_id.or_else(|| is_about("user"));
        let change = AccessChange {
            user: user.map(UserUuid::new),
            session: is_about("session").map(SessionId::new),
            effect: Effect::of(&row.action),
        };
        Self { number: row.number, change }
    }
}
