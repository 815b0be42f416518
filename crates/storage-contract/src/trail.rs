//! Events to write down, and what the audit trail says then.

use domain::audit::{EventPosition, ListEvents, MAX_EVENTS, SealedEvent, StoredEvent};
use domain::user::UserAction;
use domain::values::UserUuid;
use testkit::FixedClock;

use crate::db::Db;
use crate::sign_in::new_digest;
use crate::unit::new_uuid;

/// An event about somebody, with an id of its own and nothing that is optional.
pub(crate) fn event(action: UserAction) -> SealedEvent {
    event_about(UserUuid::new(new_uuid()), action)
}

/// An event about this person, with nothing that is optional: for tests that need any.
pub fn event_about(subject: UserUuid, action: UserAction) -> SealedEvent {
    SealedEvent {
        id: new_uuid(),
        recorded_at: FixedClock::START,
        action: action.as_str().into(),
        actor_type: "system".into(),
        actor_id: None,
        target_type: "user".into(),
        target_id: subject.get(),
        subject: Some(subject),
        fields: String::new(),
        origin: None,
        changes: None,
        request_id: None,
        session_id: None,
        mac: new_digest(),
    }
}

/// So many events.
pub(crate) fn events(number: usize) -> Vec<SealedEvent> {
    (0..number).map(|_| event(UserAction::Updated)).collect()
}

/// Where the event stands in a list.
pub(crate) fn position(event: &SealedEvent) -> EventPosition {
    EventPosition { recorded_at: event.recorded_at, id: event.id }
}

impl Db {
    /// Writes events down, and commits.
    pub(crate) async fn write_down(&self, events: &[SealedEvent]) {
        let mut unit = self.begin().await;
        unit.append(events).await;
        unit.commit().await;
    }

    pub(crate) async fn list_events(&self, query: &ListEvents) -> Vec<StoredEvent> {
        self.trail().list(query).await.expect("events can be listed")
    }

    /// The committed events, by id.
    pub(crate) async fn events(&self) -> Vec<SealedEvent> {
        let mut query = ListEvents { limit: MAX_EVENTS, ..Default::default() };
        let mut events = Vec::new();
        loop {
            let page = self.list_events(&query).await;
            events.extend(page.into_iter().map(|stored| stored.event));
            let Some(last) = events.last().map(position) else { break };
            if query.before.replace(last) == Some(last) {
                break;
            }
        }
        events.sort_by_key(|event| event.id);
        events
    }
}
