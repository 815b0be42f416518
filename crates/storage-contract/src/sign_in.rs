//! Sessions and tokens to store, with nothing written down but what the case is about.

use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use domain::login::{FailureRun, LoginKey, Place};
use domain::ports::SecretGenerator;
use domain::session::{AuthenticationMethod, RefreshToken, RevocationReason, Session, SessionLifetime, SignIn};
use domain::user::User;
use domain::values::{Digest, Nonce, SessionId};
use testkit::{FixedClock, SequentialSecrets};

use crate::db::Db;
use crate::unit::new_uuid;

/// What time it is, where the case does not care.
pub(crate) const NOW: DateTime<Utc> = FixedClock::START;

/// How long the sessions of cases last.
pub(crate) const LIFETIME: SessionLifetime =
    SessionLifetime { idle: TimeDelta::days(7), absolute: TimeDelta::days(90) };

/// So many microseconds, the least that is stored.
pub(crate) const fn micros(number: i64) -> TimeDelta {
    TimeDelta::microseconds(number)
}

/// What stands for this text.
pub(crate) fn digest(text: &str) -> Digest {
    SequentialSecrets::new().pseudonym("case", text)
}

/// A digest that no other case and no other call has.
pub(crate) fn new_digest() -> Digest {
    static NUMBER: AtomicU64 = AtomicU64::new(1);
    digest(&format!("number {}", NUMBER.fetch_add(1, Ordering::Relaxed)))
}

/// Failures of this name, from this network.
pub(crate) fn from_network(name: &str, network: &str) -> LoginKey {
    LoginKey { name: digest(name), place: Place::Network(digest(network)) }
}

/// Failures of this name, from all networks together.
pub(crate) fn from_anywhere(name: &str) -> LoginKey {
    LoginKey { name: digest(name), place: Place::Anywhere }
}

/// So many failures at that moment, none of which asks for a wait.
pub(crate) fn failed(failures: u32, last_failed_at: DateTime<Utc>) -> FailureRun {
    FailureRun { failures, last_failed_at, wait_until: None }
}

/// What somebody does who signs in.
pub(crate) fn sign_in(user: &User) -> SignIn {
    let id = SessionId::new(new_uuid());
    SignIn { id, user: user.uuid(), method: AuthenticationMethod::Password, ip: None, user_agent: None }
}

/// A session that was opened at this moment.
pub(crate) fn session_at(user: &User, now: DateTime<Utc>) -> Session {
    Session::open(sign_in(user), LIFETIME, now).0
}

/// A session that was opened just now.
pub(crate) fn session(user: &User) -> Session {
    session_at(user, NOW)
}

/// The session, revoked.
pub(crate) fn revoked(mut session: Session, now: DateTime<Utc>) -> Session {
    session.revoke(RevocationReason::Administrator, now).expect("the session is live");
    session
}

/// A session's first token.
pub(crate) fn token(session: &Session) -> RefreshToken {
    let (digest, nonce) = (new_digest(), Nonce::new(*new_digest().bytes()));
    RefreshToken { digest, session: session.id(), parent: None, nonce, issued_at: NOW, spent_at: None }
}

/// A token that was given out for this one.
pub(crate) fn successor(parent: &RefreshToken) -> RefreshToken {
    let (digest, nonce) = (new_digest(), Nonce::new(*new_digest().bytes()));
    RefreshToken { digest, nonce, parent: Some(parent.digest), ..parent.clone() }
}

impl Db {
    /// Stores sessions, and commits.
    pub(crate) async fn open(&self, sessions: &[&Session]) {
        let mut unit = self.begin().await;
        for session in sessions {
            unit.sessions().insert(session).await.expect("a session can be stored");
        }
        unit.commit().await;
    }

    /// Notes that a user signed in at this moment, and commits.
    pub(crate) async fn sign_in(&self, user: &User, now: DateTime<Utc>) {
        let mut unit = self.begin().await;
        unit.logins().signed_in(user.uuid(), digest("home"), now).await.expect("a sign-in can be noted");
        unit.commit().await;
    }

    /// Stores tokens, and commits.
    pub(crate) async fn give_out(&self, tokens: &[&RefreshToken]) {
        let mut unit = self.begin().await;
        for token in tokens {
            unit.sessions().insert_token(token).await.expect("a token can be stored");
        }
        unit.commit().await;
    }

    /// The session as a new unit of work finds it.
    pub(crate) async fn session(&self, session: SessionId) -> Option<Session> {
        self.begin().await.sessions().find(session).await.expect("a session can be loaded")
    }

    /// The token as a new unit of work finds it.
    pub(crate) async fn token(&self, token: Digest) -> Option<RefreshToken> {
        self.begin().await.sessions().find_token(token).await.expect("a token can be loaded")
    }

    /// The live sessions of a user, as a new unit of work finds them.
    pub(crate) async fn live(&self, user: &User, now: DateTime<Utc>) -> Vec<Session> {
        self.begin().await.sessions().find_live(user.uuid(), now).await.expect("sessions can be loaded")
    }

    /// The live sessions of a user, as readers see them.
    pub(crate) async fn listed(&self, user: &User, now: DateTime<Utc>) -> Vec<Session> {
        self.sessions().sessions_of(user.uuid(), now).await.expect("sessions can be read")
    }
}
