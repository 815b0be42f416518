//! Learning of what other processes changed.

use async_trait::async_trait;

use super::StorageError;
use crate::audit::AccessChange;

/// Tells which users and sessions changed, in the order in which the changes were written.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait ChangeLog: Send + Sync {
    /// The greatest number that was given to a change so far; zero before the first.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn newest(&self) -> Result<i64, StorageError>;

    /// Committed changes with greater numbers than this, at most `limit`, the least first.
    ///
    /// Numbers grow as changes are written, which may be some moments before they are committed: a smaller one may appear
    /// after a greater one.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn after(&self, number: i64, limit: u32) -> Result<Vec<LoggedChange>, StorageError>;
}

/// One change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoggedChange {
    /// Its number; no two changes have the same.
    pub number: i64,
    /// What changed.
    pub change: AccessChange,
}
