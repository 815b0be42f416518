//! Bringing a deleted user back.

use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::user::{User, UserEvent, UserView};
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
        self.change(context, &Target::also_deleted(user, precondition), restoration(context)).await
    }
}

/// What restoring does to a user.
pub(super) fn restoration(
    context: &RequestContext,
) -> impl Fn(&mut User, DateTime<Utc>) -> Result<Vec<UserEvent>, ChangeUserError> {
    |user, now| {
        if !context.actor.may(Permission::UsersDelete) {
            let visible = !user.is_deleted();
            return Err(if visible { ChangeUserError::Forbidden } else { ChangeUserError::NotFound });
        }
        Ok(user.restore(now))
    }
}

#[cfg(test)]
mod tests {
    use domain::user::DeletedNames;
    use domain::values::{Role, UserId};
    use rstest::rstest;
    use testkit::{UserBuilder, user};

    use super::*;
    use crate::fixture::{World, admin, by, somebody};
    use crate::users::UserPolicy;

    async fn deleted(world: &World, user: UserBuilder) -> UserView {
        let user = world.given(user).await;
        world.users.delete(&admin(), user.id.into(), Precondition::None).await.unwrap();
        world.stored(user.uuid).await
    }

    #[tokio::test]
    async fn a_restored_user_is_who_they_were() {
        let world = World::new();
        let gone = deleted(&world, user().named("ann").moderator().inactive()).await;
        let back = world.users.restore(&admin(), gone.id.into(), Precondition::None).await.unwrap();
        assert_eq!((back.uuid, back.username.as_str()), (gone.uuid, "ann"));
        assert_eq!((back.role, back.is_active, back.deleted_at), (Role::Moderator, false, None));
        assert_eq!((back.version, world.stored(gone.uuid).await), (3, back.clone()));
        assert_eq!(world.actions(), ["user.deleted", "user.restored"]);
    }

    #[tokio::test]
    async fn restoring_a_living_user_changes_nothing() {
        let world = World::new();
        let ann = world.given(user()).await;
        assert_eq!(world.users.restore(&admin(), ann.id.into(), Precondition::None).await.unwrap(), ann);
        assert_eq!(world.actions(), Vec::<&str>::new());
    }

    #[tokio::test]
    async fn nobody_cannot_be_restored() {
        let nobody = World::new().users.restore(&admin(), UserId::new(1).into(), Precondition::None).await;
        assert!(matches!(nobody, Err(ChangeUserError::NotFound)));
    }

    #[rstest]
    #[case::username(user().named("ann").email("other@example.org"), "username is already taken")]
    #[case::email(user().named("other").email("ann@example.org"), "email is already taken")]
    #[case::both(user().named("ann"), "username is already taken")]
    #[tokio::test]
    async fn a_user_whose_name_somebody_else_took_stays_deleted(#[case] successor: UserBuilder, #[case] why: &str) {
        let world = World::new();
        let gone = deleted(&world, user().named("ann")).await;
        world.given(successor).await;
        let error = world.users.restore(&admin(), gone.id.into(), Precondition::None).await.unwrap_err();
        assert_eq!(error.to_string(), why);
        assert_eq!(world.stored(gone.uuid).await, gone);
        assert_eq!(world.actions(), ["user.deleted"]);
    }

    #[tokio::test]
    async fn a_user_whose_names_were_reserved_comes_back_with_them() {
        let world = World::under(UserPolicy { deleted_names: DeletedNames::Reserved, ..UserPolicy::default() });
        let gone = deleted(&world, user().named("ann")).await;
        assert!(world.users.restore(&admin(), gone.id.into(), Precondition::None).await.is_ok());
    }

    #[tokio::test]
    async fn who_may_not_restore_learns_nothing_of_deleted_users() {
        let world = World::new();
        let (ann, gone) = (world.given(user()).await, deleted(&world, user()).await);
        for (context, target, expected) in [
            (somebody(Role::Moderator), &gone, "user does not exist"),
            (somebody(Role::Moderator), &ann, "changing this is not allowed"),
            (by(&ann), &gone, "user does not exist"),
            (by(&ann), &ann, "changing this is not allowed"),
            (by(&gone), &gone, "user does not exist"),
        ] {
            let error = world.users.restore(&context, target.id.into(), Precondition::None).await.unwrap_err();
            assert_eq!(error.to_string(), expected, "{:?}", context.actor);
        }
    }
}
