//! Sessions and refresh tokens within a unit of work.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::StorageError;
use crate::session::{RefreshToken, Session};
use crate::values::{Digest, SessionId, UserUuid};

/// Loads and saves sessions and their refresh tokens.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait SessionRepository: Send {
    /// The session of that name, live or not, to be changed: where the storage can, nobody else changes it until the unit
    /// ends.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn find(&mut self, session: SessionId) -> Result<Option<Session>, StorageError>;

    /// The live sessions of a user, to be changed, the oldest first.
    ///
    /// A unit that calls this and one that opens a session of the same user at the same time follow one another, or one of
    /// them fails retryably: no session slips through whoever ends all of them.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn find_live(&mut self, user: UserUuid, now: DateTime<Utc>) -> Result<Vec<Session>, StorageError>;

    /// Stores a new session.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn insert(&mut self, session: &Session) -> Result<(), StorageError>;

    /// Replaces when the stored sessions were last used, end and were revoked.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn update(&mut self, sessions: &[Session]) -> Result<(), StorageError>;

    /// The refresh token of that digest, spent or not.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn find_token(&mut self, digest: Digest) -> Result<Option<RefreshToken>, StorageError>;

    /// Whether a token was given out for this one and has been spent in turn.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn is_successor_spent(&mut self, digest: Digest) -> Result<bool, StorageError>;

    /// Stores a token that was just given out.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn insert_token(&mut self, token: &RefreshToken) -> Result<(), StorageError>;

    /// Spends a token; whether it was unspent. Of several units that spend one token, one succeeds; another waits for it
    /// and then learns that it was too late, or fails retryably.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn spend_token(&mut self, digest: Digest, now: DateTime<Utc>) -> Result<bool, StorageError>;

    /// Deletes sessions that ended or were revoked before this moment, with their tokens, at most `limit`, and returns how
    /// many. Of a session with very many tokens a part of these may go first; it stays, uncounted, until the last one is gone.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn clean_up(&mut self, ended_before: DateTime<Utc>, limit: u32) -> Result<u64, StorageError>;
}
