//! What is kept in memory about sessions, so that a request with an access token asks no database.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::{LoggedChange, StorageError};
use crate::audit::AccessChange;
use crate::session::SessionAccess;
use crate::values::SessionId;

/// Knows sessions and their users, from memory where it has seen them before.
///
/// What it answers is no older than the last change that it was told of: a session that was asked for while it changed is
/// asked for again.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait AccessDirectory: Send + Sync {
    /// The session, with its user as they are now; `None` if there is none. Concurrent questions for one session that is
    /// not in memory ask the database once.
    ///
    /// # Errors
    ///
    /// - [`FindAccessError::Blind`] if the last change it can have [`heard`](ChangeFollower::heard) of is five seconds old: what is in
    ///   memory may be wrong.
    /// - [`FindAccessError::Storage`] if it is not in memory and the storage fails.
    async fn find(&self, session: SessionId) -> Result<Option<Arc<SessionAccess>>, FindAccessError>;

    /// Forgets a session that is known to be behind.
    fn forget(&self, session: SessionId);
}

/// Keeps copies of what is stored, and is told of what changed, in whichever process.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait ChangeFollower: Send + Sync {
    /// These changed. Every change that is still to come has a greater number than `floor`, and all up to there are known.
    fn changed(&self, changes: &[LoggedChange], floor: i64);

    /// Everything may have changed: more did than one can follow, or the log is another one, whose numbers mean nothing
    /// beside those from before.
    fn forget_everything(&self);

    /// Every change up to so long ago is known to it.
    fn heard(&self, ago: Duration);
}

/// Is told of changes when they are committed, or may have been.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait ChangeListener: Send + Sync {
    /// These users and sessions changed, in this process. Returns at once.
    fn committed(&self, changes: &[AccessChange]);
}

/// Why nothing can be said about a session.
#[derive(Debug, thiserror::Error)]
pub enum FindAccessError {
    /// This process has not heard of changes for too long.
    #[error("changes have not been heard of for too long")]
    Blind,
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}
