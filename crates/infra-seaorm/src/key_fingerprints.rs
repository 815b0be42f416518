//! The table `key_fingerprints`.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::ports::{KeyFingerprints, StorageError};
use domain::values::Digest;
use sea_orm::{ConnectionTrait as _, DatabaseConnection, DbBackend, QueryResult, Statement};

use crate::digests::{from_stored_digest, to_stored_digest};
use crate::faults::unreadable;
use crate::moments::to_stored;
use crate::statements::{statement, upsert};
use crate::storage::SeaOrmStorage;

#[async_trait]
impl KeyFingerprints for SeaOrmStorage {
    async fn kept(&self, key: &str) -> Result<Option<Digest>, StorageError> {
        let find = find(self.backend(), key);
        let ask = move |db: DatabaseConnection| {
            let find = find.clone();
            async move { db.query_all_raw(find).await }
        };
        fingerprint(&self.read(ask).await?)
    }

    async fn keep(&self, key: &str, new: Digest, now: DateTime<Utc>) -> Result<Digest, StorageError> {
        let mut unit = self.begin_unit().await?;
        unit.enter()?;
        // Changes nothing of a row that is there, and yet waits for whoever is about to insert it.
        let insert = upsert(unit.backend(), INSERT, "name", "name = key_fingerprints.name");
        let values = [key.into(), to_stored_digest(new), to_stored(now).into()];
        unit.execute(statement(unit.backend(), &insert, values)).await?;
        let rows = unit.rows(find(unit.backend(), key)).await?;
        unit.succeed();
        let kept = fingerprint(&rows)?;
        unit.end().await?;
        Ok(kept.unwrap_or(new))
    }

    async fn replace(
        &self,
        key: &str,
        from: Digest,
        to: Digest,
        now: DateTime<Utc>,
    ) -> Result<Option<Digest>, StorageError> {
        let mut unit = self.begin_unit().await?;
        unit.enter()?;
        let values = [to_stored_digest(to), to_stored(now).into(), key.into(), to_stored_digest(from)];
        unit.execute(statement(unit.backend(), REPLACE, values)).await?;
        let rows = unit.rows(find(unit.backend(), key)).await?;
        unit.succeed();
        let kept = fingerprint(&rows)?;
        unit.end().await?;
        Ok(kept)
    }
}

fn find(backend: DbBackend, key: &str) -> Statement {
    statement(backend, FIND, [key.into()])
}

fn fingerprint(rows: &[QueryResult]) -> Result<Option<Digest>, StorageError> {
    let Some(row) = rows.first() else { return Ok(None) };
    let bytes: Vec<u8> = row.try_get("", "fingerprint").map_err(unreadable)?;
    Ok(Some(from_stored_digest(&bytes)?))
}

const INSERT: &str = "INSERT INTO key_fingerprints (name, fingerprint, created_at) VALUES (?, ?, ?)";
const REPLACE: &str = "UPDATE key_fingerprints SET fingerprint = ?, created_at = ? WHERE name = ? AND fingerprint = ?";
const FIND: &str = "SELECT fingerprint FROM key_fingerprints WHERE name = ?";
