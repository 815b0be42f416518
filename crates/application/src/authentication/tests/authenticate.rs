//! What an access token is good for, and until when.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use domain::input::{Deactivation, UserChanges};
use domain::ports::mocks::MockAccessDirectory;
use domain::ports::{AccessClaims, SessionQueries};
use domain::session::SessionAccess;
use domain::values::{Role, SessionId};
use mockall::Sequence;
use testkit::user;

use super::people::{HOME, by_session, from};
use crate::Ports;
use crate::authentication::{AuthenticateError, Authentication, AuthenticationPolicy, Reach};
use crate::fixture::{World, admin, name, password, put};
use crate::users::{Precondition, UserPolicy, Users};

#[tokio::test]
async fn a_token_is_good_for_a_quarter_of_an_hour() {
    let world = World::new();
    let pair = world.signed_in(&world.given(user()).await).await;
    world.clock.advance(TimeDelta::minutes(15) - TimeDelta::microseconds(1));
    assert_eq!(world.standing(&pair).await, "good");
    world.clock.advance(TimeDelta::microseconds(1));
    assert_eq!(world.standing(&pair).await, "expired");
}

#[tokio::test]
async fn what_is_no_token_of_ours_is_invalid() {
    let world = World::new();
    let error = world.authentication.authenticate("access-0", Reach::Everything).await.unwrap_err();
    assert!(matches!(error, AuthenticateError::Invalid));
}

#[tokio::test]
async fn another_role_makes_tokens_stale_and_refreshing_goes_on() {
    let world = World::new();
    let ann = world.given(user()).await;
    let pair = world.signed_in(&ann).await;
    let changes = UserChanges { role: Some(Role::Moderator), ..UserChanges::default() };
    world.users.update(&admin(), ann.id.into(), put(changes)).await.unwrap();
    assert_eq!(world.standing(&pair).await, "expired");
    let pair = world.authentication.refresh(&from(HOME), &pair.refresh_token).await.unwrap();
    let who = world.authenticate(&pair).await.unwrap();
    assert_eq!(who.actor.permissions(), Role::Moderator.permissions());
}

#[tokio::test]
async fn a_change_of_the_profile_ends_nothing() {
    let world = World::new();
    let ann = world.given(user()).await;
    let pair = world.signed_in(&ann).await;
    let changes = UserChanges { first_name: name("Anna"), ..UserChanges::default() };
    world.users.update(&admin(), ann.id.into(), put(changes)).await.unwrap();
    assert_eq!(world.standing(&pair).await, "good");
}

#[tokio::test]
async fn whatever_ends_access_ends_it_and_says_so_to_whoever_keeps_copies() {
    for ends in ["deactivate", "patch", "delete", "password", "logout"] {
        let world = World::new();
        let ann = world.given(user()).await;
        let pair = world.signed_in(&ann).await;
        world.directory.told();
        match ends {
            "deactivate" => {
                let none = Precondition::None;
                world.users.deactivate(&admin(), ann.id.into(), Deactivation::default(), none).await.unwrap();
            }
            "patch" => {
                let changes = UserChanges { is_active: Some(false), ..UserChanges::default() };
                world.users.update(&admin(), ann.id.into(), put(changes)).await.unwrap();
            }
            "delete" => world.users.delete(&admin(), ann.id.into(), Precondition::None).await.unwrap(),
            "password" => {
                let changes = UserChanges { password: Some(password("open sesame")), ..UserChanges::default() };
                world.users.update(&admin(), ann.id.into(), put(changes)).await.unwrap();
            }
            _ => world.authentication.logout(&by_session(&ann, pair.session), pair.session).await.unwrap(),
        }
        assert_eq!(world.standing(&pair).await, "invalid", "{ends}");
        let told = world.directory.told();
        assert!(told.iter().any(|change| change.session == Some(pair.session)), "{ends}: {told:?}");
        assert!(world.actions().contains(&"session.revoked".to_owned()), "{ends}");
    }
}

#[tokio::test]
async fn whoever_comes_back_is_not_signed_in_again() {
    let world = World::new();
    let ann = world.given(user()).await;
    let pair = world.signed_in(&ann).await;
    world.users.delete(&admin(), ann.id.into(), Precondition::None).await.unwrap();
    world.users.restore(&admin(), ann.id.into(), Precondition::None).await.unwrap();
    assert_eq!(world.standing(&pair).await, "invalid");
}

#[tokio::test]
async fn whoever_must_change_the_password_reaches_nothing_else() {
    let world = World::new();
    let ann = world.given(user().must_change_password()).await;
    let pair = world.signed_in(&ann).await;
    assert_eq!(world.standing(&pair).await, "password change required");
    assert!(world.authentication.authenticate(&pair.access_token, Reach::OwnPassword).await.is_ok());
}

#[tokio::test]
async fn a_process_that_hears_of_no_revocations_answers_for_nobody() {
    let world = World::new();
    let pair = world.signed_in(&world.given(user()).await).await;
    world.directory.blind(true);
    assert_eq!(world.standing(&pair).await, "blind");
}

#[tokio::test]
async fn a_token_that_names_another_user_than_its_session_does_is_invalid() {
    let world = World::new();
    let (ann, bob) = (world.given(user()).await, world.given(user().admin()).await);
    let pair = world.signed_in(&ann).await;
    let claims = world.ports.access_tokens.verify(&pair.access_token, world.ports.clock.now()).unwrap();
    let mixed = world.ports.access_tokens.sign(&AccessClaims { user: bob.uuid, ..claims }).unwrap();
    let error = world.authentication.authenticate(&mixed, Reach::Everything).await.unwrap_err();
    assert!(matches!(error, AuthenticateError::Invalid));
}

#[tokio::test]
async fn whoever_deactivates_or_deletes_themself_is_out() {
    for deletes in [true, false] {
        let world = World::new();
        let boss = world.given(user().admin()).await;
        let pair = world.signed_in(&boss).await;
        let context = by_session(&boss, pair.session);
        if deletes {
            world.users.delete(&context, boss.id.into(), Precondition::None).await.unwrap();
        } else {
            let none = Precondition::None;
            world.users.deactivate(&context, boss.id.into(), Deactivation::default(), none).await.unwrap();
        }
        assert_eq!(world.standing(&pair).await, "invalid");
        assert!(world.actions().contains(&"session.revoked".to_owned()));
    }
}

/// Shows a good token to a process that remembers something of its session until it forgets it.
async fn shown_where_is_remembered(remembered: fn(SessionAccess, DateTime<Utc>) -> Option<SessionAccess>) {
    let world = World::new();
    let ann = world.given(user()).await;
    let pair = world.signed_in(&ann).await;
    let changes = UserChanges { role: Some(Role::Moderator), ..UserChanges::default() };
    world.users.update(&admin(), ann.id.into(), put(changes)).await.unwrap();
    let pair = world.authentication.refresh(&from(HOME), &pair.refresh_token).await.unwrap();
    let fresh = world.storage.find_access(pair.session).await.unwrap().unwrap();
    let stale = remembered(fresh.clone(), world.ports.clock.now());
    let mut order = Sequence::new();
    let mut directory = MockAccessDirectory::new();
    directory.expect_find().times(1).in_sequence(&mut order).return_once(|_| Ok(stale.map(Arc::new)));
    let about_it = move |session: &SessionId| *session == pair.session;
    directory.expect_forget().times(1).in_sequence(&mut order).withf(about_it).return_const(());
    directory.expect_find().times(1).in_sequence(&mut order).return_once(|_| Ok(Some(Arc::new(fresh))));
    let ports = Ports { directory: Arc::new(directory), ..world.ports.clone() };
    let users = Users::new(ports, UserPolicy::default());
    let authentication = Authentication::new(users, AuthenticationPolicy::default());
    authentication.authenticate(&pair.access_token, Reach::Everything).await.unwrap();
}

#[tokio::test]
async fn a_session_that_another_process_refreshed_is_not_taken_for_ended() {
    shown_where_is_remembered(|access, now| Some(SessionAccess { usable_until: Some(now), ..access })).await;
}

#[tokio::test]
async fn a_token_that_another_process_signed_after_a_change_of_rights_is_not_taken_for_stale() {
    shown_where_is_remembered(|access, _| Some(SessionAccess { auth_epoch: access.auth_epoch - 1, ..access })).await;
}

#[tokio::test]
async fn a_token_may_be_quicker_than_its_session() {
    shown_where_is_remembered(|_, _| None).await;
}

#[tokio::test]
async fn a_session_that_is_nowhere_is_waited_for_no_longer_than_it_may_take_to_be_heard_of() {
    for (seconds, asked) in [(1, 4), (2, 1)] {
        let world = World::new();
        let pair = world.signed_in(&world.given(user()).await).await;
        world.clock.advance(TimeDelta::seconds(seconds));
        let mut directory = MockAccessDirectory::new();
        directory.expect_find().times(asked).returning(|_| Ok(None));
        directory.expect_forget().return_const(());
        let ports = Ports { directory: Arc::new(directory), ..world.ports.clone() };
        let users = Users::new(ports, UserPolicy::default());
        let authentication = Authentication::new(users, AuthenticationPolicy::default());
        let refused = authentication.authenticate(&pair.access_token, Reach::Everything).await;
        assert!(matches!(refused, Err(AuthenticateError::Invalid)), "{seconds}");
    }
}
