//! The chain of events, which one process at a time makes longer.

use async_trait::async_trait;

use super::StorageError;
use crate::audit::{ChainLink, ChainedEvent, Checkpoint, NumberedEvent};

/// Gives events their places, and reads them in order.
///
/// Nothing here is ever changed or taken away.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait AuditChain: Send + Sync {
    /// The last link; `None` before the first.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn head(&self) -> Result<Option<ChainLink>, StorageError>;

    /// The greatest number among events that have places; zero before the first.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn last_sequenced(&self) -> Result<i64, StorageError>;

    /// Committed events without a place whose numbers are greater than `after` and not greater than `up_to` (if given), at
    /// most `limit`, the least number first.
    ///
    /// Numbers grow as events are written, which may be some moments before they are committed: a smaller one may appear
    /// after a greater one.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn unsequenced(&self, after: i64, up_to: Option<i64>, limit: u32)
    -> Result<Vec<NumberedEvent>, StorageError>;

    /// Makes the chain longer, and signs it off where there is a checkpoint: all of it or nothing. Either may be empty.
    ///
    /// # Errors
    ///
    /// - [`AppendLinksError::Taken`] if a position, an event or a checkpoint's position is taken already: somebody else
    ///   is at work.
    /// - [`AppendLinksError::Storage`], where the outcome may be unknown.
    async fn append(&self, links: &[ChainLink], checkpoint: Option<Checkpoint>) -> Result<(), AppendLinksError>;

    /// Links with their events at positions greater than `after`, in order, at most `limit`.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn links(&self, after: i64, limit: u32) -> Result<Vec<ChainedEvent>, StorageError>;

    /// Checkpoints at positions greater than `after`, in order, at most `limit`.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn checkpoints(&self, after: i64, limit: u32) -> Result<Vec<Checkpoint>, StorageError>;

    /// The last checkpoint.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn last_checkpoint(&self) -> Result<Option<Checkpoint>, StorageError>;
}

/// Why the chain did not become longer.
#[derive(Debug, thiserror::Error)]
pub enum AppendLinksError {
    /// Somebody else has made it longer meanwhile.
    #[error("the chain was continued by another process")]
    Taken,
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}
