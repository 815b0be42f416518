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

#[cfg(test)]
mod tests {
    use chrono::{SecondsFormat, TimeDelta};
    use domain::values::{Role, StatusReason};
    use testkit::{FixedClock, user};

    use super::*;
    use crate::fixture::{World, admin, by, somebody};

    fn abuse() -> Deactivation {
        Deactivation { reason: Some(StatusReason::parse("abuse").unwrap()), until: None }
    }

    #[tokio::test]
    async fn a_deactivated_user_may_not_sign_in() {
        let world = World::new();
        let ann = world.given(user()).await;
        let view = world.users.deactivate(&admin(), ann.id.into(), abuse(), Precondition::None).await.unwrap();
        assert_eq!((view.is_active, view.version), (false, 2));
        let loaded = world.loaded(ann.uuid).await;
        assert_eq!(loaded.record().status_reason, abuse().reason);
        assert_eq!(loaded.record().auth_epoch, 1, "sessions end");
    }

    #[tokio::test]
    async fn the_trail_tells_why_and_until_when() {
        let world = World::new();
        let ann = world.given(user()).await;
        let until = FixedClock::START + TimeDelta::days(1);
        let deactivation = Deactivation { until: Some(until), ..abuse() };
        let view = world.users.deactivate(&admin(), ann.id.into(), deactivation, Precondition::None).await.unwrap();
        assert_eq!(view.suspended_until, Some(until));
        let event = world.last_event().await;
        let changes: Vec<_> =
            event.changes.iter().map(|change| (change.field.as_str(), change.new.clone().unwrap())).collect();
        let expected = [
            ("is_active", false.into()),
            ("status_reason", "abuse".into()),
            ("suspended_until", until.to_rfc3339_opts(SecondsFormat::Micros, true).into()),
        ];
        assert_eq!((event.action.as_str(), changes), ("user.deactivated", expected.to_vec()));
    }

    #[tokio::test]
    async fn deactivating_twice_changes_nothing() {
        let world = World::new();
        let ann = world.given(user()).await;
        let first = world.users.deactivate(&admin(), ann.id.into(), abuse(), Precondition::None).await.unwrap();
        let second = world.users.deactivate(&admin(), ann.id.into(), abuse(), Precondition::None).await.unwrap();
        assert_eq!(first, second);
        assert_eq!(world.actions(), ["user.deactivated"]);
    }

    #[tokio::test]
    async fn moderators_deactivate_users_and_nobody_else() {
        let world = World::new();
        let moderator = somebody(Role::Moderator);
        for (role, allowed) in [(Role::User, true), (Role::Moderator, false), (Role::Admin, false)] {
            let target = world.given(user().role(role)).await;
            let result = world.users.deactivate(&moderator, target.id.into(), abuse(), Precondition::None).await;
            assert_eq!(result.is_ok(), allowed, "{role}: {result:?}");
            assert_eq!(world.stored(target.uuid).await.is_active, !allowed);
        }
    }

    #[tokio::test]
    async fn users_and_moderators_do_not_deactivate_themselves() {
        let world = World::new();
        for builder in [user(), user().moderator()] {
            let own = world.given(builder).await;
            let result = world.users.deactivate(&by(&own), own.id.into(), abuse(), Precondition::None).await;
            assert!(matches!(result, Err(ChangeUserError::Forbidden)), "{result:?}");
        }
    }
}
