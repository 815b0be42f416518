//! Reading the audit trail: which events, which part of them.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::values::UserUuid;

/// The longest page of events anybody gets.
pub const MAX_EVENTS: u32 = 500;

/// Which events, newest first, which part of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListEvents {
    /// Which events.
    pub filter: EventFilter,
    /// Only events that are older than this one, which need not exist.
    pub before: Option<EventPosition>,
    /// How many at most.
    pub limit: u32,
}

/// Conditions that an event must all meet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// This user did it.
    pub actor: Option<UserUuid>,
    /// It was done to this.
    pub target: Option<Uuid>,
    /// It is about this person: the user themself or one of their sessions.
    pub subject: Option<UserUuid>,
    /// This happened.
    pub action: Option<String>,
    /// At this moment or later.
    pub from: Option<DateTime<Utc>>,
    /// Before this moment.
    pub to: Option<DateTime<Utc>>,
}

/// Where an event stands among others: by time, and by id among those of one time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventPosition {
    /// When it happened.
    pub recorded_at: DateTime<Utc>,
    /// Its id.
    pub id: Uuid,
}
