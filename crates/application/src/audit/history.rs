//! What happened to one person, in the order in which it was written down.

use chrono::{DateTime, Utc};
use domain::audit::StoredEvent;
use domain::ports::StorageError;
use domain::values::UserUuid;

use super::{AuditRecord, open_all};
use crate::Ports;

/// Events that are read at once.
const PAGE: u32 = 500;

/// The events about a person up to a moment, part by part.
pub(crate) struct History<'a> {
    ports: &'a Ports,
    person: UserUuid,
    until: DateTime<Utc>,
    after: i64,
    is_over: bool,
}

impl<'a> History<'a> {
    pub(crate) fn of(ports: &'a Ports, person: UserUuid, until: DateTime<Utc>) -> Self {
        Self { ports, person, until, after: 0, is_over: false }
    }

    /// The next part, of those events whose action is asked for; `None` at the end.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    pub(crate) async fn part(
        &mut self,
        is_asked_for: impl Fn(&str) -> bool,
    ) -> Result<Option<Vec<AuditRecord>>, StorageError> {
        if self.is_over {
            return Ok(None);
        }
        let found = self.ports.audit.history(self.person, Some(self.until), self.after, PAGE).await?;
        self.is_over = found.len() < PAGE as usize;
        self.after = found.last().map_or(self.after, |(number, _)| *number);
        let asked_for = found.into_iter().filter(|(_, event)| is_asked_for(&event.action));
        let stored = asked_for.map(|(_, event)| StoredEvent { event, place: None }).collect();
        Ok(Some(open_all(self.ports, stored).await?))
    }
}
