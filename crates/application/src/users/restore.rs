//! Bringing a deleted user back.

use domain::access::Permission;
use domain::user::UserView;
use domain::values::UserRef;

use super::change::Target;
use super::{ChangeUserError, Precondition, Users};
use crate::RequestContext;

/// Why a user was not restored.
pub type RestoreUserError = ChangeUserError;

impl Users {
    /// Brings a deleted user back, with the names and the role they had. Restoring a living user changes nothing.
    ///
    /// # Errors
    ///
    /// [`ChangeUserError`], by variant; `UsernameTaken` or `EmailTaken` if somebody else holds the name by now.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn restore(
        &self,
        context: &RequestContext,
        user: UserRef,
        precondition: Precondition,
    ) -> Result<UserView, RestoreUserError> {
        let target = Target { user, including_deleted: true, precondition };
        self.change(context, &target, |user, now| {
            if !context.actor.may(Permission::UsersDelete) {
                let visible = !user.is_deleted();
                return Err(if visible { ChangeUserError::Forbidden } else { ChangeUserError::NotFound });
            }
            Ok(user.restore(now))
        })
        .await
    }
}
