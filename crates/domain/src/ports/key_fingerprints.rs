//! Which keys the stored contents were made with.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::StorageError;
use crate::values::Digest;

/// Remembers keys by their fingerprints, so that another key is noticed before it is used.
///
/// A fingerprint is stored once, and changes only when one key takes the place of another. Names have at most 32 bytes and are compared byte by byte.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait KeyFingerprints: Send + Sync {
    /// The fingerprint that is stored for the key of this name.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn kept(&self, key: &str) -> Result<Option<Digest>, StorageError>;

    /// Stores the fingerprint of the key of this name unless one is stored, and returns the one that is stored then. Of
    /// several processes that do so at once all get the same answer.
    ///
    /// # Errors
    ///
    /// `Retryable` if another process won; nothing was changed by this one then.
    async fn keep(&self, key: &str, fingerprint: Digest, now: DateTime<Utc>) -> Result<Digest, StorageError>;

    /// Puts `to` in the place of `from`, where that is stored for the key of this name, and returns what is stored then:
    /// `to`, what another process put there, or `None` where nothing was ever kept.
    ///
    /// # Errors
    ///
    /// `Retryable` if another process was at it; nothing was changed by this one then.
    async fn replace(
        &self,
        key: &str,
        from: Digest,
        to: Digest,
        now: DateTime<Utc>,
    ) -> Result<Option<Digest>, StorageError>;
}
