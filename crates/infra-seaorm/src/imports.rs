//! The table `imports`.

use async_trait::async_trait;
use chrono::NaiveDateTime;
use domain::ports::{ImportProgress, ImportRepository, StorageError};
use domain::values::Digest;
use sea_orm::{FromQueryResult, QueryResult, Value};

use crate::digests::{from_stored_digest, to_stored_digest};
use crate::faults::{Defect, unreadable};
use crate::moments::{from_stored, to_stored};
use crate::statements::{locking, statement};
use crate::unit::Unit;

#[async_trait]
impl ImportRepository for Unit {
    async fn find(&mut self, source: Digest) -> Result<Option<ImportProgress>, StorageError> {
        self.enter()?;
        let select = format!("{FIND}{}", locking(self.backend()));
        let rows = self.rows(statement(self.backend(), &select, [to_stored_digest(source)])).await?;
        let found = rows.first().map(|row| progress(source, row)).transpose()?;
        self.succeed();
        Ok(found)
    }

    async fn save(&mut self, progress: &ImportProgress, seen: Option<i64>) -> Result<(), StorageError> {
        self.enter()?;
        let source = to_stored_digest(progress.source);
        let save = match seen {
            None => statement(self.backend(), INSERT, values(progress).into_iter().chain([source])),
            Some(seen) => statement(self.backend(), UPDATE, values(progress).into_iter().chain([source, seen.into()])),
        };
        if self.execute(save).await? == 0 {
            return Err(Defect::ImportGoneOn.into());
        }
        self.succeed();
        Ok(())
    }
}

/// Every column but the source.
fn values(progress: &ImportProgress) -> [Value; 9] {
    [
        progress.records.into(),
        to_stored_digest(progress.prefix),
        progress.created.into(),
        progress.updated.into(),
        progress.skipped.into(),
        progress.rejected.into(),
        to_stored(progress.started_at).into(),
        to_stored(progress.updated_at).into(),
        progress.finished_at.map(to_stored).into(),
    ]
}

fn progress(source: Digest, row: &QueryResult) -> Result<ImportProgress, StorageError> {
    let row = ImportRow::from_query_result(row, "").map_err(unreadable)?;
    Ok(ImportProgress {
        source,
        records: row.records,
        prefix: from_stored_digest(&row.prefix)?,
        created: row.created,
        updated: row.updated,
        skipped: row.skipped,
        rejected: row.rejected,
        started_at: from_stored(row.started_at),
        updated_at: from_stored(row.updated_at),
        finished_at: row.finished_at.map(from_stored),
    })
}

#[derive(Debug, FromQueryResult)]
struct ImportRow {
    records: i64,
    prefix: Vec<u8>,
    created: i64,
    updated: i64,
    skipped: i64,
    rejected: i64,
    started_at: NaiveDateTime,
    updated_at: NaiveDateTime,
    finished_at: Option<NaiveDateTime>,
}

const FIND: &str = "SELECT records, prefix, created, updated, skipped, rejected, started_at, updated_at, finished_at \
                    FROM imports WHERE source = ?";
const INSERT: &str = "INSERT INTO imports \
                      (records, prefix, created, updated, skipped, rejected, started_at, updated_at, finished_at, source) \
                      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
const UPDATE: &str = "UPDATE imports SET records = ?, prefix = ?, created = ?, updated = ?, skipped = ?, rejected = ?, \
                      started_at = ?, updated_at = ?, finished_at = ? WHERE source = ? AND records = ?";
