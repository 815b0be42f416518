//! Deleting a user, softly.

use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::user::{User, UserEvent};
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
        let target = Target::living(user, precondition).not_shown();
        self.change(context, &target, self.deletion(context)).await?;
        Ok(())
    }

    /// What deleting does to a user.
    pub(super) fn deletion(
        &self,
        context: &RequestContext,
    ) -> impl Fn(&mut User, DateTime<Utc>) -> Result<Vec<UserEvent>, ChangeUserError> {
        let names = self.policy.deleted_names;
        move |user, now| {
            if !context.actor.may(Permission::UsersDelete) {
                return Err(ChangeUserError::Forbidden);
            }
            Ok(user.delete(names, now))
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::user::DeletedNames;
    use domain::values::Role;
    use testkit::{FixedClock, user};

    use super::*;
    use crate::fixture::{World, admin, by, somebody};
    use crate::users::{CreateUserError, UserPolicy};

    #[tokio::test]
    async fn a_deleted_user_is_gone_but_kept() {
        let world = World::new();
        let ann = world.given(user()).await;
        world.users.delete(&admin(), ann.id.into(), Precondition::None).await.unwrap();
        assert_eq!(world.stored(ann.uuid).await.deleted_at, Some(FixedClock::START));
        assert_eq!(world.actions(), ["user.deleted"]);
        assert_eq!(world.loaded(ann.uuid).await.record().auth_epoch, 1, "sessions end");
    }

    #[tokio::test]
    async fn deleting_twice_finds_nobody_the_second_time() {
        let world = World::new();
        let ann = world.given(user()).await;
        world.users.delete(&admin(), ann.id.into(), Precondition::None).await.unwrap();
        let again = world.users.delete(&admin(), ann.id.into(), Precondition::None).await;
        assert!(matches!(again, Err(ChangeUserError::NotFound)));
        assert_eq!(world.actions(), ["user.deleted"]);
    }

    #[tokio::test]
    async fn the_names_of_a_deleted_user_are_free_at_once() {
        let world = World::new();
        let ann = world.given(user().named("ann")).await;
        world.users.delete(&admin(), ann.id.into(), Precondition::None).await.unwrap();
        let second = world.users.create(&admin(), user().named("ann").new_user()).await.unwrap();
        assert!(second.id > ann.id, "and the number is another");
    }

    #[tokio::test]
    async fn the_names_of_a_deleted_user_stay_taken_where_they_are_reserved() {
        let world = World::under(UserPolicy { deleted_names: DeletedNames::Reserved, ..UserPolicy::default() });
        let ann = world.given(user().named("ann")).await;
        world.users.delete(&admin(), ann.id.into(), Precondition::None).await.unwrap();
        let second = world.users.create(&admin(), user().named("ann").new_user()).await;
        assert!(matches!(second, Err(CreateUserError::UsernameTaken)));
    }

    #[tokio::test]
    async fn only_administrators_delete() {
        let world = World::new();
        let (ann, bob) = (world.given(user()).await, world.given(user()).await);
        for (context, expected) in [
            (by(&ann), "changing this is not allowed"),
            (by(&bob), "user does not exist"),
            (somebody(Role::Moderator), "changing this is not allowed"),
        ] {
            let error = world.users.delete(&context, ann.id.into(), Precondition::None).await.unwrap_err();
            assert_eq!(error.to_string(), expected, "{:?}", context.actor);
        }
        assert_eq!(world.stored(ann.uuid).await, ann);
    }
}
