//! What a caller wants to be true of the stored version (RFC 9110, `If-Match`).

use domain::input::{Deactivation, UserChanges};
use domain::user::UserView;
use domain::values::{Role, UserId, UserRef};
use rstest::rstest;
use testkit::user;

use crate::RequestContext;
use crate::fixture::{World, admin, by, confirmed, name, put, somebody};
use crate::users::{ChangeUserError, Precondition, UpdateUser, UpdateUserError};

#[derive(Debug, Clone, Copy)]
enum Call {
    Update,
    Delete,
    Restore,
    Deactivate,
    Activate,
}

async fn call(
    call: Call,
    world: &World,
    context: &RequestContext,
    user: UserRef,
    precondition: Precondition,
) -> Result<(), ChangeUserError> {
    match call {
        Call::Update => {
            let changes = UserChanges { first_name: name("Anna"), ..UserChanges::default() };
            let command = UpdateUser { precondition, ..put(changes) };
            match world.users.update(context, user, command).await {
                Err(UpdateUserError::Change(error)) => Err(error),
                result => result.map(drop).map_err(|error| panic!("{error:?}")),
            }
        }
        Call::Delete => world.users.delete(context, user, precondition).await,
        Call::Restore => world.users.restore(context, user, precondition).await.map(drop),
        Call::Deactivate => {
            world.users.deactivate(context, user, Deactivation::default(), precondition).await.map(drop)
        }
        Call::Activate => world.users.activate(context, user, precondition).await.map(drop),
    }
}

#[rstest]
#[case::nothing_was_said(Precondition::None, None)]
#[case::any_version(Precondition::Exists, None)]
#[case::this_version(Precondition::OneOf(vec![2]), None)]
#[case::this_version_among_others(Precondition::OneOf(vec![1, 2, 9]), None)]
#[case::another_version(Precondition::OneOf(vec![1]), Some("user was changed meanwhile"))]
#[case::no_version(Precondition::OneOf(vec![]), Some("user was changed meanwhile"))]
#[case::something_has_to_be_said(Precondition::Missing, Some("a precondition is required"))]
#[tokio::test]
async fn a_change_happens_where_the_precondition_holds(
    #[case] precondition: Precondition,
    #[case] refusal: Option<&str>,
    #[values(Call::Update, Call::Delete, Call::Restore, Call::Deactivate, Call::Activate)] which: Call,
) {
    let world = World::new();
    let before = in_version_two(&world, which).await;
    let recorded = world.actions().len();
    let result = call(which, &world, &admin(), before.id.into(), precondition).await;
    assert_eq!(result.map_err(|error| error.to_string()), refusal.map_or(Ok(()), |why| Err(why.to_owned())));
    let expected = if refusal.is_some() { 2 } else { 3 };
    assert_eq!(world.stored(before.uuid).await.version, expected);
    assert_eq!(world.actions().len() - recorded, usize::from(refusal.is_none()));
}

/// A user for whom the call has something to do.
async fn in_version_two(world: &World, call: Call) -> UserView {
    let ann = world.given(user()).await;
    let target = ann.id.into();
    match call {
        Call::Restore => world.users.delete(&admin(), target, Precondition::None).await.unwrap(),
        Call::Activate => {
            let deactivation = Deactivation::default();
            world.users.deactivate(&admin(), target, deactivation, Precondition::None).await.map(drop).unwrap();
        }
        Call::Update | Call::Delete | Call::Deactivate => {
            let changes = UserChanges { last_name: name("Lee"), ..UserChanges::default() };
            world.users.update(&admin(), target, put(changes)).await.map(drop).unwrap();
        }
    }
    world.stored(ann.uuid).await
}

#[rstest]
#[tokio::test]
async fn who_is_not_found_or_not_allowed_hears_that_before_any_precondition(
    #[values(Precondition::Missing, Precondition::OneOf(vec![9]))] precondition: Precondition,
    #[values(Call::Update, Call::Delete, Call::Restore, Call::Deactivate, Call::Activate)] which: Call,
) {
    let world = World::new();
    let (ann, staff) = (world.given(user()).await, world.given(user().moderator().inactive()).await);
    for (context, target, expected) in [
        (admin(), UserId::new(99), "user does not exist"),
        (by(&ann), staff.id, "user does not exist"),
        (somebody(Role::Moderator), staff.id, "changing this is not allowed"),
    ] {
        let error = call(which, &world, &context, target.into(), precondition.clone()).await.unwrap_err();
        assert_eq!(error.to_string(), expected, "{which:?}");
    }
}

#[tokio::test]
async fn a_stale_version_is_told_also_where_nothing_would_change() {
    let world = World::new();
    let ann = world.given(user()).await;
    let command = UpdateUser { precondition: Precondition::OneOf(vec![9]), ..put(UserChanges::default()) };
    let error = world.users.update(&by(&ann), ann.id.into(), command).await.unwrap_err();
    assert!(matches!(error, UpdateUserError::Change(ChangeUserError::PreconditionFailed)), "{error:?}");
}

#[tokio::test]
async fn a_stale_version_is_told_before_a_name_that_is_taken() {
    let world = World::new();
    let (ann, bob) = (world.given(user().named("ann")).await, world.given(user().named("bob")).await);
    let changes = UserChanges {
        username: Some(domain::values::Username::parse(&bob.username).unwrap()),
        ..UserChanges::default()
    };
    let command = UpdateUser { precondition: Precondition::OneOf(vec![9]), ..confirmed(put(changes)) };
    let error = world.users.update(&by(&ann), ann.id.into(), command).await.unwrap_err();
    assert!(matches!(error, UpdateUserError::Change(ChangeUserError::PreconditionFailed)), "{error:?}");
}
