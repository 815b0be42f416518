//! Refresh tokens.

use chrono::TimeDelta;
use domain::input::Deactivation;
use domain::ports::Storage;
use domain::session::{AuthenticationMethod, RefreshToken, Session, SignIn};
use domain::values::{SecretToken, SessionId};
use testkit::user;
use uuid::Uuid;

use super::people::{HOME, from};
use crate::authentication::{AuthenticationPolicy, RefreshError, TokenPair};
use crate::fixture::{World, admin};
use crate::users::Precondition;

impl World {
    async fn refresh(&self, token: &SecretToken) -> Result<TokenPair, RefreshError> {
        self.authentication.refresh(&from(HOME), token).await
    }

    async fn is_refused(&self, token: &SecretToken) -> bool {
        matches!(self.refresh(token).await, Err(RefreshError::Invalid))
    }
}

#[tokio::test]
async fn each_refresh_token_gives_the_next_pair() {
    let world = World::new();
    let ann = world.given(user()).await;
    let mut pair = world.signed_in(&ann).await;
    for _ in 0..5 {
        world.clock.advance(TimeDelta::minutes(15));
        assert_eq!(world.standing(&pair).await, "expired");
        let next = world.refresh(&pair.refresh_token).await.unwrap();
        assert_ne!(next.refresh_token.expose(), pair.refresh_token.expose());
        assert_eq!(next.session, pair.session);
        pair = next;
        assert_eq!(world.standing(&pair).await, "good");
    }
}

#[tokio::test]
async fn a_retry_within_ten_seconds_gets_the_same_successor() {
    let world = World::new();
    let pair = world.signed_in(&world.given(user()).await).await;
    let first = world.refresh(&pair.refresh_token).await.unwrap();
    world.clock.advance(RefreshToken::GRACE);
    let again = world.refresh(&pair.refresh_token).await.unwrap();
    assert_eq!(first.refresh_token.expose(), again.refresh_token.expose());
    assert!(world.refresh(&first.refresh_token).await.is_ok());
}

#[tokio::test]
async fn a_spent_token_that_comes_back_late_ends_the_session_for_everybody() {
    let world = World::new();
    let pair = world.signed_in(&world.given(user()).await).await;
    let thief = world.refresh(&pair.refresh_token).await.unwrap();
    world.clock.advance(RefreshToken::GRACE + TimeDelta::microseconds(1));
    assert!(world.is_refused(&pair.refresh_token).await);
    assert_eq!(world.standing(&thief).await, "invalid");
    assert!(world.is_refused(&thief.refresh_token).await);
    let actions = world.actions();
    assert_eq!(actions[actions.len() - 2..], ["auth.refresh_reused", "session.revoked"]);
}

#[tokio::test]
async fn a_spent_token_comes_too_late_as_soon_as_its_successor_is_spent() {
    let world = World::new();
    let pair = world.signed_in(&world.given(user()).await).await;
    let second = world.refresh(&pair.refresh_token).await.unwrap();
    let third = world.refresh(&second.refresh_token).await.unwrap();
    assert!(world.is_refused(&pair.refresh_token).await, "though within the grace");
    assert_eq!(world.standing(&third).await, "invalid");
}

#[tokio::test]
async fn a_session_ends_when_it_was_not_refreshed_for_its_time_and_after_its_longest() {
    let world = World::new();
    let ann = world.given(user()).await;
    let idle = world.signed_in(&ann).await;
    world.clock.advance(TimeDelta::days(7));
    assert!(world.is_refused(&idle.refresh_token).await);

    let mut pair = world.signed_in(&ann).await;
    for _ in 0..18 {
        world.clock.advance(TimeDelta::days(5) - TimeDelta::seconds(1));
        pair = world.refresh(&pair.refresh_token).await.unwrap();
    }
    assert!(pair.refresh_expires_in <= 18 && pair.expires_in <= 18, "nothing outlives the session: {pair:?}");
    world.clock.advance(TimeDelta::seconds(18));
    assert!(world.is_refused(&pair.refresh_token).await);
}

#[tokio::test]
async fn a_token_that_was_never_given_out_is_refused_and_ends_nothing() {
    let world = World::new();
    let pair = world.signed_in(&world.given(user()).await).await;
    assert!(world.is_refused(&SecretToken::new("x".repeat(43))).await);
    assert_eq!(world.authentication.find_refresh_session(&pair.refresh_token).await.unwrap(), Some(pair.session));
    assert_eq!(world.standing(&pair).await, "good");
}

#[tokio::test]
async fn whoever_is_deactivated_or_deleted_refreshes_no_more() {
    let world = World::new();
    let (ann, bob) = (world.given(user()).await, world.given(user()).await);
    let pairs = [world.signed_in(&ann).await, world.signed_in(&bob).await];
    world.users.deactivate(&admin(), ann.id.into(), Deactivation::default(), Precondition::None).await.unwrap();
    world.users.delete(&admin(), bob.id.into(), Precondition::None).await.unwrap();
    for pair in pairs {
        assert!(world.is_refused(&pair.refresh_token).await);
    }
}

#[tokio::test]
async fn refreshing_writes_nothing_into_the_trail() {
    let world = World::new();
    let pair = world.signed_in(&world.given(user()).await).await;
    let before = world.actions();
    world.refresh(&pair.refresh_token).await.unwrap();
    assert_eq!(world.actions(), before);
}

#[tokio::test]
async fn a_session_whose_user_was_deactivated_by_hand_is_not_refreshed() {
    let world = World::new();
    let ina = world.given(user().inactive()).await;
    let sign_in = SignIn {
        id: SessionId::new(Uuid::from_u128(7)),
        user: ina.uuid,
        method: AuthenticationMethod::Password,
        ip: None,
        user_agent: None,
    };
    let (session, _) = Session::open(sign_in, AuthenticationPolicy::default().session, world.ports.clock.now());
    let token = world.ports.secrets.token();
    let kept = RefreshToken {
        digest: world.ports.secrets.digest(&token),
        session: session.id(),
        parent: None,
        nonce: world.ports.secrets.nonce(),
        issued_at: world.ports.clock.now(),
        spent_at: None,
    };
    let mut unit = world.storage.begin().await.unwrap();
    unit.sessions().insert(&session).await.unwrap();
    unit.sessions().insert_token(&kept).await.unwrap();
    #[expect(clippy::disallowed_methods, reason = "what a test begins with is nobody's doing")]
    unit.commit().await.unwrap();
    assert!(world.is_refused(&token).await);
}
