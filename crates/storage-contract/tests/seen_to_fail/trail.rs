//! The audit trail with a fault: what is written, and reading it.

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use domain::audit::{EventFilter, ListEvents, SealedEvent, SealedText, StoredEvent};
use domain::ports::{AuditQueries, StorageError, WrappedKey};
use domain::values::{Digest, UserUuid};
use uuid::Uuid;

use crate::broken::Broken;
use crate::fault::Fault;
use crate::key_fingerprints::up_to_zero;

/// Changes what is written down.
pub(crate) fn mangle_event(fault: Option<Fault>, event: &SealedEvent) -> SealedEvent {
    let mut event = event.clone();
    let cut = |text: SealedText| SealedText::from_stored(text.as_str().chars().take(65_535).collect());
    match fault {
        Some(Fault::GuessesSubjects) => event.subject = event.subject.or(Some(UserUuid::new(event.target_id))),
        Some(Fault::ForgetsWhoActed) => event.actor_id = None,
        Some(Fault::CutsSealedValues) => {
            (event.origin, event.changes) = (event.origin.map(cut), event.changes.map(cut));
        }
        Some(Fault::CutsTimesToMilliseconds) => {
            let millis = event.recorded_at.timestamp_millis();
            event.recorded_at = DateTime::from_timestamp_millis(millis).unwrap_or(event.recorded_at);
        }
        Some(Fault::StoresMissingTextsAsEmpty) => event.request_id = event.request_id.or(Some(String::new())),
        Some(Fault::EndsFingerprintsAtZero) => event.mac = Digest::new(up_to_zero(*event.mac.bytes())),
        _ => {}
    }
    event
}

impl Broken {
    /// Whether the event went with somebody who was erased.
    pub(crate) fn is_erased(&self, event: &SealedEvent) -> bool {
        let erased = &self.remembered().erased;
        self.has(Fault::ErasesEvents) && event.subject.is_some_and(|subject| erased.contains(&subject))
    }

    /// How many are asked for, as a fault has it.
    pub(crate) fn limit(&self, limit: u32) -> u32 {
        match self.fault {
            Some(Fault::GivesOneTooMany) => limit.saturating_add(1),
            Some(Fault::GivesFiftyAtMost) => limit.min(50),
            _ => limit,
        }
    }
}

#[async_trait]
impl AuditQueries for Broken {
    async fn list(&self, query: &ListEvents) -> Result<Vec<StoredEvent>, StorageError> {
        self.reach().await?;
        let mut query = ListEvents { limit: self.limit(query.limit), ..query.clone() };
        match self.fault {
            Some(Fault::IgnoresEventFilters) => query.filter = EventFilter::default(),
            Some(Fault::BoundsAreInclusive) => {
                query.filter.to = query.filter.to.map(|to| to + TimeDelta::microseconds(1));
            }
            Some(Fault::EventPagesLeaveOutTies) => {
                query.before = query.before.map(|before| domain::audit::EventPosition { id: Uuid::nil(), ..before });
            }
            _ => {}
        }
        let mut events = self.memory.list(&query).await?;
        let early = self.remembered().early_events.clone();
        events.extend(early.into_iter().map(|event| StoredEvent { event, place: None }));
        events.retain(|stored| !self.is_erased(&stored.event));
        match self.fault {
            Some(Fault::ListsEventsTheOldestFirst) => events.reverse(),
            Some(Fault::HidesPlaces) => events.iter_mut().for_each(|stored| stored.place = None),
            _ => {}
        }
        Ok(events)
    }

    async fn history(
        &self,
        subject: UserUuid,
        until: Option<DateTime<Utc>>,
        after: i64,
        limit: u32,
    ) -> Result<Vec<(i64, SealedEvent)>, StorageError> {
        self.reach().await?;
        if self.has(Fault::TakesTargetsForSubjects) {
            let all = (1..).zip(self.memory.audit_events());
            return Ok(all.filter(|(_, event)| event.target_id == subject.get()).collect());
        }
        let early = TimeDelta::microseconds(i64::from(self.has(Fault::StopsHistoryAMomentEarly)));
        let skipped = i64::from(self.has(Fault::SkipsAChangeAtEachPage) && after > 0);
        let until = until.map(|until| until - early);
        let mut history = self.memory.history(subject, until, after.saturating_add(skipped), self.limit(limit)).await?;
        history.retain(|(_, event)| !self.is_erased(event));
        if self.has(Fault::SortsHistoryByTime) {
            history.sort_by_key(|(_, event)| event.recorded_at);
        }
        Ok(history)
    }

    async fn subject_keys(&self, subjects: &[UserUuid]) -> Result<Vec<(UserUuid, WrappedKey)>, StorageError> {
        self.reach().await?;
        Ok(self.with_keys_made_up(subjects, self.memory.subject_keys(subjects).await?))
    }
}
