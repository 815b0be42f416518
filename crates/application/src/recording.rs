//! The one place that commits: no change goes unrecorded, and none goes unheard.

use chrono::{DateTime, Utc};
use domain::audit::{AuditEvent, Event};
use domain::ports::{StorageError, UnitOfWork};

use crate::{Ports, RequestContext};

/// Writes the events down in the unit that made the changes, commits both, and tells whoever keeps copies in memory.
///
/// # Errors
///
/// What [`UnitOfWork::commit`] and the audit trail report; on an error nothing happened, unless the outcome is unknown.
pub(crate) async fn record<E: Into<Event>>(
    mut unit: Box<dyn UnitOfWork>,
    context: &RequestContext,
    ports: &Ports,
    now: DateTime<Utc>,
    events: Vec<E>,
) -> Result<(), StorageError> {
    let events: Vec<_> = events
        .into_iter()
        .map(|event| AuditEvent::of(event.into(), ports.ids.uuid(now), now, &context.actor, &context.origin))
        .collect();
    unit.audit().append(&events).await?;
    #[expect(clippy::disallowed_methods, reason = "this is the one place")]
    let committed = unit.commit().await;
    // Also after an error: a commit whose answer was lost may have happened.
    let changes: Vec<_> = events.iter().map(AuditEvent::access_change).collect();
    ports.listener.committed(&changes);
    committed
}
