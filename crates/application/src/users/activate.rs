//! Letting a user sign in again.

use domain::user::UserView;
use domain::values::UserRef;

use super::change::Target;
use super::{ChangeUserError, Precondition, Users};
use crate::RequestContext;
use crate::authorization::may_assist;

/// Why a user was not activated.
pub type ActivateUserError = ChangeUserError;

impl Users {
    /// Lets a user sign in again. Activating an active user changes nothing.
    ///
    /// # Errors
    ///
    /// [`ChangeUserError`], by variant.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn activate(
        &self,
        context: &RequestContext,
        user: UserRef,
        precondition: Precondition,
    ) -> Result<UserView, ActivateUserError> {
        self.change(context, &Target::living(user, precondition), |user, now| {
            if !may_assist(&context.actor, user) {
                return Err(ChangeUserError::Forbidden);
            }
            Ok(user.activate(now))
        })
        .await
    }
}
