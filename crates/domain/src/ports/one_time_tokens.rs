//! Tokens that are good once, within a unit of work.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::StorageError;
use crate::values::{Digest, UserUuid};

/// What a token is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OneTimePurpose {
    /// Choosing a new password without the old one.
    ResetPassword,
}

impl OneTimePurpose {
    /// The purpose's name in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ResetPassword => "reset_password",
        }
    }
}

/// Keeps tokens by their digests, until they are spent.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait OneTimeTokenRepository: Send {
    /// Keeps a token; earlier ones of the same user for the same purpose are no longer good.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn replace(
        &mut self,
        purpose: OneTimePurpose,
        user: UserUuid,
        digest: Digest,
        expires_at: DateTime<Utc>,
    ) -> Result<(), StorageError>;

    /// Spends a token that has not expired, and says whose it was. Of two units that spend the same one gets it.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only; a token that was never given out, was spent or replaced, or has expired is `None`.
    async fn take(
        &mut self,
        purpose: OneTimePurpose,
        digest: Digest,
        now: DateTime<Utc>,
    ) -> Result<Option<UserUuid>, StorageError>;

    /// Takes all tokens of a user away.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn forget(&mut self, user: UserUuid) -> Result<(), StorageError>;

    /// Deletes tokens that have expired, at most `limit`, and returns how many.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn clean_up(&mut self, now: DateTime<Utc>, limit: u32) -> Result<u64, StorageError>;
}
