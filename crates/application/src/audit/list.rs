//! Reading the trail page by page, the newest event first.

use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::audit::{EventFilter, EventPosition, ListEvents, MAX_EVENTS};
use domain::ports::StorageError;
use domain::query::DeletedScope;
use domain::values::{UserRef, UserUuid};
use uuid::Uuid;

use super::{ACTIONS, AuditRecord, Trail, open_all};
use crate::RequestContext;
use crate::authorization::{may_read_trail_of, may_see};

/// Which events to list, and which part of them.
#[derive(Debug, Clone, Default)]
pub struct ListEventsCommand {
    /// Which events.
    pub conditions: EventConditions,
    /// Where the page ended that this cursor came with; without one from the newest on.
    pub cursor: Option<String>,
    /// How many at most; more than [`MAX_EVENTS`] is taken as that.
    pub limit: u32,
}

/// Conditions that an event must all meet, as a caller names them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventConditions {
    /// This user did it.
    pub actor: Option<UserRef>,
    /// It was done to this: a user by number or UUID, anything else by UUID.
    pub target: Option<UserRef>,
    /// This happened, one of [`ACTIONS`].
    pub action: Option<String>,
    /// At this moment or later.
    pub from: Option<DateTime<Utc>>,
    /// Before this moment.
    pub to: Option<DateTime<Utc>>,
}

/// A page of events.
#[derive(Debug, Clone)]
pub struct EventListing {
    /// The events, the newest first.
    pub events: Vec<AuditRecord>,
    /// What to ask with for the next page, if there is one.
    pub next_cursor: Option<String>,
}

/// Why events were not listed.
#[derive(Debug, thiserror::Error)]
pub enum ListEventsError {
    /// The actor may not read these events.
    #[error("reading these events is not allowed")]
    Forbidden,
    /// Nobody whose events the actor may know of is there, or ever was.
    #[error("user does not exist")]
    UserNotFound,
    /// Nothing of this name ever happens.
    #[error("no such action")]
    UnknownAction,
    /// Nobody has the number that this condition names somebody by.
    #[error("{0}: nobody has this number")]
    UnknownNumber(&'static str),
    /// The cursor was not made by this service for these conditions.
    #[error("cursor does not fit this listing")]
    InvalidCursor,
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Trail {
    /// A page of the events that match, for those who may read the whole trail.
    ///
    /// # Errors
    ///
    /// [`ListEventsError`], by variant.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn list(
        &self,
        context: &RequestContext,
        command: ListEventsCommand,
    ) -> Result<EventListing, ListEventsError> {
        let fingerprint = command.conditions.fingerprint(None);
        let before = self.begin(&command, &fingerprint)?;
        if !context.actor.may(Permission::AuditRead) {
            return Err(ListEventsError::Forbidden);
        }
        self.page(command, None, before, &fingerprint).await
    }

    /// A page of the events about one user: those whose target they or one of their sessions are. Whoever reads the whole
    /// trail reads it of deleted and, by UUID, of erased users, too.
    ///
    /// # Errors
    ///
    /// [`ListEventsError`], by variant.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn list_about(
        &self,
        context: &RequestContext,
        user: UserRef,
        command: ListEventsCommand,
    ) -> Result<EventListing, ListEventsError> {
        let fingerprint = command.conditions.fingerprint(Some(user));
        let before = self.begin(&command, &fingerprint)?;
        let subject = self.subject(context, user).await?;
        let mut listing = self.page(command, Some(subject), before, &fingerprint).await?;
        if !context.actor.may(Permission::AuditRead) {
            listing.events.iter_mut().for_each(leave_out_whence);
        }
        Ok(listing)
    }

    /// What is wrong with a command whoever sends it, and where its page begins.
    fn begin(&self, command: &ListEventsCommand, fingerprint: &[u8]) -> Result<Option<EventPosition>, ListEventsError> {
        if command.conditions.action.as_deref().is_some_and(|action| !ACTIONS.contains(&action)) {
            return Err(ListEventsError::UnknownAction);
        }
        let Some(cursor) = &command.cursor else { return Ok(None) };
        let position = self.ports.cursors.open(cursor, fingerprint).and_then(|bytes| position_of(&bytes));
        position.map(Some).ok_or(ListEventsError::InvalidCursor)
    }

    async fn subject(&self, context: &RequestContext, user: UserRef) -> Result<UserUuid, ListEventsError> {
        let reads_all = context.actor.may(Permission::AuditRead);
        let scope = if reads_all { DeletedScope::All } else { DeletedScope::Live };
        match (self.ports.queries.find(user, scope).await?, user) {
            (Some(view), _) if may_read_trail_of(&context.actor, &view) => Ok(view.uuid),
            (Some(view), _) if may_see(&context.actor, view.uuid) => Err(ListEventsError::Forbidden),
            (None, UserRef::Uuid(uuid)) if reads_all && self.has_events(uuid).await? => Ok(uuid),
            _ => Err(ListEventsError::UserNotFound),
        }
    }

    async fn has_events(&self, subject: UserUuid) -> Result<bool, StorageError> {
        let filter = EventFilter { subject: Some(subject), ..EventFilter::default() };
        Ok(!self.ports.audit.list(&ListEvents { filter, before: None, limit: 1 }).await?.is_empty())
    }

    async fn page(
        &self,
        command: ListEventsCommand,
        subject: Option<UserUuid>,
        before: Option<EventPosition>,
        fingerprint: &[u8],
    ) -> Result<EventListing, ListEventsError> {
        let EventConditions { actor, target, action, from, to } = command.conditions;
        let filter = EventFilter {
            actor: self.resolve("actor", actor).await?,
            target: self.resolve("target", target).await?.map(UserUuid::get),
            subject,
            action,
            from,
            to,
        };
        let limit = command.limit.min(MAX_EVENTS);
        // One more than is shown tells whether there is another page.
        let query = ListEvents { filter, before, limit: limit.saturating_add(1) };
        let mut found = self.ports.audit.list(&query).await?;
        let has_more = found.len() > limit as usize;
        found.truncate(limit as usize);
        let last = found.last().filter(|_| has_more);
        let next_cursor = last.map(|last| {
            let position = EventPosition { recorded_at: last.event.recorded_at, id: last.event.id };
            self.ports.cursors.seal(&bytes_of(position), fingerprint)
        });
        Ok(EventListing { events: open_all(&self.ports, found).await?, next_cursor })
    }

    /// Numbers are those of users; UUIDs may be anybody's or anything's.
    async fn resolve(&self, name: &'static str, named: Option<UserRef>) -> Result<Option<UserUuid>, ListEventsError> {
        match named {
            None => Ok(None),
            Some(UserRef::Uuid(uuid)) => Ok(Some(uuid)),
            Some(number) => {
                let found = self.ports.queries.find(number, DeletedScope::All).await?;
                found.map(|view| Some(view.uuid)).ok_or(ListEventsError::UnknownNumber(name))
            }
        }
    }
}

/// Whoever assists a user learns who of the staff did something to them, but not from where: that is the staff's.
fn leave_out_whence(event: &mut AuditRecord) {
    if event.actor.id != event.subject {
        (event.ip, event.user_agent, event.session_id) = (None, None, None);
    }
}

impl EventConditions {
    /// What a cursor is bound to: bytes that differ whenever the conditions do.
    fn fingerprint(&self, subject: Option<UserRef>) -> Vec<u8> {
        // Named one by one, so that a new condition cannot be forgotten here.
        let Self { actor, target, action, from, to } = self;
        let time = |at: &Option<DateTime<Utc>>| at.map(|at| at.timestamp_micros().to_be_bytes().to_vec());
        let user = |user: Option<UserRef>| match user? {
            UserRef::Id(id) => Some(id.get().to_be_bytes().to_vec()),
            UserRef::Uuid(uuid) => Some(uuid.get().as_bytes().to_vec()),
        };
        let fields =
            [user(subject), user(*actor), user(*target), action.clone().map(String::into_bytes), time(from), time(to)];
        let mut bytes = b"events".to_vec();
        for field in fields {
            let length = field.as_ref().map_or(u64::MAX, |field| field.len() as u64);
            bytes.extend_from_slice(&length.to_be_bytes());
            bytes.extend(field.into_iter().flatten());
        }
        bytes
    }
}

fn bytes_of(position: EventPosition) -> Vec<u8> {
    [&position.recorded_at.timestamp_micros().to_be_bytes()[..], position.id.as_bytes()].concat()
}

fn position_of(bytes: &[u8]) -> Option<EventPosition> {
    let (micros, id) = bytes.split_first_chunk::<8>()?;
    let recorded_at = DateTime::from_timestamp_micros(i64::from_be_bytes(*micros))?;
    Some(EventPosition { recorded_at, id: Uuid::from_slice(id).ok()? })
}
