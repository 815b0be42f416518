//! Who asks, and from where.

use domain::access::Actor;
use domain::audit::Origin;
use domain::values::SessionId;

/// Who asks for a use case, and from where.
#[derive(Debug, Clone)]
pub struct RequestContext {
    /// Who.
    pub actor: Actor,
    /// From where, for the audit trail.
    pub origin: Origin,
}

impl RequestContext {
    /// The session that the request came by, if it came by one.
    pub fn session(&self) -> Option<SessionId> {
        self.origin.session_id.map(SessionId::new)
    }

    /// The service itself, on its own initiative.
    pub fn system() -> Self {
        Self { actor: Actor::System, origin: Origin::default() }
    }
}
