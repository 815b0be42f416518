//! Who asks, and from where.

use domain::access::Actor;
use domain::audit::Origin;
use domain::values::SessionId;

use crate::repeated::Ticket;

/// Who asks for a use case, and from where.
#[derive(Debug, Clone)]
pub struct RequestContext {
    /// Who.
    pub actor: Actor,
    /// From where, for the audit trail.
    pub origin: Origin,
    /// The right to carry the request out, where it is one to be carried out once.
    pub once: Option<Ticket>,
}

impl RequestContext {
    /// A request like any other.
    pub const fn new(actor: Actor, origin: Origin) -> Self {
        Self { actor, origin, once: None }
    }

    /// The session that the request came by, if it came by one.
    pub fn session(&self) -> Option<SessionId> {
        self.origin.session_id.map(SessionId::new)
    }

    /// The service itself, on its own initiative.
    pub fn system() -> Self {
        Self::new(Actor::System, Origin::default())
    }
}
