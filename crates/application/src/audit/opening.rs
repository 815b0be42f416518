//! Events as those see them who may read the trail.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::audit::{KeyHolder, Place, SealedEvent, SealedText, StoredEvent};
use domain::ports::{StorageError, SubjectKey};
use domain::values::UserUuid;
use serde_json::Value;
use uuid::Uuid;

use super::keyring::SERVICE;
use super::sealing::bound_to;
use crate::Ports;

/// What stands for a value whose person was erased.
pub const ERASED: &str = "[erased]";

/// An event with its personal values open, as far as they can be.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditRecord {
    /// The event's own id.
    pub id: Uuid,
    /// Its place in the chain, once it has one.
    pub place: Option<Place>,
    /// When it happened.
    pub recorded_at: DateTime<Utc>,
    /// What happened, such as `user.created`.
    pub action: String,
    /// Who did it.
    pub actor: ShownActor,
    /// The kind of target: `user`, `session` or `name`.
    pub target_type: String,
    /// The target's id.
    pub target_id: Uuid,
    /// The person it is about, if it is a known one.
    pub subject: Option<UserUuid>,
    /// What changed.
    pub changes: Vec<ShownChange>,
    /// The client's address.
    pub ip: Option<String>,
    /// What the client said it was.
    pub user_agent: Option<String>,
    /// The request's id.
    pub request_id: Option<String>,
    /// The session that was used.
    pub session_id: Option<Uuid>,
}

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownActor {
    /// `user`, `anonymous` or `system`.
    pub kind: String,
    /// The user.
    pub id: Option<UserUuid>,
    /// The name they went by then.
    pub name: Option<String>,
}

/// A field's change; of a secret neither value is there.
#[derive(Debug, Clone, PartialEq)]
pub struct ShownChange {
    /// The field's name in answers.
    pub field: String,
    /// What it was.
    pub old: Option<Value>,
    /// What it became.
    pub new: Option<Value>,
}

/// Opens events. Keys are asked of the storage now, so that nothing of an erased person opens.
///
/// # Errors
///
/// [`StorageError`] only; what cannot be opened reads [`ERASED`].
pub(crate) async fn open_all(ports: &Ports, events: Vec<StoredEvent>) -> Result<Vec<AuditRecord>, StorageError> {
    let mut persons: Vec<_> = events.iter().flat_map(|stored| persons(&stored.event)).collect();
    persons.sort_unstable();
    persons.dedup();
    let mut keys = HashMap::new();
    for some in persons.chunks(1_000) {
        for (person, wrapped) in ports.audit.subject_keys(some).await? {
            keys.extend(ports.subject_sealer.unwrap(person, &wrapped).map(|key| (person, key)));
        }
    }
    Ok(events.into_iter().map(|stored| open(ports, &keys, stored)).collect())
}

fn persons(event: &SealedEvent) -> impl Iterator<Item = UserUuid> {
    let of = |text: &Option<SealedText>, person: Option<UserUuid>| match text.as_ref()?.parts()?.0 {
        KeyHolder::Person => person,
        KeyHolder::Service => Some(SERVICE),
    };
    [of(&event.origin, event.origin_person()), of(&event.changes, event.subject)].into_iter().flatten()
}

fn open(ports: &Ports, keys: &HashMap<UserUuid, SubjectKey>, stored: StoredEvent) -> AuditRecord {
    let StoredEvent { event, place } = stored;
    let json = |text: &SealedText, person: Option<UserUuid>, part: &str| -> Option<Value> {
        let (holder, sealed) = text.parts()?;
        let key = keys.get(&if holder == KeyHolder::Person { person? } else { SERVICE })?;
        let plain = ports.subject_sealer.open(key, sealed, &bound_to(event.id, part))?;
        serde_json::from_slice(&plain).ok()
    };
    let origin = event.origin.as_ref().map(|text| json(text, event.origin_person(), "origin"));
    let changes = event.changes.as_ref().and_then(|text| json(text, event.subject, "changes"));
    let part = |name: &str| match &origin {
        None => None,
        Some(None) => Some(ERASED.to_owned()),
        Some(Some(values)) => values.get(name).and_then(Value::as_str).map(ToOwned::to_owned),
    };
    // Whoever was erased before the event was written left no origin, but a name they had.
    let lost_name = || event.actor_id.filter(|_| event.origin.is_none()).map(|_| ERASED.to_owned());
    let name = if event.actor_id.is_some() { part("name").or_else(lost_name) } else { None };
    AuditRecord {
        id: event.id,
        place,
        recorded_at: event.recorded_at,
        changes: shown_changes(&event.fields, changes),
        actor: ShownActor { kind: event.actor_type.clone().into_owned(), id: event.actor_id, name },
        ip: part("ip"),
        user_agent: part("user_agent"),
        action: event.action.into_owned(),
        target_type: event.target_type.into_owned(),
        target_id: event.target_id,
        subject: event.subject,
        request_id: event.request_id,
        session_id: event.session_id,
    }
}

fn shown_changes(fields: &str, opened: Option<Value>) -> Vec<ShownChange> {
    let Some(Value::Array(changes)) = opened else {
        let erased = |field: &str| {
            let value = || (field != "password").then(|| Value::from(ERASED));
            ShownChange { field: field.to_owned(), old: value(), new: value() }
        };
        return fields.split(',').filter(|field| !field.is_empty()).map(erased).collect();
    };
    let change = |mut change: Value| {
        let field = change.get("field").and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut value = |name| change.as_object_mut().and_then(|members| members.remove(name));
        ShownChange { field, old: value("old"), new: value("new") }
    };
    changes.into_iter().map(change).collect()
}
