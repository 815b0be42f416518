//! The chain of events.

use async_trait::async_trait;
use domain::audit::{ChainLink, ChainedEvent, Checkpoint, NumberedEvent};
use domain::ports::{AppendLinksError, AuditChain, StorageError};
use sea_orm::{DbBackend, QueryResult, Statement};

use super::links::{chained, checkpoint, checkpoint_values, link, link_values};
use super::queries::numbered;
use super::row::{event, event_columns, number};
use crate::faults::{Failure, unreadable};
use crate::statements::{list_of, statement};
use crate::storage::SeaOrmStorage;
use crate::unit::Unit;

#[async_trait]
impl AuditChain for SeaOrmStorage {
    async fn head(&self) -> Result<Option<ChainLink>, StorageError> {
        let rows = self.rows_of(statement(self.backend(), HEAD, [])).await?;
        rows.first().map(link).transpose()
    }

    async fn last_sequenced(&self) -> Result<i64, StorageError> {
        let rows = self.rows_of(last_sequenced(self.backend(), LAST_PLACES)).await?;
        Ok(whole(&rows)?.unwrap_or_default())
    }

    async fn unsequenced(
        &self,
        after: i64,
        up_to: Option<i64>,
        limit: u32,
    ) -> Result<Vec<NumberedEvent>, StorageError> {
        let (mut from, up_to) = (after, up_to.unwrap_or(i64::MAX));
        let mut found = Vec::new();
        // Window by window, as of millions of events hardly any may be without a place.
        while let Some(left) = left(limit, &found) {
            let Some(first) = whole(&self.rows_of(next(self.backend(), from, up_to)).await?)? else { break };
            let until = Ord::min(first.saturating_add(WINDOW - 1), up_to);
            for row in self.rows_of(unsequenced(self.backend(), first, until, left)).await? {
                found.push(NumberedEvent { number: numbered(&row)?, event: event(&row)? });
            }
            from = until;
        }
        Ok(found)
    }

    async fn append(&self, links: &[ChainLink], checkpoint: Option<Checkpoint>) -> Result<(), AppendLinksError> {
        let mut unit = self.begin_unit().await?;
        unit.enter()?;
        write(&unit, links, checkpoint).await.map_err(|failure| {
            if unit.is_conflict(&failure) { AppendLinksError::Taken } else { unit.storage_error(failure).into() }
        })?;
        unit.succeed();
        Ok(unit.end().await?)
    }

    async fn links(&self, after: i64, limit: u32) -> Result<Vec<ChainedEvent>, StorageError> {
        let rows = self.rows_of(links(self.backend(), after, limit)).await?;
        rows.iter().map(chained).collect()
    }

    async fn checkpoints(&self, after: i64, limit: u32) -> Result<Vec<Checkpoint>, StorageError> {
        let values = [after.into(), i64::from(limit).into()];
        let rows = self.rows_of(statement(self.backend(), CHECKPOINTS, values)).await?;
        rows.iter().map(checkpoint).collect()
    }

    async fn last_checkpoint(&self) -> Result<Option<Checkpoint>, StorageError> {
        let rows = self.rows_of(statement(self.backend(), LAST_CHECKPOINT, [])).await?;
        rows.first().map(checkpoint).transpose()
    }
}

async fn write(unit: &Unit, links: &[ChainLink], checkpoint: Option<Checkpoint>) -> Result<(), Failure> {
    unit.insert_rows(INSERT, links, link_values, |_| 128).await?;
    if let Some(checkpoint) = checkpoint {
        let sql = format!("{INSERT_CHECKPOINT} VALUES ({})", list_of(5));
        unit.try_execute(statement(unit.backend(), &sql, checkpoint_values(&checkpoint))).await?;
    }
    Ok(())
}

/// How many are still wanted; `None` if none is.
fn left(limit: u32, found: &[NumberedEvent]) -> Option<u32> {
    let found = u32::try_from(found.len()).unwrap_or(u32::MAX);
    limit.checked_sub(found).filter(|left| *left > 0)
}

/// The one number in the answer.
fn whole(rows: &[QueryResult]) -> Result<Option<i64>, StorageError> {
    rows.first().map_or(Ok(None), |row| row.try_get("", "number")).map_err(unreadable)
}

/// Events get their places in about the order of their numbers, so the greatest number is among the last places, however
/// long the chain is. Each event is looked up by its key: for a join a database might read all of them.
pub(super) fn last_sequenced(backend: DbBackend, places: i64) -> Statement {
    let number = number(backend);
    let sql = format!(
        "SELECT MAX(number) AS number FROM (SELECT \
         (SELECT {number} FROM audit_events WHERE audit_events.id = audit_chain.event_id) AS number \
         FROM audit_chain ORDER BY position DESC LIMIT ?) AS last_places"
    );
    statement(backend, &sql, [places.into()])
}

/// Many more than are written at once.
const LAST_PLACES: i64 = 10_000;

/// So many numbers are looked through at a time.
const WINDOW: i64 = 2_000;

/// The least number behind another; NULL if there is none.
pub(super) fn next(backend: DbBackend, after: i64, up_to: i64) -> Statement {
    let number = number(backend);
    let sql = format!("SELECT MIN({number}) AS number FROM audit_events WHERE {number} > ? AND {number} <= ?");
    statement(backend, &sql, [after.into(), up_to.into()])
}

/// The events of a window that have no place. Which ones, two indexes tell; only those are read.
pub(super) fn unsequenced(backend: DbBackend, first: i64, until: i64, limit: u32) -> Statement {
    let (columns, number) = (event_columns!(), number(backend));
    let sql = format!(
        "SELECT number, {columns} FROM (SELECT {number} AS number, id AS waiting_id FROM audit_events \
         WHERE {number} >= ? AND {number} <= ? \
         AND NOT EXISTS (SELECT 1 FROM audit_chain WHERE audit_chain.event_id = audit_events.id) \
         ORDER BY {number} LIMIT ?) AS waiting \
         INNER JOIN audit_events ON audit_events.id = waiting.waiting_id ORDER BY number"
    );
    statement(backend, &sql, [first.into(), until.into(), i64::from(limit).into()])
}

/// An event that was taken away leaves its link.
pub(super) fn links(backend: DbBackend, after: i64, limit: u32) -> Statement {
    let sql = concat!(
        "SELECT position, event_id, hash, ",
        event_columns!(),
        " FROM audit_chain LEFT JOIN audit_events ON audit_events.id = audit_chain.event_id \
         WHERE position > ? ORDER BY position LIMIT ?"
    );
    statement(backend, sql, [after.into(), i64::from(limit).into()])
}

const HEAD: &str = "SELECT position, event_id, hash FROM audit_chain ORDER BY position DESC LIMIT 1";
const INSERT: &str = "INSERT INTO audit_chain (position, event_id, hash)";
const INSERT_CHECKPOINT: &str = "INSERT INTO audit_checkpoints (position, hash, recorded_at, key_id, signature)";
const CHECKPOINTS: &str = "SELECT position, hash, recorded_at, key_id, signature FROM audit_checkpoints \
                           WHERE position > ? ORDER BY position LIMIT ?";
const LAST_CHECKPOINT: &str = "SELECT position, hash, recorded_at, key_id, signature FROM audit_checkpoints \
                               ORDER BY position DESC LIMIT 1";
