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

    /// Whether the password fits the hash. A hash that cannot be read, or is none ("unusable"), fits no password.
    ///
    /// Where it does not fit, at least as much work is done as a hash of today takes, so that the time does not tell
    /// whose hash is an old one.
    ///
    /// # Errors
    ///
    /// As [`hash`](Self::hash).
    async fn verify(&self, password: PlainPassword, hash: PasswordHash) -> Result<PasswordMatch, HashPasswordError>;

    /// Does the work of [`verify`](Self::verify) for a name that nobody has, so that the time does not tell.
    ///
    /// # Errors
    ///
    /// As [`hash`](Self::hash).
    async fn verify_nobody(&self, password: PlainPassword) -> Result<(), HashPasswordError>;
}

/// Whether a password fits a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordMatch {
    /// It does not.
    No,
    /// It does.
    Yes,
    /// It does, and a new hash of it would be a better one: another algorithm, or a higher cost.
    Outdated,
}

impl PasswordMatch {
    /// Whether it fits.
    pub const fn fits(self) -> bool {
        !matches!(self, Self::No)
    }
}

/// Guesses how hard a password is to guess.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait PasswordStrength: Send + Sync {
    /// The strength of a password of somebody about whom these texts are known, such as their name.
    ///
    /// # Errors
    ///
    /// As [`PasswordHasher::hash`].
    async fn assess(&self, password: PlainPassword, about: Vec<String>) -> Result<Strength, HashPasswordError>;
}

/// How hard a password is to guess.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Strength {
    /// 0 (guessed at once) to 4 (out of reach), as zxcvbn counts.
    pub score: u8,
    /// What would make it harder, in sentences for the person.
    pub advice: Vec<String>,
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
