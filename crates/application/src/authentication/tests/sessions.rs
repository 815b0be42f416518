//! Seeing and ending sessions.

use domain::values::SessionId;
use testkit::user;
use uuid::Uuid;

use super::people::by_session;
use crate::authentication::SessionError;
use crate::fixture::{World, admin};

#[tokio::test]
async fn one_sees_ones_own_live_sessions_the_newest_first() {
    let world = World::new();
    let ann = world.given(user()).await;
    let (first, second) = (world.signed_in(&ann).await, world.signed_in(&ann).await);
    world.signed_in(&world.given(user()).await).await;
    let gone = world.signed_in(&ann).await;
    world.authentication.logout(&by_session(&ann, gone.session), gone.session).await.unwrap();
    let listed = world.authentication.list_sessions(&by_session(&ann, first.session), ann.uuid.into()).await.unwrap();
    let told: Vec<_> = listed.iter().map(|listed| (listed.session.id(), listed.is_current)).collect();
    assert_eq!(told, [(second.session, false), (first.session, true)]);
}

#[tokio::test]
async fn one_ends_one_of_ones_own_sessions_once() {
    let world = World::new();
    let ann = world.given(user()).await;
    let (this, other) = (world.signed_in(&ann).await, world.signed_in(&ann).await);
    let context = by_session(&ann, this.session);
    world.authentication.revoke_session(&context, ann.uuid.into(), other.session).await.unwrap();
    assert_eq!((world.standing(&this).await, world.standing(&other).await), ("good", "invalid"));
    let again = world.authentication.revoke_session(&context, ann.uuid.into(), other.session).await;
    assert!(matches!(again, Err(SessionError::NotFound)));
}

#[tokio::test]
async fn somebody_elses_session_is_none_of_ones_own() {
    let world = World::new();
    let (ann, bob) = (world.given(user()).await, world.given(user()).await);
    let (of_ann, of_bob) = (world.signed_in(&ann).await, world.signed_in(&bob).await);
    let context = by_session(&ann, of_ann.session);
    for session in [of_bob.session, SessionId::new(Uuid::nil())] {
        let refused = world.authentication.revoke_session(&context, ann.uuid.into(), session).await;
        assert!(matches!(refused, Err(SessionError::NotFound)));
    }
    assert_eq!(world.standing(&of_bob).await, "good");
}

#[tokio::test]
async fn ending_all_sessions_leaves_the_one_in_hand() {
    let world = World::new();
    let ann = world.given(user()).await;
    let [this, other, another] =
        [world.signed_in(&ann).await, world.signed_in(&ann).await, world.signed_in(&ann).await];
    world.authentication.revoke_sessions(&by_session(&ann, this.session), ann.uuid.into()).await.unwrap();
    assert_eq!(world.standing(&this).await, "good");
    assert_eq!((world.standing(&other).await, world.standing(&another).await), ("invalid", "invalid"));
    let written = world.actions().len();
    world.authentication.revoke_sessions(&by_session(&ann, this.session), ann.uuid.into()).await.unwrap();
    assert_eq!(world.actions().len(), written, "there was none left to end");
}

#[tokio::test]
async fn an_administrator_ends_all_sessions_of_somebody() {
    let world = World::new();
    let ann = world.given(user()).await;
    let pair = world.signed_in(&ann).await;
    world.authentication.revoke_sessions(&admin(), ann.id.into()).await.unwrap();
    assert_eq!(world.standing(&pair).await, "invalid");
    assert_eq!(world.last_event().await.actor.id, admin().actor.uuid());
}

#[tokio::test]
async fn signing_out_twice_is_no_error_and_written_down_once() {
    let world = World::new();
    let ann = world.given(user()).await;
    let pair = world.signed_in(&ann).await;
    for _ in 0..2 {
        world.authentication.logout(&by_session(&ann, pair.session), pair.session).await.unwrap();
    }
    assert_eq!(world.actions()[2..], ["auth.logout", "session.revoked"]);
}
