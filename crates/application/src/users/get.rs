//! Reading one user.

use std::sync::Arc;

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
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn get(
        &self,
        context: &RequestContext,
        user: UserRef,
        including_deleted: bool,
    ) -> Result<Arc<UserView>, GetUserError> {
        let sees_deleted = context.actor.may(Permission::UsersDelete);
        let scope = if including_deleted && sees_deleted { DeletedScope::All } else { DeletedScope::Live };
        match self.ports.reading(&context.actor).find(user, scope).await? {
            Some(view) if !may_see(&context.actor, view.uuid) => Err(GetUserError::NotFound),
            Some(_) if including_deleted && !sees_deleted => Err(GetUserError::Forbidden),
            Some(view) => Ok(view),
            None => Err(GetUserError::NotFound),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::ports::StorageFault;
    use domain::ports::mocks::MockUserDirectory;
    use domain::values::{Role, UserId};
    use rstest::rstest;
    use testkit::user;

    use super::*;
    use crate::fixture::{World, admin, by, fault, somebody};
    use crate::users::{Precondition, UserPolicy};

    #[tokio::test]
    async fn a_user_is_found_by_number_and_by_uuid() {
        let world = World::new();
        let ann = world.given(user()).await;
        for reference in [UserRef::Id(ann.id), UserRef::Uuid(ann.uuid)] {
            assert_eq!(world.users.get(&admin(), reference, false).await.unwrap().as_ref(), &ann);
        }
    }

    #[tokio::test]
    async fn nobody_is_not_found() {
        let nobody = World::new().users.get(&admin(), UserId::new(1).into(), false).await;
        assert!(matches!(nobody, Err(GetUserError::NotFound)));
    }

    #[tokio::test]
    async fn users_see_themselves_and_nobody_else() {
        let world = World::new();
        let (ann, bob) = (world.given(user()).await, world.given(user()).await);
        assert_eq!(world.users.get(&by(&ann), ann.id.into(), false).await.unwrap().as_ref(), &ann);
        let other = world.users.get(&by(&ann), bob.id.into(), false).await;
        assert!(matches!(other, Err(GetUserError::NotFound)), "as if nobody were there");
    }

    #[rstest]
    #[tokio::test]
    async fn moderators_see_everybody(#[values(Role::User, Role::Moderator, Role::Admin)] role: Role) {
        let world = World::new();
        let ann = world.given(user().role(role)).await;
        assert_eq!(world.users.get(&somebody(Role::Moderator), ann.uuid.into(), false).await.unwrap().as_ref(), &ann);
    }

    #[tokio::test]
    async fn a_deleted_user_is_shown_to_administrators_who_ask_for_deleted_ones() {
        let world = World::new();
        let ann = world.given(user()).await;
        world.users.delete(&admin(), ann.id.into(), Precondition::None).await.unwrap();
        assert!(matches!(world.users.get(&admin(), ann.id.into(), false).await, Err(GetUserError::NotFound)));
        let shown = world.users.get(&admin(), ann.id.into(), true).await.unwrap();
        assert!(shown.deleted_at.is_some());
    }

    #[tokio::test]
    async fn a_living_user_is_shown_also_to_those_who_ask_for_deleted_ones() {
        let world = World::new();
        let ann = world.given(user()).await;
        assert_eq!(world.users.get(&admin(), ann.id.into(), true).await.unwrap().as_ref(), &ann);
    }

    #[tokio::test]
    async fn asking_for_deleted_users_tells_others_nothing_about_them() {
        let world = World::new();
        let (ann, bob, gone) = (world.given(user()).await, world.given(user()).await, world.given(user()).await);
        world.users.delete(&admin(), gone.id.into(), Precondition::None).await.unwrap();
        let moderator = somebody(Role::Moderator);
        for (context, target, forbidden) in [
            (by(&ann), &ann, true),
            (by(&ann), &bob, false),
            (by(&ann), &gone, false),
            (by(&gone), &gone, false),
            (moderator.clone(), &ann, true),
            (moderator, &gone, false),
        ] {
            let error = world.users.get(&context, target.id.into(), true).await.unwrap_err();
            assert_eq!(matches!(error, GetUserError::Forbidden), forbidden, "{:?} {error}", context.actor);
        }
    }

    #[tokio::test]
    async fn a_storage_that_is_away_is_not_an_absent_user() {
        let mut shown_users = MockUserDirectory::new();
        shown_users.expect_find().returning(|_, _| Err(fault(StorageFault::Unavailable)));
        let mut ports = World::new().ports;
        ports.shown_users = Arc::new(shown_users);
        let users = Users::new(ports, UserPolicy::default());
        let error = users.get(&admin(), UserId::new(1).into(), false).await.unwrap_err();
        assert!(matches!(error, GetUserError::Storage(_)), "{error:?}");
    }
}
