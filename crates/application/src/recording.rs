//! The one place that commits: no change goes unrecorded, and none goes unheard.

use std::time::Instant;

use chrono::{DateTime, Utc};
use domain::audit::{AuditEvent, Event};
use domain::ports::{StorageError, UnitOfWork};
use domain::user::{UserAction, UserView};

use crate::audit::seal;
use crate::repeated::{Answer, Ticket};
use crate::{Ports, RequestContext};

/// What the caller is told, as far as it differs from one call to another: for answering the same request the same way.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Outcome<'a> {
    /// Only that it is done.
    Done,
    /// The user as they are now.
    User(&'a UserView),
    /// Something of the use case's own, as JSON; it may be secret.
    Json(&'a serde_json::Value),
    /// What came of each part of a request of several, from part 0.
    Parts(&'a [Answer]),
}

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
    outcome: Outcome<'_>,
) -> Result<(), StorageError> {
    let events: Vec<_> = events
        .into_iter()
        .map(|event| AuditEvent::of(event.into(), ports.ids.uuid(now), now, &context.actor, &context.origin))
        .collect();
    let sealed = seal(&mut *unit, ports, &events).await?;
    unit.audit().append(&sealed.events).await?;
    context.keep_outcome(&mut *unit, ports, now, outcome).await?;
    context.once.iter().for_each(Ticket::committing);
    #[expect(clippy::disallowed_methods, reason = "this is the one place")]
    let committed = unit.commit().await;
    context.once.iter().for_each(|ticket| ticket.committed(&committed));
    if committed.is_ok() {
        ports.keyring.keep(sealed.learnt);
    }
    for event in events.iter().filter(|event| event.action == UserAction::Purged.as_str()) {
        event.subject.into_iter().for_each(|person| ports.keyring.forget(person));
    }
    // Also after an error: a commit whose answer was lost may have happened.
    let changes: Vec<_> = events.iter().map(AuditEvent::access_change).collect();
    ports.listener.committed(&changes);
    ports.replica.iter().for_each(|replica| replica.wrote(&context.actor, &changes, Instant::now()));
    committed
}
