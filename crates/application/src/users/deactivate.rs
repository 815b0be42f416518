//! Keeping a user from signing in.

use domain::input::Deactivation;
use domain::user::UserView;
use domain::values::UserRef;

use super::change::Target;
use super::{ChangeUserError, Precondition, Users};
use crate::RequestContext;
use crate::authorization::may_assist;

/// Why a user was not deactivated.
pub type DeactivateUserError = ChangeUserError;

impl Users {
    /// Keeps a user from signing in, for good or until a moment.
    ///
    /// # Errors
    ///
    /// [`ChangeUserError`], by variant.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn deactivate(
        &self,
        context: &RequestContext,
        user: UserRef,
        deactivation: Deactivation,
        precondition: Precondition,
    ) -> Result<UserView, DeactivateUserError> {
        self.change(context, &Target::living(user, precondition), |user, now| {
            if !may_assist(&context.actor, user) {
                return Err(ChangeUserError::Forbidden);
            }
            Ok(user.deactivate(deactivation.reason.clone(), deactivation.until, now))
        })
        .await
    }
}
