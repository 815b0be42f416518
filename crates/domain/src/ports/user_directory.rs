//! Users by their ids, for showing them: the read that is asked for most.

use std::sync::Arc;

use async_trait::async_trait;

use super::{StorageError, UserQueries};
use crate::query::DeletedScope;
use crate::user::UserView;
use crate::values::UserRef;

/// Knows users, perhaps from memory.
///
/// What this process changed before the call is seen; what another one changed is seen after the time that its changes
/// take to be heard of, which is a second at most. Whatever decides about a change asks [`UserQueries`] instead.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait UserDirectory: Send + Sync {
    /// One user; concurrent questions for one who is not in memory may share an answer.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only; nobody, or somebody outside the scope, is `None`.
    async fn find(&self, user: UserRef, scope: DeletedScope) -> Result<Option<Arc<UserView>>, StorageError>;
}

/// A directory without a memory: it asks each time.
#[derive(Clone)]
pub struct AskEachTime(pub Arc<dyn UserQueries>);

impl std::fmt::Debug for AskEachTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AskEachTime")
    }
}

#[async_trait]
impl UserDirectory for AskEachTime {
    async fn find(&self, user: UserRef, scope: DeletedScope) -> Result<Option<Arc<UserView>>, StorageError> {
        Ok(self.0.find(user, scope).await?.map(Arc::new))
    }
}
