//! Reading the audit trail, outside any unit of work.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{StorageError, WrappedKey};
use crate::audit::{ListEvents, SealedEvent, StoredEvent};
use crate::values::UserUuid;

/// Reads the audit trail. What was committed before the call is seen.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait AuditQueries: Send + Sync {
    /// Events that match, newest first by [`EventPosition`](crate::audit::EventPosition), at most as many as asked for.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn list(&self, query: &ListEvents) -> Result<Vec<StoredEvent>, StorageError>;

    /// Events about a person whose number is greater than `after` (0 for all), in the order in which they were written, at
    /// most `limit`, each with its number; with `until`, none that happened later.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn history(
        &self,
        subject: UserUuid,
        until: Option<DateTime<Utc>>,
        after: i64,
        limit: u32,
    ) -> Result<Vec<(i64, SealedEvent)>, StorageError>;

    /// The keys of these people, in any order; those who have none, because nobody ever made one or they were erased, are
    /// left out.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn subject_keys(&self, subjects: &[UserUuid]) -> Result<Vec<(UserUuid, WrappedKey)>, StorageError>;
}
