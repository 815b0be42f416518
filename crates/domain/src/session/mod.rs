//! Sessions: what somebody who signed in holds on to, and the refresh tokens that keep one going.

mod event;
mod token;

pub use event::{RevocationReason, SessionAction, SessionEvent};
pub use token::RefreshToken;

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};

use crate::values::{Role, SessionId, UserId, UserUuid};

/// How somebody proved who they are, by the names of RFC 8176.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AuthenticationMethod {
    /// With a password: `pwd`.
    Password,
}

impl AuthenticationMethod {
    /// The method's name in tokens and the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "pwd",
        }
    }

    /// Reads a stored name.
    pub fn parse(text: &str) -> Option<Self> {
        (text == "pwd").then_some(Self::Password)
    }
}

/// How long sessions last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLifetime {
    /// A session that is not refreshed for so long ends.
    pub idle: TimeDelta,
    /// A session ends after so long in any case.
    pub absolute: TimeDelta,
}

/// Every stored value of a session. The fields are public for adapters; see [`Session`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRecord {
    /// Its name.
    pub id: SessionId,
    /// Who signed in.
    pub user: UserUuid,
    /// How they proved who they are.
    pub method: AuthenticationMethod,
    /// When they signed in.
    pub created_at: DateTime<Utc>,
    /// When tokens were last given out.
    pub last_used_at: DateTime<Utc>,
    /// When it ends unless it is refreshed before; never after `ends_at`.
    pub expires_at: DateTime<Utc>,
    /// When it ends in any case.
    pub ends_at: DateTime<Utc>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
    /// Where they signed in from.
    pub ip: Option<IpAddr>,
    /// With what.
    pub user_agent: Option<String>,
}

/// Somebody's being signed in, on one device. It changes through transitions alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    record: SessionRecord,
}

/// Where and how somebody signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// The new session's name.
    pub id: SessionId,
    /// Who.
    pub user: UserUuid,
    /// How they proved who they are.
    pub method: AuthenticationMethod,
    /// From where.
    pub ip: Option<IpAddr>,
    /// With what.
    pub user_agent: Option<String>,
}

impl Session {
    /// A new session, and the event that says so.
    pub fn open(sign_in: SignIn, lifetime: SessionLifetime, now: DateTime<Utc>) -> (Self, SessionEvent) {
        let SignIn { id, user, method, ip, user_agent } = sign_in;
        let ends_at = now + lifetime.absolute;
        let record = SessionRecord {
            id,
            user,
            method,
            created_at: now,
            last_used_at: now,
            expires_at: ends_at.min(now + lifetime.idle),
            ends_at,
            revoked_at: None,
            ip,
            user_agent,
        };
        let session = Self { record };
        let event = session.event(SessionAction::Created);
        (session, event)
    }

    /// The session that a database holds.
    pub fn from_stored(record: SessionRecord) -> Self {
        Self { record }
    }

    /// Everything there is to store.
    pub fn record(&self) -> &SessionRecord {
        &self.record
    }

    /// Its name.
    pub fn id(&self) -> SessionId {
        self.record.id
    }

    /// Who signed in.
    pub fn user(&self) -> UserUuid {
        self.record.user
    }

    /// Whether it has neither ended nor been revoked.
    pub fn is_live(&self, now: DateTime<Utc>) -> bool {
        self.record.revoked_at.is_none() && now < self.record.expires_at
    }

    /// Keeps a live session going. Nothing revives one that has ended.
    pub fn refresh(&mut self, lifetime: SessionLifetime, now: DateTime<Utc>) {
        if self.is_live(now) {
            self.record.last_used_at = self.record.last_used_at.max(now);
            self.record.expires_at = self.record.ends_at.min(now + lifetime.idle);
        }
    }

    /// Ends the session. Revoking one that is not live changes nothing.
    pub fn revoke(&mut self, reason: RevocationReason, now: DateTime<Utc>) -> Option<SessionEvent> {
        if !self.is_live(now) {
            return None;
        }
        self.record.revoked_at = Some(now);
        Some(self.event(SessionAction::Revoked(reason)))
    }

    fn event(&self, action: SessionAction) -> SessionEvent {
        SessionEvent { action, session: self.record.id, user: self.record.user }
    }
}

/// What a request with an access token needs to know of its session and its user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionAccess {
    /// The session.
    pub session: SessionId,
    /// Whose it is.
    pub user: UserUuid,
    /// The number of the user.
    pub user_id: UserId,
    /// The user's name.
    pub username: String,
    /// The user's role now.
    pub role: Role,
    /// The user's epoch now: access tokens of another one are stale.
    pub auth_epoch: i64,
    /// Whether the user must choose another password first.
    pub must_change_password: bool,
    /// When the session ends; `None` if it may not be used at all, because it was revoked, or its user is inactive or
    /// deleted.
    pub usable_until: Option<DateTime<Utc>>,
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const NOW: DateTime<Utc> = DateTime::from_timestamp(1_700_000_000, 0).expect("a moment");
    const LIFETIME: SessionLifetime = SessionLifetime { idle: TimeDelta::days(7), absolute: TimeDelta::days(90) };

    fn session() -> Session {
        let sign_in = SignIn {
            id: SessionId::new(Uuid::from_u128(7)),
            user: UserUuid::new(Uuid::from_u128(1)),
            method: AuthenticationMethod::Password,
            ip: None,
            user_agent: None,
        };
        let (session, event) = Session::open(sign_in, LIFETIME, NOW);
        assert_eq!((event.action, event.session, event.user), (SessionAction::Created, session.id(), session.user()));
        session
    }

    #[test]
    fn a_session_ends_when_it_was_not_refreshed_in_time() {
        let session = session();
        assert!(session.is_live(NOW + TimeDelta::days(7) - TimeDelta::microseconds(1)));
        assert!(!session.is_live(NOW + TimeDelta::days(7)));
    }

    #[test]
    fn refreshing_keeps_a_session_going_but_not_beyond_its_absolute_end() {
        let mut session = session();
        let mut now = NOW;
        for _ in 0..20 {
            now += TimeDelta::days(5);
            session.refresh(LIFETIME, now);
        }
        assert_eq!(session.record().expires_at, NOW + TimeDelta::days(90));
        assert!(!session.is_live(now), "100 days later");
    }

    #[test]
    fn nothing_revives_a_session_that_has_ended() {
        let mut session = session();
        let late = NOW + TimeDelta::days(8);
        session.refresh(LIFETIME, late);
        assert!(!session.is_live(late));
        let mut revoked = self::session();
        assert!(revoked.revoke(RevocationReason::Logout, NOW).is_some());
        revoked.refresh(LIFETIME, NOW);
        assert!(!revoked.is_live(NOW));
    }

    #[test]
    fn a_session_is_revoked_once() {
        let mut session = session();
        let event = session.revoke(RevocationReason::Administrator, NOW).unwrap();
        assert_eq!(event.action, SessionAction::Revoked(RevocationReason::Administrator));
        assert_eq!(session.revoke(RevocationReason::Logout, NOW), None);
        assert_eq!(session.record().revoked_at, Some(NOW));
    }

    #[test]
    fn the_method_reads_back() {
        let method = AuthenticationMethod::Password;
        assert_eq!(AuthenticationMethod::parse(method.as_str()), Some(method));
        assert_eq!(AuthenticationMethod::parse("otp"), None);
    }
}
