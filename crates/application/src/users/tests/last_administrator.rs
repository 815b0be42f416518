//! Somebody who can administrate is always left.

use domain::input::{Deactivation, UserChanges};
use domain::user::UserView;
use domain::values::{Role, UserRef};
use mockall::Sequence;
use rstest::rstest;
use testkit::user;

use crate::RequestContext;
use crate::fixture::{World, admin, by, loaded_in_version, name, put, storage_of, unit_that_seals};
use crate::users::{ChangeUserError, Precondition, UpdateUserError, UserPolicy, Users};

const PROTECTED: UserPolicy = UserPolicy {
    deleted_names: domain::user::DeletedNames::Freed,
    protect_last_administrator: true,
    min_password_score: 0,
    purge_deleted_after: None,
};

/// The ways to take an administrator away.
#[derive(Debug, Clone, Copy)]
enum Way {
    Delete,
    Deactivate,
    Demote,
    MakeInactive,
}

impl Way {
    async fn go(self, users: &Users, context: &RequestContext, user: UserRef) -> Result<(), ChangeUserError> {
        match self {
            Self::Delete => users.delete(context, user, Precondition::None).await,
            Self::Deactivate => {
                users.deactivate(context, user, Deactivation::default(), Precondition::None).await.map(drop)
            }
            Self::Demote => {
                let changes = UserChanges { role: Some(Role::Moderator), ..UserChanges::default() };
                change(users, context, user, changes).await
            }
            Self::MakeInactive => {
                let changes = UserChanges { is_active: Some(false), ..UserChanges::default() };
                change(users, context, user, changes).await
            }
        }
    }
}

async fn change(
    users: &Users,
    context: &RequestContext,
    user: UserRef,
    changes: UserChanges,
) -> Result<(), ChangeUserError> {
    match users.update(context, user, put(changes)).await {
        Err(UpdateUserError::Change(error)) => Err(error),
        result => result.map(drop).map_err(|error| panic!("{error:?}")),
    }
}

async fn active_administrators(world: &World, among: &[&UserView]) -> usize {
    let mut count = 0;
    for view in among {
        count += usize::from(world.loaded(view.uuid).await.is_active_administrator());
    }
    count
}

#[rstest]
#[tokio::test]
async fn the_last_administrator_stays(
    #[values(Way::Delete, Way::Deactivate, Way::Demote, Way::MakeInactive)] way: Way,
    #[values(true, false)] by_themself: bool,
) {
    let world = World::under(PROTECTED);
    let boss = world.given(user().admin()).await;
    // None of these could act in the boss's place.
    world.given(user().admin().inactive()).await;
    world.given(user().moderator()).await;
    let gone = world.given(user().admin()).await;
    world.users.delete(&admin(), gone.id.into(), Precondition::None).await.unwrap();
    let context = if by_themself { by(&boss) } else { RequestContext::system() };
    let error = way.go(&world.users, &context, boss.id.into()).await.unwrap_err();
    assert!(matches!(error, ChangeUserError::LastAdministrator), "{error:?}");
    assert_eq!(world.stored(boss.uuid).await, boss);
    assert_eq!(world.actions(), ["user.deleted"]);
}

#[rstest]
#[tokio::test]
async fn one_of_two_administrators_may_go(
    #[values(Way::Delete, Way::Deactivate, Way::Demote, Way::MakeInactive)] way: Way,
) {
    let world = World::under(PROTECTED);
    let (boss, other) = (world.given(user().admin()).await, world.given(user().admin()).await);
    way.go(&world.users, &by(&boss), boss.id.into()).await.unwrap();
    assert_eq!(active_administrators(&world, &[&boss, &other]).await, 1);
}

#[rstest]
#[tokio::test]
async fn of_two_administrators_who_take_each_other_away_at_once_one_stays(
    #[values(Way::Delete, Way::Deactivate, Way::Demote, Way::MakeInactive)] way: Way,
) {
    let world = World::under(PROTECTED);
    let (one, other) = (world.given(user().admin()).await, world.given(user().admin()).await);
    let (by_one, by_other) = (by(&one), by(&other));
    let (first, second) =
        tokio::join!(way.go(&world.users, &by_one, other.id.into()), way.go(&world.users, &by_other, one.id.into()),);
    let refused: Vec<_> = [first, second].into_iter().filter_map(Result::err).collect();
    assert!(matches!(refused.as_slice(), [ChangeUserError::LastAdministrator]), "{refused:?}");
    assert_eq!(active_administrators(&world, &[&one, &other]).await, 1);
}

#[rstest]
#[tokio::test]
async fn where_everybody_is_an_administrator_the_last_one_may_go(
    #[values(Way::Delete, Way::Deactivate, Way::Demote, Way::MakeInactive)] way: Way,
) {
    let world = World::under(UserPolicy::default());
    let boss = world.given(user().admin()).await;
    way.go(&world.users, &by(&boss), boss.id.into()).await.unwrap();
    assert_eq!(active_administrators(&world, &[&boss]).await, 0);
}

#[tokio::test]
async fn whoever_could_not_act_anyway_may_go() {
    let world = World::under(PROTECTED);
    world.given(user().admin()).await;
    let inactive = world.given(user().admin().inactive()).await;
    Way::Delete.go(&world.users, &admin(), inactive.id.into()).await.unwrap();
}

#[tokio::test]
async fn the_last_administrator_can_be_changed_otherwise() {
    let world = World::under(PROTECTED);
    let boss = world.given(user().admin()).await;
    let changes = UserChanges { first_name: name("Anna"), ..UserChanges::default() };
    change(&world.users, &by(&boss), boss.id.into(), changes).await.unwrap();
}

#[tokio::test]
async fn administrators_are_counted_before_one_is_taken_away_and_not_for_anything_else() {
    let mut sequence = Sequence::new();
    let mut demoting = unit_that_seals();
    let boss = loaded_in_version(user().admin(), 1);
    let id = boss.id();
    demoting.users.expect_find().times(1).in_sequence(&mut sequence).return_once(|_| Ok(Some(boss)));
    let count = demoting.users.expect_count_administrators_exclusively().times(1).in_sequence(&mut sequence);
    count.returning(|| Ok(2));
    demoting.users.expect_update().times(1).in_sequence(&mut sequence).returning(|_| Ok(()));
    demoting.audit.expect_append().returning(|_| Ok(()));
    demoting.commit.expect_commit().return_once(|| Ok(()));
    let mut renaming = unit_that_seals();
    renaming.users.expect_find().return_once(|_| Ok(Some(loaded_in_version(user().admin(), 1))));
    renaming.users.expect_update().times(1).returning(|_| Ok(()));
    renaming.audit.expect_append().returning(|_| Ok(()));
    renaming.commit.expect_commit().return_once(|| Ok(()));

    let users = World::under(PROTECTED).users_on(storage_of([demoting, renaming]));
    Way::Demote.go(&users, &admin(), id.into()).await.unwrap();
    let changes = UserChanges { first_name: name("Anna"), ..UserChanges::default() };
    change(&users, &admin(), id.into(), changes).await.unwrap();
}
