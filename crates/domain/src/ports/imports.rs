//! How far imports have come, within a unit of work.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::StorageError;
use crate::values::Digest;

/// How far the import of one source has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportProgress {
    /// Stands for what is imported, and how.
    pub source: Digest,
    /// How many records were dealt with, whatever came of them.
    pub records: i64,
    /// SHA-256 over these records: whether a file is still the same as far as that.
    pub prefix: Digest,
    /// How many users were made.
    pub created: i64,
    /// How many were changed.
    pub updated: i64,
    /// How many were there already and left alone.
    pub skipped: i64,
    /// How many records were rejected.
    pub rejected: i64,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When a part was last stored.
    pub updated_at: DateTime<Utc>,
    /// When its end was reached.
    pub finished_at: Option<DateTime<Utc>>,
}

/// Keeps the progress of imports, in the unit of work that stores the users.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait ImportRepository: Send {
    /// The progress that is stored for a source, locked where the storage can.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn find(&mut self, source: Digest) -> Result<Option<ImportProgress>, StorageError>;

    /// Stores progress in the place of one with `seen` records; `None` if nothing is stored yet.
    ///
    /// # Errors
    ///
    /// [`StorageError`]; [`Failed`](super::StorageFault::Failed) if another process has gone on with the same source.
    async fn save(&mut self, progress: &ImportProgress, seen: Option<i64>) -> Result<(), StorageError>;
}
