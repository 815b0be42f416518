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

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use domain::input::{Deactivation, UserChanges};
    use domain::values::{Role, StatusReason};
    use testkit::{FixedClock, user};

    use super::*;
    use crate::fixture::{World, admin, by, put, somebody};
    use crate::users::UpdateUserError;

    #[tokio::test]
    async fn an_activated_user_may_sign_in_and_is_suspended_no_longer() {
        let world = World::new();
        let ann = world.given(user()).await;
        let deactivation = Deactivation {
            reason: Some(StatusReason::parse("holiday").unwrap()),
            until: Some(FixedClock::START + TimeDelta::days(1)),
        };
        world.users.deactivate(&admin(), ann.id.into(), deactivation, Precondition::None).await.unwrap();
        let view = world.users.activate(&admin(), ann.id.into(), Precondition::None).await.unwrap();
        assert_eq!((view.is_active, view.suspended_until, view.version), (true, None, 3));
        assert_eq!(world.loaded(ann.uuid).await.record().status_reason, None);
        assert_eq!(world.actions(), ["user.deactivated", "user.activated"]);
    }

    #[tokio::test]
    async fn activating_an_active_user_changes_nothing() {
        let world = World::new();
        let ann = world.given(user()).await;
        assert_eq!(world.users.activate(&admin(), ann.id.into(), Precondition::None).await.unwrap(), ann);
        assert_eq!(world.actions(), Vec::<&str>::new());
    }

    #[tokio::test]
    async fn moderators_activate_users_and_nobody_else() {
        let world = World::new();
        for (role, allowed) in [(Role::User, true), (Role::Moderator, false), (Role::Admin, false)] {
            let target = world.given(user().role(role).inactive()).await;
            let result = world.users.activate(&somebody(Role::Moderator), target.id.into(), Precondition::None).await;
            assert_eq!(result.is_ok(), allowed, "{role}: {result:?}");
        }
    }

    #[tokio::test]
    async fn nobody_lets_themselves_in_again() {
        let world = World::new();
        for builder in [user().inactive(), user().moderator().inactive()] {
            let own = world.given(builder).await;
            let result = world.users.activate(&by(&own), own.id.into(), Precondition::None).await;
            assert!(matches!(result, Err(ChangeUserError::Forbidden)), "{result:?}");
        }
    }

    #[tokio::test]
    async fn a_moderator_who_was_demoted_a_moment_ago_does_not_let_themself_in_again() {
        let world = World::new();
        let demoted = world.given(user().inactive()).await;
        let still_a_moderator = by(&UserView { role: Role::Moderator, ..demoted.clone() });
        let target = demoted.id.into();
        let result = world.users.activate(&still_a_moderator, target, Precondition::None).await;
        assert!(matches!(result, Err(ChangeUserError::Forbidden)), "{result:?}");
        let changes = UserChanges { is_active: Some(true), ..UserChanges::default() };
        let result = world.users.update(&still_a_moderator, target, put(changes)).await;
        assert!(matches!(result, Err(UpdateUserError::Change(ChangeUserError::Forbidden))), "{result:?}");
    }
}
