//! What is written down about each change, in the same transaction as the change.

mod chain;
mod query;
mod sealed;

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::access::Actor;
use crate::session::SessionEvent;
use crate::user::{FieldChange, UserAction, UserEvent};
use crate::values::{SessionId, UserUuid};

pub use chain::{ChainLink, ChainedEvent, Checkpoint, GENESIS, NumberedEvent};
pub use query::{EventFilter, EventPosition, ListEvents, MAX_EVENTS};
pub use sealed::{KeyHolder, Place, SealedEvent, SealedText, StoredEvent};

/// Where a request came from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The client's address.
    pub ip: Option<IpAddr>,
    /// What the client says it is.
    pub user_agent: Option<String>,
    /// The request's id, which the logs hold too.
    pub request_id: Option<String>,
    /// The session that was used.
    pub session_id: Option<Uuid>,
}

/// What an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Target {
    /// A user.
    User(UserUuid),
    /// A session.
    Session(SessionId),
    /// A name that nobody has, by a pseudonym (`UUIDv8` of its HMAC), so that tries of one name can be told from tries of
    /// another without keeping what may be a mistyped password.
    Name(Uuid),
}

impl Target {
    /// The kind of target, as the audit trail writes it.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::Session(_) => "session",
            Self::Name(_) => "name",
        }
    }

    /// Its id there.
    pub const fn id(self) -> Uuid {
        match self {
            Self::User(user) => user.get(),
            Self::Session(session) => session.get(),
            Self::Name(pseudonym) => pseudonym,
        }
    }
}

/// Something that happened, before anybody has said who did it, when and from where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What happened, such as `user.created`.
    pub action: &'static str,
    /// To what.
    pub target: Target,
    /// The person it is about, if it is a known one: the user, or the session's owner.
    pub subject: Option<UserUuid>,
    /// What changed, field by field.
    pub changes: Vec<FieldChange>,
}

impl From<UserEvent> for Event {
    fn from(event: UserEvent) -> Self {
        Self {
            action: event.action.as_str(),
            target: Target::User(event.user),
            subject: Some(event.user),
            changes: event.changes,
        }
    }
}

impl From<SessionEvent> for Event {
    fn from(event: SessionEvent) -> Self {
        Self {
            action: event.action_name(),
            target: Target::Session(event.session),
            subject: Some(event.user),
            changes: event.changes(),
        }
    }
}

/// One event of the audit trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEvent {
    /// The event's own id.
    pub id: Uuid,
    /// When it happened.
    pub recorded_at: DateTime<Utc>,
    /// What happened, such as `user.created`.
    pub action: &'static str,
    /// Who did it.
    pub actor: Actor,
    /// To what.
    pub target: Target,
    /// The person it is about, if it is a known one.
    pub subject: Option<UserUuid>,
    /// What changed, field by field.
    pub changes: Vec<FieldChange>,
    /// Where it came from.
    pub origin: Origin,
}

impl AuditEvent {
    /// Completes what happened with who did it, when and from where.
    pub fn of(event: Event, id: Uuid, recorded_at: DateTime<Utc>, actor: &Actor, origin: &Origin) -> Self {
        Self {
            id,
            recorded_at,
            action: event.action,
            actor: actor.clone(),
            target: event.target,
            subject: event.subject,
            changes: event.changes,
            origin: origin.clone(),
        }
    }

    /// What somebody who keeps a copy of a user or a session has to forget.
    pub fn access_change(&self) -> AccessChange {
        let session = match self.target {
            Target::Session(session) => Some(session),
            Target::User(_) | Target::Name(_) => None,
        };
        AccessChange { user: self.subject, session, effect: Effect::of(self.action) }
    }
}

/// Which user or session changed: what is kept of them in memory is to be forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AccessChange {
    /// The user it is about.
    pub user: Option<UserUuid>,
    /// The session, where it is about one session alone.
    pub session: Option<SessionId>,
    /// What it may have changed beyond the user or session itself.
    pub effect: Effect,
}

/// What a change means for those who keep more than single users.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Somebody is there who was not before.
    Creation,
    /// Others may have a role or a state than before, so that totals are not what they were.
    Standing,
    /// Nothing that anybody is counted by.
    Detail,
}

impl Effect {
    /// Of an event of this action. One that is not known, as a newer program writes it, is taken for the worst but a creation.
    pub fn of(action: &str) -> Self {
        let is_one_of = |actions: &[UserAction]| actions.iter().any(|one| one.as_str() == action);
        let is_of_signing_in = action.starts_with("auth.") || action.starts_with("session.");
        if is_one_of(&[UserAction::Created, UserAction::Imported]) {
            Self::Creation
        } else if is_of_signing_in
            || is_one_of(&[UserAction::Updated, UserAction::PasswordChanged, UserAction::Unlocked])
        {
            Self::Detail
        } else {
            Self::Standing
        }
    }
}
