//! Between a stored row of `audit_events` and a [`SealedEvent`].

use chrono::NaiveDateTime;
use domain::audit::{SealedEvent, SealedText};
use domain::values::UserUuid;
use sea_orm::{DbBackend, FromQueryResult, QueryResult, Value};
use uuid::Uuid;

use crate::digests::{from_stored_digest, to_stored_digest};
use crate::faults::{Defect, unreadable};
use crate::moments::{from_stored, to_stored};

use domain::ports::StorageError;

/// Every column but the number, in the order of [`EventRow`] and [`values`].
macro_rules! event_columns {
    () => {
        "id, recorded_at, action, actor_type, actor_id, target_type, target_id, subject_id, fields, origin, changes, \
         request_id, session_id, mac"
    };
}
pub(super) use event_columns;

/// The number that grows as events are written. SQLite gives every row one of its own, the `rowid`.
pub(super) fn number(backend: DbBackend) -> &'static str {
    if backend == DbBackend::Sqlite { "audit_events.rowid" } else { "audit_events.seq" }
}

#[derive(Debug, FromQueryResult)]
struct EventRow {
    id: Uuid,
    recorded_at: NaiveDateTime,
    action: String,
    actor_type: String,
    actor_id: Option<Uuid>,
    target_type: String,
    target_id: Uuid,
    subject_id: Option<Uuid>,
    fields: String,
    origin: Option<String>,
    changes: Option<String>,
    request_id: Option<String>,
    session_id: Option<Uuid>,
    mac: Vec<u8>,
}

impl TryFrom<EventRow> for SealedEvent {
    type Error = Defect;

    fn try_from(row: EventRow) -> Result<Self, Defect> {
        Ok(Self {
            id: row.id,
            recorded_at: from_stored(row.recorded_at),
            action: row.action.into(),
            actor_type: row.actor_type.into(),
            actor_id: row.actor_id.map(UserUuid::new),
            target_type: row.target_type.into(),
            target_id: row.target_id,
            subject: row.subject_id.map(UserUuid::new),
            fields: row.fields,
            origin: row.origin.map(SealedText::from_stored),
            changes: row.changes.map(SealedText::from_stored),
            request_id: row.request_id,
            session_id: row.session_id,
            mac: from_stored_digest(&row.mac)?,
        })
    }
}

/// The event in a row that holds all of its columns.
pub(super) fn event(row: &QueryResult) -> Result<SealedEvent, StorageError> {
    Ok(EventRow::from_query_result(row, "").map_err(unreadable)?.try_into()?)
}

pub(super) fn values(event: &SealedEvent) -> [Value; 14] {
    // Every field by name, so that a new one cannot be forgotten here.
    let SealedEvent {
        id,
        recorded_at,
        action,
        actor_type,
        actor_id,
        target_type,
        target_id,
        subject,
        fields,
        origin,
        changes,
        request_id,
        session_id,
        mac,
    } = event;
    [
        (*id).into(),
        to_stored(*recorded_at).into(),
        action.as_ref().into(),
        actor_type.as_ref().into(),
        actor_id.map(UserUuid::get).into(),
        target_type.as_ref().into(),
        (*target_id).into(),
        subject.map(UserUuid::get).into(),
        fields.as_str().into(),
        origin.as_ref().map(SealedText::as_str).into(),
        changes.as_ref().map(SealedText::as_str).into(),
        request_id.as_deref().into(),
        (*session_id).into(),
        to_stored_digest(*mac),
    ]
}

/// About how long its texts are.
pub(super) fn bytes(event: &SealedEvent) -> usize {
    let sealed = |text: &Option<SealedText>| text.as_ref().map_or(0, |text| text.as_str().len());
    event.fields.len() + sealed(&event.origin) + sealed(&event.changes) + 512
}
