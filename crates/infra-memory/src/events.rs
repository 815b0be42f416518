//! Reading the audit trail as it was committed last, and what it says of changes.

use std::cmp::Reverse;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::audit::{AccessChange, Effect, EventFilter, EventPosition, ListEvents, SealedEvent, StoredEvent};
use domain::ports::{AuditQueries, ChangeLog, LoggedChange, StorageError, WrappedKey};
use domain::values::{SessionId, UserUuid};

use crate::MemoryStorage;
use crate::tables::Tables;

#[async_trait]
impl AuditQueries for MemoryStorage {
    async fn list(&self, query: &ListEvents) -> Result<Vec<StoredEvent>, StorageError> {
        let tables = self.committed.tables();
        let is_asked_for = |event: &&Arc<SealedEvent>| {
            matches(&query.filter, event) && query.before.is_none_or(|before| position(event) < before)
        };
        let mut found: Vec<_> = tables.events.iter().filter(is_asked_for).collect();
        found.sort_unstable_by_key(|event| Reverse(position(event)));
        let chain = self.chain();
        let stored = |event: &Arc<SealedEvent>| StoredEvent {
            event: SealedEvent::clone(event),
            place: chain.place_of(event.id),
        };
        Ok(found.into_iter().take(query.limit as usize).map(stored).collect())
    }

    async fn history(
        &self,
        subject: UserUuid,
        until: Option<DateTime<Utc>>,
        after: i64,
        limit: u32,
    ) -> Result<Vec<(i64, SealedEvent)>, StorageError> {
        let tables = self.committed.tables();
        let events = numbered(&tables, after).filter(|(_, event)| {
            event.subject == Some(subject) && until.is_none_or(|until| event.recorded_at <= until)
        });
        Ok(events.take(limit as usize).map(|(number, event)| (number, SealedEvent::clone(event))).collect())
    }

    async fn subject_keys(&self, subjects: &[UserUuid]) -> Result<Vec<(UserUuid, WrappedKey)>, StorageError> {
        Ok(self.committed.tables().keys_of(subjects))
    }
}

#[async_trait]
impl ChangeLog for MemoryStorage {
    async fn newest(&self) -> Result<i64, StorageError> {
        Ok(i64::try_from(self.committed.tables().events.len()).unwrap_or(i64::MAX))
    }

    async fn after(&self, number: i64, limit: u32) -> Result<Vec<LoggedChange>, StorageError> {
        let tables = self.committed.tables();
        let changes =
            numbered(&tables, number).map(|(number, event)| LoggedChange { number, change: access_change(event) });
        Ok(changes.take(limit as usize).collect())
    }
}

/// Events with greater numbers than this, the least first.
pub(crate) fn numbered(tables: &Tables, after: i64) -> impl Iterator<Item = (i64, &Arc<SealedEvent>)> {
    (1..).zip(&tables.events).skip(usize::try_from(after).unwrap_or_default())
}

fn position(event: &SealedEvent) -> EventPosition {
    EventPosition { recorded_at: event.recorded_at, id: event.id }
}

fn matches(filter: &EventFilter, event: &SealedEvent) -> bool {
    // Named one by one, so that a new condition cannot be forgotten here.
    let EventFilter { actor, target, subject, action, from, to } = filter;
    actor.is_none_or(|actor| event.actor_id == Some(actor))
        && target.is_none_or(|target| event.target_id == target)
        && subject.is_none_or(|subject| event.subject == Some(subject))
        && action.as_ref().is_none_or(|action| event.action == *action)
        && from.is_none_or(|from| event.recorded_at >= from)
        && to.is_none_or(|to| event.recorded_at < to)
}

fn access_change(event: &SealedEvent) -> AccessChange {
    let session = (event.target_type == "session").then(|| SessionId::new(event.target_id));
    AccessChange { user: event.subject, session, effect: Effect::of(&event.action) }
}
