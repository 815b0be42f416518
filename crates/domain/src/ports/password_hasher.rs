//! Slow work on passwords.

use std::error::Error;
use std::time::Duration;

use async_trait::async_trait;

use crate::values::{PasswordHash, PlainPassword};

/// Hashes passwords and compares them with hashes, away from the threads that answer requests.
///
/// Call it before a unit of work begins, never inside one.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait PasswordHasher: Send + Sync {
    /// Hashes with a new salt. No part of a long password is cut off.
    ///
    /// # Errors
    ///
    /// - [`HashPasswordError::Overloaded`] at once if too many are waiting.
    /// - [`HashPasswordError::Failed`] if hashing itself failed.
    async fn hash(&self, password: PlainPassword) -> Result<PasswordHash, HashPasswordError>;

    /// Whether the password fits the hash. A hash that cannot be read fits no password.
    ///
    /// # Errors
    ///
    /// As [`hash`](Self::hash).
    async fn verify(&self, password: PlainPassword, hash: PasswordHash) -> Result<bool, HashPasswordError>;
}

/// Why a password was not hashed or compared.
#[derive(Debug, thiserror::Error)]
pub enum HashPasswordError {
    /// Too many are waiting already.
    #[error("too many passwords are waiting to be hashed")]
    Overloaded {
        /// When it is worth trying again.
        retry_after: Duration,
    },
    /// Hashing failed.
    #[error("hashing failed")]
    Failed(#[source] Box<dyn Error + Send + Sync>),
}
