//! The one place that commits: no change goes unrecorded.

use chrono::{DateTime, Utc};
use domain::audit::AuditEvent;
use domain::ports::{IdGenerator, StorageError, UnitOfWork};
use domain::user::UserEvent;

use crate::RequestContext;

/// Writes the events down in the unit that made the changes, and commits both.
///
/// # Errors
///
/// What [`UnitOfWork::commit`] and the audit trail report; on an error nothing happened, unless the outcome is unknown.
pub(crate) async fn record(
    mut unit: Box<dyn UnitOfWork>,
    context: &RequestContext,
    ids: &dyn IdGenerator,
    now: DateTime<Utc>,
    events: Vec<UserEvent>,
) -> Result<(), StorageError> {
    let events: Vec<_> = events
        .into_iter()
        .map(|event| AuditEvent::of_user(event, ids.uuid(now), now, &context.actor, &context.origin))
        .collect();
    unit.audit().append(&events).await?;
    #[expect(clippy::disallowed_methods, reason = "this is the one place")]
    unit.commit().await
}
