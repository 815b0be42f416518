//! Reading one user.

use domain::access::Permission;
use domain::ports::StorageError;
use domain::query::DeletedScope;
use domain::user::UserView;
use domain::values::UserRef;

use super::Users;
use crate::RequestContext;
use crate::authorization::may_see;

/// Why a user was not shown.
#[derive(Debug, thiserror::Error)]
pub enum GetUserError {
    /// Nobody is there, or nobody whom the actor may see.
    #[error("user does not exist")]
    NotFound,
    /// The actor may not see deleted users.
    #[error("seeing deleted users is not allowed")]
    Forbidden,
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Users {
    /// One user; with `including_deleted` a deleted one too.
    ///
    /// Whoever may not see deleted users is refused for asking about somebody they may see, and told of nobody else.
    ///
    /// # Errors
    ///
    /// [`GetUserError`], by variant.
    pub async fn get(
        &self,
        context: &RequestContext,
        user: UserRef,
        including_deleted: bool,
    ) -> Result<UserView, GetUserError> {
        let sees_deleted = context.actor.may(Permission::UsersDelete);
        let scope = if including_deleted && sees_deleted { DeletedScope::All } else { DeletedScope::Live };
        match self.ports.queries.find(user, scope).await? {
            Some(view) if !may_see(&context.actor, view.uuid) => Err(GetUserError::NotFound),
            Some(_) if including_deleted && !sees_deleted => Err(GetUserError::Forbidden),
            Some(view) => Ok(view),
            None => Err(GetUserError::NotFound),
        }
    }
}
