//! Reading the audit trail, outside any unit of work.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::audit::{ListEvents, Place, SealedEvent, StoredEvent};
use domain::ports::{AuditQueries, StorageError, WrappedKey};
use domain::values::UserUuid;
use sea_orm::{DbBackend, QueryResult, Statement};

use super::listing::listing;
use super::row::{event, event_columns, number};
use crate::digests::from_stored_digest;
use crate::faults::unreadable;
use crate::moments::to_stored;
use crate::statements::statement;
use crate::storage::SeaOrmStorage;
use crate::subject_keys;

#[async_trait]
impl AuditQueries for SeaOrmStorage {
    async fn list(&self, query: &ListEvents) -> Result<Vec<StoredEvent>, StorageError> {
        let rows = self.rows_of(listing(self.backend(), query)).await?;
        rows.iter().map(stored).collect()
    }

    async fn history(
        &self,
        subject: UserUuid,
        until: Option<DateTime<Utc>>,
        after: i64,
        limit: u32,
    ) -> Result<Vec<(i64, SealedEvent)>, StorageError> {
        let rows = self.rows_of(history(self.backend(), subject, until, after, limit)).await?;
        let numbered = |row| Ok((numbered(row)?, event(row)?));
        rows.iter().map(numbered).collect()
    }

    async fn subject_keys(&self, subjects: &[UserUuid]) -> Result<Vec<(UserUuid, WrappedKey)>, StorageError> {
        let mut found = Vec::new();
        for select in subject_keys::find(self.backend(), subjects) {
            found.extend(subject_keys::keys_in(&self.rows_of(select).await?)?);
        }
        Ok(found)
    }
}

/// The events of one person are found by their index and sorted, few as they are: in the order of the numbers a database
/// might rather look through everybody's, so here the number is one that no index has.
pub(super) fn history(
    backend: DbBackend,
    subject: UserUuid,
    until: Option<DateTime<Utc>>,
    after: i64,
    limit: u32,
) -> Statement {
    let (columns, number) = (event_columns!(), number(backend));
    let sql = format!(
        "SELECT {number} AS number, {columns} FROM audit_events \
         WHERE subject_id = ? AND recorded_at <= ? AND {number} + 0 > ? ORDER BY {number} + 0 LIMIT ?"
    );
    let until = to_stored(until.unwrap_or(DateTime::<Utc>::MAX_UTC));
    statement(backend, &sql, [subject.get().into(), until.into(), after.into(), i64::from(limit).into()])
}

pub(super) fn numbered(row: &QueryResult) -> Result<i64, StorageError> {
    row.try_get("", "number").map_err(unreadable)
}

fn stored(row: &QueryResult) -> Result<StoredEvent, StorageError> {
    let position: Option<i64> = row.try_get("", "position").map_err(unreadable)?;
    let hash: Option<Vec<u8>> = row.try_get("", "hash").map_err(unreadable)?;
    let place = match position.zip(hash) {
        Some((position, hash)) => Some(Place { position, hash: from_stored_digest(&hash)? }),
        None => None,
    };
    Ok(StoredEvent { event: event(row)?, place })
}
