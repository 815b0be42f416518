//! Reading about sessions and sign-ins, outside any unit of work.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::StorageError;
use crate::login::{LoginName, LoginStanding};
use crate::session::{Session, SessionAccess};
use crate::user::User;
use crate::values::{Digest, SessionId, UserUuid};

/// Reads sessions and sign-ins. What was committed before the call is seen.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait SessionQueries: Send + Sync {
    /// The living user who holds this name, active or not.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn find_login(&self, name: &LoginName) -> Result<Option<User>, StorageError>;

    /// What is known of tries of this name from this network, and whether `user` has signed in from there before. It takes
    /// the same work with and without a user.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn login_standing(
        &self,
        name: Digest,
        network: Digest,
        user: Option<UserUuid>,
    ) -> Result<LoginStanding, StorageError>;

    /// The session and its user as they are now; `None` if it was never opened or is no longer kept, or its user was erased.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn find_access(&self, session: SessionId) -> Result<Option<SessionAccess>, StorageError>;

    /// The session that this refresh token, spent or not, was given out for.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn find_token_session(&self, token: Digest) -> Result<Option<SessionId>, StorageError>;

    /// The live sessions of a user, the newest first.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn sessions_of(&self, user: UserUuid, now: DateTime<Utc>) -> Result<Vec<Session>, StorageError>;
}
