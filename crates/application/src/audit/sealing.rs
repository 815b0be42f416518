//! Sealing events before they are stored.

use std::collections::{HashMap, HashSet};

use domain::audit::{AuditEvent, KeyHolder, Origin, SealedEvent, SealedText};
use domain::ports::{StorageError, StorageFault, SubjectKey, UnitOfWork};
use domain::user::UserAction;
use domain::values::{Digest, UserUuid};
use serde_json::{Map, Value};

use super::canonical::canonical;
use super::changes::to_json;
use super::keyring::SERVICE;
use crate::Ports;

/// Sealed events, and the keys that were learnt on the way, to be kept once everything is committed.
pub(crate) struct Sealed {
    pub(crate) events: Vec<SealedEvent>,
    pub(crate) learnt: Vec<(UserUuid, SubjectKey)>,
}

/// Seals the personal values of each event for the person whom they describe.
///
/// Whoever has no key gets one, in this unit; whoever was erased never gets another, and what describes them is dropped.
///
/// # Errors
///
/// [`StorageError`]; retryable if another unit of work makes the same key at the moment.
pub(crate) async fn seal(
    unit: &mut dyn UnitOfWork,
    ports: &Ports,
    events: &[AuditEvent],
) -> Result<Sealed, StorageError> {
    let keys = Keys::of(unit, ports, events).await?;
    let events = events.iter().map(|event| keys.seal(ports, event)).collect();
    Ok(Sealed { events, learnt: keys.learnt })
}

/// The additional data of each sealed value: it opens nowhere but where it stands.
pub(super) fn bound_to(event: uuid::Uuid, part: &str) -> Vec<u8> {
    [event.as_bytes(), part.as_bytes()].concat()
}

/// The keys that some events need.
struct Keys {
    /// Without those who were erased.
    known: HashMap<UserUuid, SubjectKey>,
    learnt: Vec<(UserUuid, SubjectKey)>,
}

impl Keys {
    async fn of(unit: &mut dyn UnitOfWork, ports: &Ports, events: &[AuditEvent]) -> Result<Self, StorageError> {
        let mut keys = Self { known: HashMap::new(), learnt: Vec::new() };
        let new: HashSet<_> = events.iter().filter_map(made_person).collect();
        let mut missing = Vec::new();
        let mut made = Vec::new();
        for person in events.iter().flat_map(persons) {
            if keys.known.contains_key(&person) || missing.contains(&person) {
                continue;
            }
            if new.contains(&person) {
                made.push(keys.make(ports, person));
            } else if let Some(key) = ports.keyring.find(person) {
                keys.known.insert(person, key);
            } else {
                missing.push(person);
            }
        }
        if !missing.is_empty() {
            made.extend(keys.find_or_make(unit, ports, missing).await?);
        }
        if !made.is_empty() {
            unit.subject_keys().insert(&made).await?;
        }
        Ok(keys)
    }

    async fn find_or_make(
        &mut self,
        unit: &mut dyn UnitOfWork,
        ports: &Ports,
        mut missing: Vec<UserUuid>,
    ) -> Result<Vec<(UserUuid, domain::ports::WrappedKey)>, StorageError> {
        for (person, wrapped) in unit.subject_keys().find(&missing).await? {
            let Some(key) = ports.subject_sealer.unwrap(person, &wrapped) else {
                return Err(StorageError::new(StorageFault::Failed, "a person's key was wrapped with an unknown key"));
            };
            missing.retain(|other| *other != person);
            self.learn(person, key);
        }
        if missing.is_empty() {
            return Ok(Vec::new());
        }
        let erased = unit.users().find_erased(&missing).await?;
        missing.retain(|person| !erased.contains(person));
        Ok(missing.into_iter().map(|person| self.make(ports, person)).collect())
    }

    fn make(&mut self, ports: &Ports, person: UserUuid) -> (UserUuid, domain::ports::WrappedKey) {
        let (key, wrapped) = ports.subject_sealer.new_key(person);
        self.learn(person, key);
        (person, wrapped)
    }

    fn learn(&mut self, person: UserUuid, key: SubjectKey) {
        self.known.insert(person, key.clone());
        self.learnt.push((person, key));
    }

    fn seal(&self, ports: &Ports, event: &AuditEvent) -> SealedEvent {
        let fields: Vec<_> = event.changes.iter().map(|change| change.field).collect();
        let mut sealed = SealedEvent {
            id: event.id,
            recorded_at: event.recorded_at,
            action: event.action.into(),
            actor_type: event.actor.kind().into(),
            actor_id: event.actor.uuid(),
            target_type: event.target.kind().into(),
            target_id: event.target.id(),
            subject: event.subject,
            fields: fields.join(","),
            origin: None,
            changes: None,
            request_id: event.origin.request_id.clone(),
            session_id: event.origin.session_id,
            mac: Digest::new([0; 32]),
        };
        let text = |person, part, plain: String| self.seal_text(ports, event, person, part, &plain);
        sealed.origin = origin_json(event).and_then(|json| text(origin_person(event), "origin", json));
        if !event.changes.is_empty() {
            sealed.changes = text(event.subject, "changes", to_json(&event.changes));
        }
        sealed.mac = ports.audit_signer.authenticate(&canonical(&sealed));
        sealed
    }

    fn seal_text(
        &self,
        ports: &Ports,
        event: &AuditEvent,
        person: Option<UserUuid>,
        part: &str,
        plain: &str,
    ) -> Option<SealedText> {
        let person_key = person.and_then(|person| self.known.get(&person));
        let (holder, key) = match (person, person_key) {
            (Some(_), Some(key)) => (KeyHolder::Person, key),
            (None, _) => (KeyHolder::Service, self.known.get(&SERVICE)?),
            // Erased: nothing that describes them is written down any more.
            (Some(_), None) => return None,
        };
        let sealed = ports.subject_sealer.seal(key, plain.as_bytes(), &bound_to(event.id, part));
        Some(SealedText::new(holder, &sealed))
    }
}

/// The person whose account was made, where the event tells of that: nobody can have made a key for them.
fn made_person(event: &AuditEvent) -> Option<UserUuid> {
    let made = [UserAction::Created, UserAction::Imported].map(UserAction::as_str);
    event.subject.filter(|_| made.contains(&event.action))
}

/// Whose keys the event needs.
fn persons(event: &AuditEvent) -> impl Iterator<Item = UserUuid> {
    let origin = has_origin(event).then(|| origin_person(event).unwrap_or(SERVICE));
    let changes = (!event.changes.is_empty()).then(|| event.subject.unwrap_or(SERVICE));
    // A new person's key is made with their account, whether or not this event has anything to seal for them.
    [origin, changes, made_person(event)].into_iter().flatten()
}

/// Whom name, address and client describe: the user who acts, else the person whom it happens to. Whoever erases somebody
/// without being a user is not that somebody.
fn origin_person(event: &AuditEvent) -> Option<UserUuid> {
    let is_purge = event.action == UserAction::Purged.as_str();
    event.actor.uuid().or(event.subject.filter(|_| !is_purge))
}

fn has_origin(event: &AuditEvent) -> bool {
    let Origin { ip, user_agent, .. } = &event.origin;
    event.actor.name().is_some() || ip.is_some() || user_agent.is_some()
}

fn origin_json(event: &AuditEvent) -> Option<String> {
    if !has_origin(event) {
        return None;
    }
    let Origin { ip, user_agent, .. } = &event.origin;
    let values = [
        ("name", event.actor.name().map(ToOwned::to_owned)),
        ("ip", ip.map(|ip| ip.to_string())),
        ("user_agent", user_agent.clone()),
    ];
    let members = values.into_iter().filter_map(|(name, value)| Some((name.to_owned(), Value::String(value?))));
    Some(Value::Object(members.collect::<Map<_, _>>()).to_string())
}
