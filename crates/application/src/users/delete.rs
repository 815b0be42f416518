//! Deleting a user, softly.

use domain::access::Permission;
use domain::values::UserRef;

use super::change::Target;
use super::{ChangeUserError, Precondition, Users};
use crate::RequestContext;

/// Why a user was not deleted.
pub type DeleteUserError = ChangeUserError;

impl Users {
    /// Deletes a user, softly: nobody finds them any more, and their names are free unless the policy reserves them.
    ///
    /// # Errors
    ///
    /// [`ChangeUserError`], by variant; a user who was deleted already is not found.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn delete(
        &self,
        context: &RequestContext,
        user: UserRef,
        precondition: Precondition,
    ) -> Result<(), DeleteUserError> {
        let names = self.policy.deleted_names;
        self.change(context, &Target::living(user, precondition), |user, now| {
            if !context.actor.may(Permission::UsersDelete) {
                return Err(ChangeUserError::Forbidden);
            }
            Ok(user.delete(names, now))
        })
        .await?;
        Ok(())
    }
}
