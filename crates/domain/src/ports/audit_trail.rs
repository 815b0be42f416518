//! Writing down what happened.

use async_trait::async_trait;

use super::StorageError;
use crate::audit::SealedEvent;

/// The audit trail within a unit of work: insert only.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait AuditTrail: Send {
    /// Writes the events down; they are visible at commit, with the change they tell of.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn append(&mut self, events: &[SealedEvent]) -> Result<(), StorageError>;
}
