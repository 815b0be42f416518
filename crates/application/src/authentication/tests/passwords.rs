//! Choosing other passwords.

use std::pin::pin;

use std::future::poll_fn;
use std::task::Poll;

use chrono::TimeDelta;
use domain::input::UserChanges;
use domain::user::UserView;
use domain::values::SecretToken;
use testkit::{FakeHasher, user};

use super::people::{HOME, PASSWORD, by_session, from};
use crate::RequestContext;
use crate::authentication::{
    ChangePassword, ChangePasswordError, ConfirmPasswordError, ResetPasswordError, SpendResetError,
};
use crate::fixture::{World, admin, by, confirmed, password, put};
use crate::users::{UpdateUser, UpdateUserError, UserPolicy};

fn change(current: &str, new: &str) -> ChangePassword {
    ChangePassword { current: current.into(), new: password(new) }
}

impl World {
    async fn change_password(
        &self,
        context: &RequestContext,
        command: ChangePassword,
    ) -> Result<(), ChangePasswordError> {
        let prepared = self.authentication.prepare_change_password(context, command).await?;
        self.authentication.change_password_prepared(context, prepared).await
    }

    async fn reset(&self, token: &SecretToken, new: &str) -> Result<(), SpendResetError> {
        let prepared = self.authentication.prepare_reset(token.clone(), password(new)).await?;
        self.authentication.reset_prepared(&from(HOME), prepared).await
    }

    async fn has_password(&self, user: &UserView, password: &str) -> bool {
        self.loaded(user.uuid).await.record().password_hash == FakeHasher::hash_of(password)
    }
}

#[tokio::test]
async fn another_password_ends_every_other_session() {
    let world = World::new();
    let ann = world.given(user()).await;
    let (this, other) = (world.signed_in(&ann).await, world.signed_in(&ann).await);
    world.change_password(&by_session(&ann, this.session), change(PASSWORD, "open sesame")).await.unwrap();
    assert!(world.has_password(&ann, "open sesame").await);
    assert_eq!((world.standing(&this).await, world.standing(&other).await), ("good", "invalid"));
}

#[tokio::test]
async fn by_an_update_of_oneself_it_is_the_same() {
    let world = World::new();
    let ann = world.given(user()).await;
    let (this, other) = (world.signed_in(&ann).await, world.signed_in(&ann).await);
    let changes = UserChanges { password: Some(password("open sesame")), ..UserChanges::default() };
    let context = by_session(&ann, this.session);
    world.users.update(&context, ann.id.into(), confirmed(put(changes))).await.unwrap();
    assert_eq!((world.standing(&this).await, world.standing(&other).await), ("good", "invalid"));
}

#[tokio::test]
async fn the_current_password_must_be_known_and_guessing_it_must_wait() {
    let world = World::new();
    let ann = world.given(user()).await;
    let context = by_session(&ann, world.signed_in(&ann).await.session);
    for _ in 0..5 {
        let error = world.change_password(&context, change("wrong horse", "open sesame")).await.unwrap_err();
        assert!(matches!(error, ChangePasswordError::Confirm(ConfirmPasswordError::Wrong)), "{error:?}");
    }
    let error = world.change_password(&context, change(PASSWORD, "open sesame")).await.unwrap_err();
    let ChangePasswordError::Confirm(ConfirmPasswordError::TooManyAttempts { retry_after }) = error else {
        panic!("{error:?}")
    };
    assert_eq!(retry_after, TimeDelta::seconds(30));
    assert!(world.has_password(&ann, PASSWORD).await);
    assert!(world.actions().contains(&"auth.login_failed".to_owned()));
}

#[tokio::test]
async fn of_many_guesses_at_once_no_more_are_answered_than_one_after_the_other() {
    let world = World::new();
    let ann = world.given(user()).await;
    let context = by_session(&ann, world.signed_in(&ann).await.session);
    world.hasher.stall(true);
    // The right one is among them, and comes too late.
    let guesses = [["wrong horse"; 20].as_slice(), &[PASSWORD]].concat();
    let prepare =
        |guess| Box::pin(world.authentication.prepare_change_password(&context, change(guess, "open sesame")));
    let mut under_way: Vec<_> = guesses.into_iter().map(prepare).collect();
    for guess in &mut under_way {
        assert!(poll_fn(|context| Poll::Ready(guess.as_mut().poll(context).is_pending())).await);
    }
    world.hasher.stall(false);
    let mut answered = Vec::new();
    for guess in under_way {
        answered.push(guess.await.unwrap_err().to_string());
    }
    let expected = [["the current password is wrong"; 5].as_slice(), &["too many attempts"; 16]].concat();
    assert_eq!(answered, expected);
}

#[tokio::test]
async fn the_current_password_is_not_confirmed_to_a_try_that_others_overtook() {
    let world = World::new();
    let ann = world.given(user()).await;
    let context = by_session(&ann, world.signed_in(&ann).await.session);
    world.hasher.stall(true);
    let mut overtaken = pin!(world.change_password(&context, change(PASSWORD, "open sesame")));
    tokio::select! {
        biased;
        early = &mut overtaken => panic!("{early:?}"),
        () = std::future::ready(()) => world.hasher.stall(false),
    }
    for _ in 0..5 {
        world.change_password(&context, change("wrong horse", "open sesame")).await.unwrap_err();
    }
    let error = overtaken.await.unwrap_err();
    let waits = matches!(error, ChangePasswordError::Confirm(ConfirmPasswordError::TooManyAttempts { .. }));
    assert!(waits, "{error:?}");
    assert!(world.has_password(&ann, PASSWORD).await);
}

#[tokio::test]
async fn the_same_password_is_no_other_one() {
    let world = World::new();
    let ann = world.given(user()).await;
    let error = world.change_password(&by(&ann), change(PASSWORD, PASSWORD)).await.unwrap_err();
    let ChangePasswordError::Invalid(found) = error else { panic!("{error:?}") };
    assert_eq!((found[0].pointer.as_str(), found[0].violation.code()), ("/new_password", "same_password"));
}

#[tokio::test]
async fn whoever_had_to_change_it_is_free_afterwards() {
    let world = World::new();
    let ann = world.given(user().must_change_password()).await;
    let pair = world.signed_in(&ann).await;
    world.change_password(&by_session(&ann, pair.session), change(PASSWORD, "open sesame")).await.unwrap();
    assert_eq!(world.standing(&pair).await, "good");
}

#[tokio::test]
async fn an_administrator_sets_a_password_that_has_to_be_changed() {
    let world = World::new();
    let ann = world.given(user().named("ann")).await;
    let changes = UserChanges {
        password: Some(password("open sesame")),
        must_change_password: Some(true),
        ..UserChanges::default()
    };
    world.users.update(&admin(), ann.id.into(), put(changes)).await.unwrap();
    let pair = world.try_login(HOME, "ann", "open sesame").await.unwrap();
    assert_eq!(world.standing(&pair).await, "password change required");
}

#[tokio::test]
async fn ones_own_name_address_and_password_need_the_current_password() {
    let world = World::new();
    let ann = world.given(user().named("ann")).await;
    let none = UserChanges::default;
    let changes = [
        UserChanges { username: Some(domain::values::Username::parse("anna").unwrap()), ..none() },
        UserChanges { email: Some(domain::values::EmailAddress::parse("anna@example.org").unwrap()), ..none() },
        UserChanges { password: Some(password("open sesame")), ..none() },
    ];
    for changes in changes {
        for current_password in [None, Some("wrong horse".into())] {
            let command = UpdateUser { current_password, ..put(changes.clone()) };
            let error = world.users.update(&by(&ann), ann.id.into(), command).await.unwrap_err();
            assert!(matches!(error, UpdateUserError::Confirm(ConfirmPasswordError::Wrong)), "{error:?}");
        }
        assert_eq!(world.stored(ann.uuid).await, ann);
        world.users.unlock(&admin(), ann.id.into()).await.unwrap();
    }
}

#[tokio::test]
async fn sending_ones_own_name_back_needs_no_password() {
    let world = World::new();
    let ann = world.given(user().named("ann")).await;
    let changes = UserChanges {
        username: Some(domain::values::Username::parse("ann").unwrap()),
        email: Some(domain::values::EmailAddress::parse(&ann.email).unwrap()),
        ..UserChanges::default()
    };
    world.users.update(&by(&ann), ann.id.into(), put(changes)).await.unwrap();
}

#[tokio::test]
async fn a_reset_token_is_good_once_and_ends_all_sessions() {
    let world = World::new();
    let ann = world.given(user()).await;
    let pair = world.signed_in(&ann).await;
    let reset = world.authentication.create_reset_token(&admin(), ann.id.into()).await.unwrap();
    world.reset(&reset.token, "open sesame").await.unwrap();
    assert!(world.has_password(&ann, "open sesame").await);
    assert_eq!(world.standing(&pair).await, "invalid");
    assert_eq!(world.last_event().await.actor.id, Some(ann.uuid), "whoever holds the token acts for the user");
    let changed = world.events().await.into_iter().find(|event| event.action == "user.password_changed").unwrap();
    assert_eq!(changed.changes[1].new, Some("reset_token".into()));
    let again = world.reset(&reset.token, "another one").await;
    assert!(matches!(again, Err(SpendResetError::InvalidToken)));
}

#[tokio::test]
async fn a_reset_token_ends_after_an_hour_with_the_next_one_and_with_another_password() {
    let world = World::new();
    let ann = world.given(user()).await;
    let administrator = admin();
    let make = || world.authentication.create_reset_token(&administrator, ann.id.into());
    let replaced = make().await.unwrap();
    let late = make().await.unwrap();
    world.clock.advance(TimeDelta::hours(1));
    let overtaken = make().await.unwrap();
    let changes = UserChanges { password: Some(password("open sesame")), ..UserChanges::default() };
    world.users.update(&admin(), ann.id.into(), put(changes)).await.unwrap();
    for token in [replaced.token, late.token, overtaken.token, SecretToken::new("x".repeat(43))] {
        assert!(matches!(world.reset(&token, "another one").await, Err(SpendResetError::InvalidToken)));
    }
    assert!(world.has_password(&ann, "open sesame").await);
}

#[tokio::test]
async fn a_reset_token_is_never_written_down() {
    let world = World::new();
    let ann = world.given(user()).await;
    let reset = world.authentication.create_reset_token(&admin(), ann.id.into()).await.unwrap();
    assert!(!format!("{:?}", world.events().await).contains(reset.token.expose()));
    assert_eq!(world.actions(), ["user.updated"]);
    let nobody = world.authentication.create_reset_token(&admin(), domain::values::UserId::new(99).into()).await;
    assert!(matches!(nobody, Err(ResetPasswordError::NotFound)));
}

#[tokio::test]
async fn a_weak_password_is_refused_wherever_one_is_set_and_told_what_to_do() {
    let world = World::under(UserPolicy { min_password_score: 2, ..UserPolicy::default() });
    let ann = world.given(user().named("ann")).await;
    for (weak, code) in [("my password", "too_weak"), ("xx-ANN-xx-xx", "contains_name")] {
        let error = world.change_password(&by(&ann), change(PASSWORD, weak)).await.unwrap_err();
        let ChangePasswordError::Invalid(found) = error else { panic!("{error:?}") };
        assert_eq!((found[0].pointer.as_str(), found[0].violation.code()), ("/new_password", code));
        let changes = UserChanges { password: Some(password(weak)), ..UserChanges::default() };
        let error = world.users.update(&admin(), ann.id.into(), put(changes)).await.unwrap_err();
        let UpdateUserError::Invalid(found) = error else { panic!("{error:?}") };
        assert_eq!((found[0].pointer.as_str(), found[0].violation.code()), ("/password", code));
        assert!(!found[0].violation.detail().contains(weak));
    }
    let error = world.users.create(&admin(), user().password("password").new_user()).await.unwrap_err();
    let crate::users::CreateUserError::Invalid(found) = error else { panic!("{error:?}") };
    assert!(found[0].violation.detail().contains("Add another word"), "{found:?}");
    let reset = world.authentication.create_reset_token(&admin(), ann.id.into()).await.unwrap();
    for weak in ["my password", "xx-ANN-xx-xx"] {
        let error = world.reset(&reset.token, weak).await.unwrap_err();
        let SpendResetError::Invalid(found) = error else { panic!("{error:?}") };
        assert_eq!(found[0].pointer, "/new_password");
    }
    world.reset(&reset.token, "open sesame").await.unwrap();
}

#[tokio::test]
async fn whoever_resets_their_password_need_not_wait_any_more() {
    let world = World::new();
    let ann = world.given(user().named("ann")).await;
    for name in ["ann", "ann@example.org"] {
        for _ in 0..6 {
            world.try_login(HOME, name, "wrong horse").await.unwrap_err();
        }
    }
    let reset = world.authentication.create_reset_token(&admin(), ann.id.into()).await.unwrap();
    world.reset(&reset.token, "open sesame").await.unwrap();
    for name in ["ann", "ann@example.org"] {
        world.try_login(HOME, name, "open sesame").await.unwrap();
    }
}

#[tokio::test]
async fn whoever_knew_the_password_before_an_administrator_set_another_changes_nothing() {
    let world = World::new();
    let ann = world.given(user().named("ann")).await;
    let pair = world.signed_in(&ann).await;
    let thief = by_session(&ann, pair.session);
    let change_password =
        world.authentication.prepare_change_password(&thief, change(PASSWORD, "of the thief")).await.unwrap();
    let own = UserChanges { password: Some(password("of the thief")), ..UserChanges::default() };
    let update = world.users.prepare_update(&thief, ann.id.into(), confirmed(put(own))).await.unwrap();

    world.clock.advance(TimeDelta::milliseconds(1));
    let changes = UserChanges { password: Some(password("open sesame")), ..UserChanges::default() };
    world.users.update(&admin(), ann.id.into(), put(changes)).await.unwrap();

    let error = world.authentication.change_password_prepared(&thief, change_password).await.unwrap_err();
    assert!(matches!(error, ChangePasswordError::Confirm(ConfirmPasswordError::Wrong)), "{error:?}");
    let error = world.users.update_prepared(&thief, update).await.map(drop).unwrap_err();
    assert!(matches!(error, UpdateUserError::Confirm(ConfirmPasswordError::Wrong)), "{error:?}");
    assert!(world.has_password(&ann, "open sesame").await);
}
