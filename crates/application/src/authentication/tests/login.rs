//! Signing in.

use std::sync::Arc;

use chrono::TimeDelta;
use domain::input::Deactivation;
use domain::ports::mocks::MockPasswordHasher;
use domain::ports::{HashPasswordError, PasswordMatch, SessionQueries};
use rstest::rstest;
use testkit::{FakeHasher, user};

use super::people::{ELSEWHERE, HOME, PASSWORD, from, login};
use crate::Ports;
use crate::authentication::{Authentication, AuthenticationPolicy, LoginError};
use crate::fixture::{World, admin};
use crate::users::{Precondition, UserPolicy, Users};

fn told(error: &LoginError) -> String {
    match error {
        LoginError::TooManyAttempts { retry_after } => format!("wait {} s", retry_after.num_seconds()),
        error => error.to_string(),
    }
}

#[rstest]
#[case::username("ann")]
#[case::in_other_letters(" ANN ")]
#[case::email("ann@example.org")]
#[case::email_in_other_letters("Ann@Example.Org")]
#[tokio::test]
async fn somebody_signs_in_by_name_or_address(#[case] name: &str) {
    let world = World::new();
    let ann = world.given(user().named("ann")).await;
    let pair = world.try_login(HOME, name, PASSWORD).await.unwrap();
    assert_eq!((pair.expires_in, pair.refresh_expires_in), (900, 604_800));
    let who = world.authenticate(&pair).await.unwrap();
    assert_eq!((who.actor.uuid(), who.actor.name(), who.session), (Some(ann.uuid), Some("ann"), pair.session));
    assert_eq!(who.user_id, ann.id);
}

#[rstest]
#[case::unknown_name("nobody", PASSWORD)]
#[case::wrong_password("ann", "wrong horse")]
#[case::no_password("ann", "")]
#[case::a_password_that_cannot_be("ann", "\0")]
#[case::far_too_long(
    "ann",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
)]
#[case::inactive("ina", PASSWORD)]
#[case::deleted("del", PASSWORD)]
#[case::no_name("", "")]
#[tokio::test]
async fn whatever_is_wrong_is_told_in_the_same_words(#[case] name: &str, #[case] password: &str) {
    let world = World::new();
    world.given(user().named("ann")).await;
    world.given(user().named("ina").inactive()).await;
    let gone = world.given(user().named("del")).await;
    world.users.delete(&admin(), gone.id.into(), Precondition::None).await.unwrap();
    let error = world.try_login(HOME, name, password).await.unwrap_err();
    assert!(matches!(error, LoginError::InvalidCredentials), "{error:?}");
    assert_eq!(world.actions().last().unwrap(), "auth.login_failed");
}

#[tokio::test]
async fn a_login_is_written_down_as_that_of_the_user() {
    let world = World::new();
    let ann = world.given(user().named("ann")).await;
    let pair = world.signed_in(&ann).await;
    let events = world.events().await;
    let told: Vec<_> = events.iter().map(|event| (event.action.as_str(), event.target_id)).collect();
    assert_eq!(told, [("auth.login", ann.uuid.get()), ("session.created", pair.session.get())]);
    for event in events {
        assert_eq!((event.actor.id, event.subject), (Some(ann.uuid), Some(ann.uuid)));
        assert_eq!(event.session_id, Some(pair.session.get()));
        assert_eq!(event.ip, from(HOME).origin.ip.map(|ip| ip.to_string()));
    }
}

#[tokio::test]
async fn a_failure_is_written_down_with_its_reason_and_without_what_was_typed() {
    let world = World::new();
    let ann = world.given(user().named("ann")).await;
    for (name, reason, target) in
        [("ann", "wrong_password", Some(ann.uuid)), ("my secret by mistake", "unknown_name", None)]
    {
        world.try_login(HOME, name, "wrong horse").await.unwrap_err();
        let event = world.last_event().await;
        assert_eq!((event.action.as_str(), event.subject), ("auth.login_failed", target));
        assert_eq!(event.changes[0].new, Some(reason.into()));
        assert!(!format!("{event:?}").contains("secret"), "{event:?}");
        assert!(!format!("{event:?}").contains("horse"), "{event:?}");
    }
    assert_eq!(world.last_event().await.target_type, "name");
}

#[tokio::test]
async fn the_sixth_try_must_wait_for_known_and_unknown_names_alike() {
    for name in ["ann", "ann@example.org", "nobody", "nobody@example.org"] {
        let world = World::new();
        world.given(user().named("ann")).await;
        let mut told_so_far = Vec::new();
        for _ in 0..7 {
            told_so_far.push(told(&world.try_login(HOME, name, "wrong horse").await.unwrap_err()));
        }
        let expected = [["invalid credentials"; 5].as_slice(), &["wait 30 s"; 2]].concat();
        assert_eq!(told_so_far, expected, "{name}");
    }
}

#[tokio::test]
async fn the_right_password_must_wait_too_and_is_good_afterwards() {
    let world = World::new();
    let ann = world.given(user().named("ann")).await;
    for _ in 0..5 {
        world.try_login(HOME, "ann", "wrong horse").await.unwrap_err();
    }
    assert_eq!(told(&world.try_login(HOME, "ann", PASSWORD).await.unwrap_err()), "wait 30 s");
    world.clock.advance(TimeDelta::seconds(30));
    world.signed_in(&ann).await;
    // And all is forgotten.
    for _ in 0..5 {
        assert_eq!(told(&world.try_login(HOME, "ann", "wrong horse").await.unwrap_err()), "invalid credentials");
    }
}

#[tokio::test]
async fn a_wait_that_goes_on_is_written_down_once() {
    let world = World::new();
    for _ in 0..20 {
        world.try_login(HOME, "nobody", "wrong horse").await.unwrap_err();
    }
    let actions = world.actions();
    assert_eq!(actions.iter().filter(|action| **action == "auth.login_failed").count(), 5);
    assert_eq!(actions.iter().filter(|action| **action == "auth.login_delayed").count(), 1);
}

#[tokio::test]
async fn failures_elsewhere_do_not_lock_the_owner_out() {
    let world = World::new();
    let ann = world.given(user().named("ann")).await;
    world.signed_in(&ann).await;
    for number in 0..60 {
        let _ = world.try_login(&format!("198.51.100.{number}"), "ann", "wrong horse").await;
    }
    let stranger = world.try_login("192.0.2.1", "ann", PASSWORD).await.unwrap_err();
    assert!(matches!(stranger, LoginError::TooManyAttempts { .. }), "{stranger:?}");
    world.signed_in(&ann).await;
}

#[tokio::test]
async fn of_many_tries_at_once_only_as_many_are_answered_as_one_after_the_other() {
    let world = World::new();
    world.given(user().named("ann")).await;
    let mut prepared = Vec::new();
    for _ in 0..20 {
        prepared.push(world.authentication.prepare_login(&from(HOME), login("ann", "wrong horse")).await.unwrap());
    }
    // The right one is among them, and comes too late.
    prepared.push(world.authentication.prepare_login(&from(HOME), login("ann", PASSWORD)).await.unwrap());
    let mut answered = Vec::new();
    for prepared in prepared {
        answered.push(told(&world.authentication.login_prepared(&from(HOME), prepared).await.unwrap_err()));
    }
    let expected = [["invalid credentials"; 5].as_slice(), &["wait 30 s"; 16]].concat();
    assert_eq!(answered, expected);
}

#[tokio::test]
async fn an_account_that_changes_while_its_password_is_compared_lets_nobody_in() {
    let world = World::new();
    let ann = world.given(user().named("ann")).await;
    let prepared = world.authentication.prepare_login(&from(HOME), login("ann", PASSWORD)).await.unwrap();
    world.users.deactivate(&admin(), ann.id.into(), Deactivation::default(), Precondition::None).await.unwrap();
    let error = world.authentication.login_prepared(&from(HOME), prepared).await.unwrap_err();
    assert!(matches!(error, LoginError::InvalidCredentials), "{error:?}");
    assert_eq!(world.storage.sessions_of(ann.uuid, world.ports.clock.now()).await.unwrap(), []);
}

#[tokio::test]
async fn a_password_that_changes_while_the_old_one_is_compared_lets_nobody_in() {
    let world = World::new();
    let ann = world.given(user().named("ann")).await;
    let prepared = world.authentication.prepare_login(&from(HOME), login("ann", PASSWORD)).await.unwrap();
    world.clock.advance(TimeDelta::seconds(1));
    let changes =
        domain::input::UserChanges { password: Some(crate::fixture::password("open sesame")), ..Default::default() };
    world.users.update(&admin(), ann.id.into(), crate::fixture::put(changes)).await.unwrap();
    let error = world.authentication.login_prepared(&from(HOME), prepared).await.unwrap_err();
    assert!(matches!(error, LoginError::InvalidCredentials), "{error:?}");
}

#[tokio::test]
async fn an_outdated_hash_is_replaced_without_a_new_version() {
    let world = World::new();
    let ann = world.given(user().named("ann").hash(FakeHasher::old_hash_of(PASSWORD))).await;
    for _ in 0..2 {
        world.signed_in(&ann).await;
        let loaded = world.loaded(ann.uuid).await;
        assert_eq!(loaded.record().password_hash, FakeHasher::hash_of(PASSWORD));
        assert_eq!((loaded.version(), loaded.record().updated_at), (1, ann.updated_at));
    }
}

#[tokio::test]
async fn one_network_does_not_wait_for_another() {
    let world = World::new();
    let ann = world.given(user().named("ann")).await;
    for _ in 0..6 {
        world.try_login(ELSEWHERE, "ann", "wrong horse").await.unwrap_err();
    }
    world.signed_in(&ann).await;
}

#[tokio::test]
async fn whoever_is_unlocked_need_not_wait() {
    let world = World::new();
    let ann = world.given(user().named("ann")).await;
    for name in ["ann", "ann@example.org"] {
        for _ in 0..6 {
            world.try_login(HOME, name, "wrong horse").await.unwrap_err();
        }
    }
    world.users.unlock(&admin(), ann.id.into()).await.unwrap();
    assert_eq!(world.actions().last().unwrap(), "user.unlocked");
    world.signed_in(&ann).await;
    world.try_login(HOME, "ann@example.org", PASSWORD).await.unwrap();
    let written = world.actions().len();
    world.users.unlock(&admin(), ann.id.into()).await.unwrap();
    assert_eq!(world.actions().len(), written, "there was nothing to forget");
}

#[tokio::test]
async fn what_no_password_can_be_fits_nobody_whatever_their_hash() {
    let world = World::new();
    world.given(user().named("ann").hash(FakeHasher::hash_of(""))).await;
    let error = world.try_login(HOME, "ann", &"a".repeat(101)).await.unwrap_err();
    assert!(matches!(error, LoginError::InvalidCredentials), "{error:?}");
}

#[tokio::test]
async fn an_unknown_name_takes_the_work_of_a_known_one() {
    let world = World::new();
    world.given(user().named("ann")).await;
    for (name, known, unknown) in [("ann", 1, 0), ("nobody", 0, 1)] {
        let mut hasher = MockPasswordHasher::new();
        hasher.expect_verify().times(known).returning(|_, _| Ok(PasswordMatch::No));
        hasher.expect_verify_nobody().times(unknown).returning(|_| Ok(()));
        let ports = Ports { hasher: Arc::new(hasher), ..world.ports.clone() };
        let users = Users::new(ports, UserPolicy::default());
        let authentication = Authentication::new(users, AuthenticationPolicy::default());
        authentication.login(&from(HOME), login(name, "wrong horse")).await.unwrap_err();
    }
}

#[tokio::test]
async fn a_better_hash_can_wait_where_too_many_are_waiting() {
    let world = World::new();
    let ann = world.given(user().named("ann").hash(FakeHasher::old_hash_of(PASSWORD))).await;
    let mut hasher = MockPasswordHasher::new();
    hasher.expect_verify().times(1).returning(|_, _| Ok(PasswordMatch::Outdated));
    let full = || HashPasswordError::Overloaded { retry_after: std::time::Duration::from_secs(1) };
    hasher.expect_hash().times(1).returning(move |_| Err(full()));
    let ports = Ports { hasher: Arc::new(hasher), ..world.ports.clone() };
    let users = Users::new(ports, UserPolicy::default());
    let authentication = Authentication::new(users, AuthenticationPolicy::default());
    authentication.login(&from(HOME), login("ann", PASSWORD)).await.unwrap();
    assert_eq!(world.loaded(ann.uuid).await.record().password_hash, FakeHasher::old_hash_of(PASSWORD));
}

#[tokio::test]
async fn a_pair_of_tokens_shows_neither_where_it_is_formatted() {
    let world = World::new();
    let pair = world.signed_in(&world.given(user()).await).await;
    let shown = format!("{pair:?}");
    assert!(!shown.contains(&pair.access_token) && !shown.contains(pair.refresh_token.expose()), "{shown}");
}
