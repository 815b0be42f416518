//! Accounts that people make for themselves, the first administrator, and what is let go of.

use chrono::TimeDelta;
use domain::ports::SessionQueries;
use domain::ports::mocks::MockUnitOfWork;
use domain::values::Role;
use testkit::user;

use super::people::{HOME, PASSWORD, from};
use crate::authentication::{Authentication, AuthenticationPolicy, CleanedUp, RegisterError};
use crate::fixture::{World, admin, storage_of};
use crate::users::Precondition;

#[tokio::test]
async fn whoever_registers_is_a_user_whatever_they_ask_for() {
    let world = World::new();
    let new = user().named("ann").admin().inactive().external_id("hr-1").app_metadata(r#"{"plan":"pro"}"#).new_user();
    let prepared = world.authentication.prepare_register(new).await.unwrap();
    let ann = world.authentication.register_prepared(&from(HOME), prepared).await.unwrap();
    assert_eq!((ann.role, ann.is_active, ann.external_id.as_deref()), (Role::User, true, None));
    assert_eq!(ann.app_metadata.as_json(), "{}");
    assert_eq!(world.actions(), ["user.created"]);
    world.signed_in(&ann).await;
}

#[tokio::test]
async fn nobody_registers_unless_that_is_allowed() {
    let world = World::new();
    let closed = Authentication::new(world.users.clone(), AuthenticationPolicy::default());
    assert!(matches!(closed.prepare_register(user().new_user()).await, Err(RegisterError::SwitchedOff)));
}

#[tokio::test]
async fn the_first_administrator_is_made_once() {
    let world = World::new();
    assert!(world.authentication.is_empty().await.unwrap());
    let first = world.authentication.bootstrap(user().named("root").admin().new_user()).await.unwrap().unwrap();
    assert_eq!((first.role, first.username.as_str()), (Role::Admin, "root"));
    assert_eq!(world.actions(), ["system.bootstrap", "user.created"]);
    assert!(!world.authentication.is_empty().await.unwrap());
    let second = world.authentication.bootstrap(user().named("toor").admin().new_user()).await.unwrap();
    assert_eq!(second, None);
}

#[tokio::test]
async fn a_database_in_which_everybody_was_deleted_is_not_an_empty_one() {
    let world = World::new();
    let ann = world.given(user()).await;
    world.users.delete(&admin(), ann.id.into(), Precondition::None).await.unwrap();
    assert!(!world.authentication.is_empty().await.unwrap());
}

#[tokio::test]
async fn what_is_over_is_let_go_of_and_nothing_else() {
    let world = World::new();
    let ann = world.given(user().named("ann")).await;
    world.signed_in(&ann).await;
    world.try_login(HOME, "nobody", "wrong horse").await.unwrap_err();
    world.authentication.create_reset_token(&admin(), ann.id.into()).await.unwrap();
    assert_eq!(world.authentication.clean_up().await.unwrap(), CleanedUp::default());
    world.clock.advance(TimeDelta::days(14) - TimeDelta::seconds(1));
    let live = world.try_login(HOME, "ann", PASSWORD).await.unwrap();
    let cleaned = world.authentication.clean_up().await.unwrap();
    assert_eq!(cleaned, CleanedUp { sessions: 0, logins: 2, one_time_tokens: 1, requests: 0 });
    world.clock.advance(TimeDelta::seconds(2));
    let cleaned = world.authentication.clean_up().await.unwrap();
    assert_eq!((cleaned.sessions, cleaned.may_go_on()), (1, true));
    let left = world.storage.sessions_of(ann.uuid, world.ports.clock.now()).await.unwrap();
    assert_eq!(left.iter().map(domain::session::Session::id).collect::<Vec<_>>(), [live.session]);
    assert!(!world.authentication.clean_up().await.unwrap().may_go_on());
}

#[tokio::test]
async fn a_session_with_more_tokens_than_are_deleted_at_once_does_not_hold_the_clean_up_for_ever() {
    let mut unit = MockUnitOfWork::default();
    // Some of its tokens were deleted, and no session.
    unit.sessions.expect_clean_up().returning(|_, _| Ok(0));
    unit.logins.expect_clean_up().returning(|_, _, _| Ok(0));
    unit.one_time_tokens.expect_clean_up().returning(|_, _| Ok(0));
    unit.idempotency.expect_clean_up().returning(|_, _| Ok(0));
    unit.audit.expect_append().returning(|_| Ok(()));
    unit.commit.expect_commit().times(1).return_once(|| Ok(()));
    World::new().authentication_on(storage_of([unit])).clean_up().await.unwrap();
}
