//! What is written down about each change, in the same transaction as the change.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::access::Actor;
use crate::user::{FieldChange, UserEvent};
use crate::values::UserUuid;

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
    /// To which user.
    pub target: UserUuid,
    /// What changed, field by field.
    pub changes: Vec<FieldChange>,
    /// Where it came from.
    pub origin: Origin,
}

impl AuditEvent {
    /// Completes what happened to a user with who did it, when and from where.
    pub fn of_user(event: UserEvent, id: Uuid, recorded_at: DateTime<Utc>, actor: &Actor, origin: &Origin) -> Self {
        Self {
            id,
            recorded_at,
            action: event.action.as_str(),
            actor: actor.clone(),
            target: event.user,
            changes: event.changes,
            origin: origin.clone(),
        }
    }
}
