//! The key of each person, with which personal values in the audit trail are sealed.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretBox};

use super::StorageError;
use crate::values::UserUuid;

/// A person's key: 256 random bits. It never prints.
#[derive(Clone)]
pub struct SubjectKey(Arc<SecretBox<[u8; 32]>>);

impl SubjectKey {
    /// Takes a key that was just made or unwrapped.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Arc::new(SecretBox::new(Box::new(bytes))))
    }

    /// The bytes, for sealing and opening.
    pub fn expose(&self) -> &[u8; 32] {
        self.0.expose_secret()
    }
}

impl fmt::Debug for SubjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SubjectKey(..)")
    }
}

/// A person's key as it is stored: sealed under the service's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrappedKey {
    /// Which of the service's keys opens it; at most 64 characters of ASCII.
    pub key_id: String,
    /// The sealed key, at most 128 bytes.
    pub bytes: Vec<u8>,
}

/// Makes people's keys, and seals with them.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait SubjectSealer: Send + Sync {
    /// A new random key for this person, and the form in which it is stored.
    fn new_key(&self, subject: UserUuid) -> (SubjectKey, WrappedKey);

    /// The key in what is stored of this person; `None` if none of the service's keys opens it.
    fn unwrap(&self, subject: UserUuid, wrapped: &WrappedKey) -> Option<SubjectKey>;

    /// The same key wrapped by the key that the service uses now; `None` if it is that already, or cannot be opened.
    fn rewrap(&self, subject: UserUuid, wrapped: &WrappedKey) -> Option<WrappedKey>;

    /// The name of the key that the service uses now, as [`WrappedKey::key_id`] has it.
    fn key_id(&self) -> String;

    /// Whether `wrapped` was made with the key that the service uses now.
    fn is_current(&self, wrapped: &WrappedKey) -> bool;

    /// Base64url of nonce and ciphertext; only whoever has the key and `bound_to` opens it.
    fn seal(&self, key: &SubjectKey, plain: &[u8], bound_to: &[u8]) -> String;

    /// What [`seal`](Self::seal) was given; `None` for anything that was not sealed with this key and `bound_to`.
    fn open(&self, key: &SubjectKey, sealed: &str, bound_to: &[u8]) -> Option<Vec<u8>>;
}

/// Keeps people's keys, within a unit of work.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait SubjectKeyRepository: Send {
    /// The keys of these people, in any order; those who have none are left out.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn find(&mut self, subjects: &[UserUuid]) -> Result<Vec<(UserUuid, WrappedKey)>, StorageError>;

    /// Stores the keys of people who have none.
    ///
    /// # Errors
    ///
    /// [`StorageError`]; retryable if one of them has a key by now.
    async fn insert(&mut self, keys: &[(UserUuid, WrappedKey)]) -> Result<(), StorageError>;

    /// Keys that this key of the service does not wrap, of people after `after` by uuid, in that order, at most `limit`.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn find_wrapped_otherwise(
        &mut self,
        key_id: &str,
        after: Option<UserUuid>,
        limit: u32,
    ) -> Result<Vec<(UserUuid, WrappedKey)>, StorageError>;

    /// Puts `to` in the place of `from`, where that is still stored.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn rewrap(&mut self, subject: UserUuid, from: &WrappedKey, to: &WrappedKey) -> Result<(), StorageError>;
}
