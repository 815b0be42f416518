//! Everything that is kept about one person, for themself.

use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::audit::{EventFilter, EventPosition, ListEvents};
use domain::login::{FailureRun, LoginName};
use domain::ports::StorageError;
use domain::query::DeletedScope;
use domain::session::Session;
use domain::user::{User, UserView};
use domain::values::{Digest, SessionId, UserRef, UserUuid};

use super::{Users, login_names};
use crate::audit::{AuditRecord, ShownActor, open_all};
use crate::authentication::name_digest;
use crate::authorization::may_see;
use crate::{Ports, RequestContext};

/// Sessions or events that are read at once.
const PAGE: u32 = 200;

/// Why nobody's data were shown.
#[derive(Debug, thiserror::Error)]
pub enum GetDataError {
    /// Nobody is there, or nobody whom the actor may see.
    #[error("user does not exist")]
    NotFound,
    /// The actor may not take out what is kept about others.
    #[error("taking out somebody's data is not allowed")]
    Forbidden,
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// What is kept about a person: the user themself at once, the rest part by part, since it may be much.
///
/// Of others nothing is told: neither who of the staff did something and from where, nor the values that the person set in
/// the data of others. Secrets, and what is derived from one, are left out.
pub struct PersonalData {
    /// The user, deleted or not.
    pub view: UserView,
    /// The same with what readers never see; the hash of the password is not for showing.
    pub user: User,
    /// What is known of their signing in.
    pub sign_ins: SignInFacts,
    /// When it was put together.
    pub now: DateTime<Utc>,
    ports: Ports,
    next: Next,
}

/// What is known of somebody's signing in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInFacts {
    /// How many networks they have signed in from; which ones is not kept.
    pub known_networks: u64,
    /// Failures under their names that are not forgotten yet.
    pub failures: Vec<Waiting>,
}

/// Failed tries to sign in under one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// `username` or `email`.
    pub name: &'static str,
    /// How many there were, and how long the next try must wait.
    pub run: FailureRun,
}

/// A part of what is kept about a person.
#[derive(Debug)]
pub enum DataPart {
    /// Sessions that are still kept, the newest first.
    Sessions(Vec<Session>),
    /// Events about them, the newest first.
    About(Vec<AuditRecord>),
    /// What they did to others or to nobody, the newest first.
    By(Vec<AuditRecord>),
}

#[derive(Debug, Clone, Copy)]
enum Next {
    Sessions(Option<SessionId>),
    About(Option<EventPosition>),
    By(Option<EventPosition>),
    Nothing,
}

impl Users {
    /// Everything that is kept about one person: themself, or anybody, deleted too, for those who may take out data.
    ///
    /// # Errors
    ///
    /// [`GetDataError`], by variant.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn data(&self, context: &RequestContext, user: UserRef) -> Result<PersonalData, GetDataError> {
        let takes_all = context.actor.may(Permission::UsersExport);
        let scope = if takes_all { DeletedScope::All } else { DeletedScope::Live };
        let view = match self.ports.queries.find(user, scope).await? {
            Some(view) if takes_all || context.actor.is(view.uuid) => view,
            Some(view) if may_see(&context.actor, view.uuid) => return Err(GetDataError::Forbidden),
            Some(_) | None => return Err(GetDataError::NotFound),
        };
        let mut unit = self.ports.storage.begin().await?;
        let known_networks = unit.erasure().count_networks(view.uuid).await?;
        let user = unit.users().find_including_deleted(view.uuid.into()).await?.ok_or(GetDataError::NotFound)?;
        drop(unit);
        let now = self.ports.clock.now();
        let sign_ins = SignInFacts { known_networks, failures: self.failures(&user, now).await? };
        Ok(PersonalData { view, user, sign_ins, now, ports: self.ports.clone(), next: Next::Sessions(None) })
    }

    /// Only of somebody who lives: a name that was free again may be anybody's.
    async fn failures(&self, user: &User, now: DateTime<Utc>) -> Result<Vec<Waiting>, StorageError> {
        let mut failures = Vec::new();
        if !user.record().holds_names {
            return Ok(failures);
        }
        for name in login_names(user) {
            let digest = name_digest(&self.ports, &name);
            let standing = self.ports.sessions.login_standing(digest, Digest::new([0; 32]), None).await?;
            let name = match name {
                LoginName::Username(_) => "username",
                LoginName::Email(_) => "email",
            };
            let run = standing.anywhere.filter(|run| now < run.over_at());
            failures.extend(run.map(|run| Waiting { name, run }));
        }
        Ok(failures)
    }
}

impl PersonalData {
    /// The next part of the rest; every kind of it comes at least once, in the order of [`DataPart`], and `None` at the end.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    pub async fn part(&mut self) -> Result<Option<DataPart>, StorageError> {
        let person = self.user.uuid();
        match self.next {
            Next::Sessions(before) => {
                let mut unit = self.ports.storage.begin().await?;
                let sessions = unit.erasure().kept_sessions(person, before, PAGE).await?;
                let more = sessions.last().filter(|_| sessions.len() == PAGE as usize);
                self.next = more.map_or(Next::About(None), |last| Next::Sessions(Some(last.id())));
                Ok(Some(DataPart::Sessions(sessions)))
            }
            Next::About(before) => {
                let filter = EventFilter { subject: Some(person), ..EventFilter::default() };
                let (events, more) = self.events(filter, before).await?;
                self.next = more.map_or(Next::By(None), |last| Next::About(Some(last)));
                Ok(Some(DataPart::About(events.into_iter().map(|event| without_others(person, event)).collect())))
            }
            Next::By(before) => {
                let filter = EventFilter { actor: Some(person), ..EventFilter::default() };
                let (mut events, more) = self.events(filter, before).await?;
                self.next = more.map_or(Next::Nothing, |last| Next::By(Some(last)));
                events.retain(|event| event.subject != Some(person));
                Ok(Some(DataPart::By(events.into_iter().map(without_values).collect())))
            }
            Next::Nothing => Ok(None),
        }
    }

    async fn events(
        &self,
        filter: EventFilter,
        before: Option<EventPosition>,
    ) -> Result<(Vec<AuditRecord>, Option<EventPosition>), StorageError> {
        let found = self.ports.audit.list(&ListEvents { filter, before, limit: PAGE }).await?;
        let more = found.last().filter(|_| found.len() == PAGE as usize);
        let more = more.map(|last| EventPosition { recorded_at: last.event.recorded_at, id: last.event.id });
        Ok((open_all(&self.ports, found).await?, more))
    }
}

/// What somebody else did, without who they are and where they were.
fn without_others(person: UserUuid, event: AuditRecord) -> AuditRecord {
    if event.actor.id.is_none_or(|actor| actor == person) {
        return event;
    }
    let actor = ShownActor { id: None, name: None, ..event.actor };
    AuditRecord { actor, ip: None, user_agent: None, request_id: None, session_id: None, ..event }
}

/// What was done to somebody else, without the values, which are theirs.
fn without_values(mut event: AuditRecord) -> AuditRecord {
    for change in &mut event.changes {
        (change.old, change.new) = (None, None);
    }
    event
}
