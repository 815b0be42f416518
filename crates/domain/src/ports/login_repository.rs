//! Sign-ins within a unit of work: who came when and from where, and who failed.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::StorageError;
use crate::login::{FailureRun, LoginKey};
use crate::values::{Digest, UserUuid};

/// Keeps failures and sign-ins.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait LoginRepository: Send {
    /// The failures under this key, if there are any. Until the unit ends nobody else reads or changes them here, whether
    /// there are any or not; of two units at once one waits, or fails retryably.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn failures(&mut self, key: LoginKey) -> Result<Option<FailureRun>, StorageError>;

    /// Puts this run in the place of the one before. Call it after [`failures`](Self::failures) of the same key.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn set_failures(&mut self, key: LoginKey, run: FailureRun) -> Result<(), StorageError>;

    /// Notes that somebody was told to wait under this key; whether nobody was since its last failure.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn note_delay(&mut self, key: LoginKey) -> Result<bool, StorageError>;

    /// Forgets the failures under this key.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn forget_failures(&mut self, key: LoginKey) -> Result<(), StorageError>;

    /// Forgets every failure of this name, from wherever; whether there was one.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn forget_name(&mut self, name: Digest) -> Result<bool, StorageError>;

    /// Notes that a user signed in, from this network. The time never goes back.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn signed_in(&mut self, user: UserUuid, network: Digest, now: DateTime<Utc>) -> Result<(), StorageError>;

    /// Deletes, at most `limit` of each, runs that are over and networks that nobody came from since `networks_before`.
    /// Returns how many were deleted.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn clean_up(
        &mut self,
        now: DateTime<Utc>,
        networks_before: DateTime<Utc>,
        limit: u32,
    ) -> Result<u64, StorageError>;
}
