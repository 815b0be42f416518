//! What is kept about a person, and taking it away.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{SaveUserError, StorageError};
use crate::session::Session;
use crate::user::User;
use crate::values::{SessionId, UserUuid};

/// Finds what is kept about a person, and takes it away, within a unit of work.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait ErasureRepository: Send {
    /// Deletes the user, living or not, with their sessions, refresh tokens, sign-ins, networks, one-time tokens, kept
    /// answers and key. What stays is a tombstone (number, uuid, time) and the sealed events of the audit trail, which
    /// nobody can open any more. Neither the number nor the uuid is ever given again.
    ///
    /// # Errors
    ///
    /// - [`SaveUserError::StaleVersion`] if the stored version is not [`User::stored_version`], or nobody is stored.
    /// - [`SaveUserError::Storage`].
    async fn erase(&mut self, user: &User, now: DateTime<Utc>) -> Result<(), SaveUserError>;

    /// Users who were deleted before this moment and not erased yet, at most `limit`, those deleted first first.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn deleted_before(&mut self, moment: DateTime<Utc>, limit: u32) -> Result<Vec<UserUuid>, StorageError>;

    /// The person's sessions that are kept, live or not, the greatest id first, at most `limit`; with `before`, only those
    /// with lesser ids.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn kept_sessions(
        &mut self,
        person: UserUuid,
        before: Option<SessionId>,
        limit: u32,
    ) -> Result<Vec<Session>, StorageError>;

    /// How many networks it is known that the person has signed in from.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn count_networks(&mut self, person: UserUuid) -> Result<u64, StorageError>;
}
