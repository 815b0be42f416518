//! A unit of work with a fault.

use std::collections::HashSet;

use async_trait::async_trait;
use domain::audit::SealedEvent;
use domain::ports::{
    AuditTrail, ChangeLog, ErasureRepository, IdempotencyRepository, ImportRepository, LoginRepository,
    OneTimeTokenRepository, SaveUserError, SessionRepository, Storage, StorageError, StorageFault,
    SubjectKeyRepository, UnitOfWork, UserQueries, UserRepository,
};
use domain::query::DeletedScope;
use domain::session::Session;
use domain::user::{User, UserDraft, UserRecord};
use domain::values::{ExternalId, SessionId, UserId, UserRef, fold};
use futures_util::FutureExt;
use testkit::user;

use crate::broken::Broken;
use crate::fault::Fault;
use crate::mangle::refuses;
use crate::trail::mangle_event;

/// Does something in the unit, or in one of its own where each statement is committed at once.
macro_rules! within {
    ($broken:ident, |$unit:ident| $call:expr) => {
        match &mut $broken.inner {
            Some($unit) => $call.await,
            None => {
                let mut $unit = $broken.storage.memory.begin().await?;
                let done = $call.await?;
                $crate::unit::commit_at_once($unit).await?;
                Ok(done)
            }
        }
    };
}

pub(crate) use within;

#[expect(clippy::disallowed_methods, reason = "a storage below the use cases, and a wrong one")]
pub(crate) async fn commit_at_once(unit: Box<dyn UnitOfWork>) -> Result<(), StorageError> {
    unit.commit().await?;
    tokio::task::yield_now().await;
    Ok(())
}

/// A unit of work in memory, and what a fault needs beside it.
pub(crate) struct BrokenUnit {
    pub(crate) storage: Broken,
    /// None where each statement is committed at once.
    pub(crate) inner: Option<Box<dyn UnitOfWork>>,
    /// What was done, to do it again after an error that the fault does not mind.
    journal: Vec<Statement>,
    pub(crate) known_at_begin: HashSet<UserId>,
    pub(crate) administrators_at_begin: u64,
    pub(crate) touched: HashSet<UserId>,
    pub(crate) opened: HashSet<SessionId>,
    pub(crate) late: Late,
    pub(crate) failed: bool,
}

/// What some faults write at the commit.
#[derive(Default)]
pub(crate) struct Late {
    pub(crate) sessions: Vec<Session>,
    events: Vec<SealedEvent>,
    newest: i64,
}

/// What is written down to be done again.
#[derive(Clone)]
pub(crate) enum Statement {
    Insert(Box<UserDraft>),
    Update(Box<User>),
    Append(Vec<SealedEvent>),
}

impl Statement {
    /// Does it; a user that it stored, as it is stored.
    async fn run(&self, unit: &mut dyn UnitOfWork) -> Result<Option<User>, SaveUserError> {
        match self {
            Self::Insert(draft) => unit.users().insert(draft.as_ref().clone()).await.map(Some),
            Self::Update(user) => unit.users().update(user).await.map(|()| None),
            Self::Append(events) => Ok(unit.audit().append(events).await.map(|()| None)?),
        }
    }
}

impl BrokenUnit {
    pub(crate) async fn begin(storage: Broken) -> Result<Self, StorageError> {
        let commits_each = matches!(
            storage.fault,
            Some(
                Fault::CommitsEachStatement
                    | Fault::LosesUpdates
                    | Fault::ReadsASnapshot
                    | Fault::SessionsSlipThrough
                    | Fault::LosesLateChanges
                    | Fault::ReplacesKeys
                    | Fault::ReplacesReservations
            )
        );
        let mut inner = if commits_each { None } else { Some(storage.memory.begin().await?) };
        let administrators_at_begin = match &mut inner {
            Some(unit) => unit.users().count_administrators_exclusively().await?,
            None => 0,
        };
        let known_at_begin = storage.everybody().await?.into_iter().map(|user| user.id).collect();
        Ok(Self {
            storage,
            inner,
            journal: Vec::new(),
            known_at_begin,
            administrators_at_begin,
            touched: HashSet::new(),
            opened: HashSet::new(),
            late: Late::default(),
            failed: false,
        })
    }

    pub(crate) fn has(&self, fault: Fault) -> bool {
        self.storage.has(fault)
    }

    pub(crate) async fn run(&mut self, statement: Statement) -> Result<Option<User>, SaveUserError> {
        if let Some(refused) = refuses(&self.storage, statement_record(&statement).as_ref()).await? {
            self.failed = true;
            return Err(refused);
        }
        let done = match &mut self.inner {
            Some(unit) => statement.run(unit.as_mut()).await,
            None => self.run_at_once(&statement).await,
        };
        match done {
            Ok(stored) => {
                self.failed &= !self.has(Fault::IsMendedBySuccess);
                self.journal.push(statement);
                Ok(stored)
            }
            Err(error) => self.after(error, statement).await,
        }
    }

    async fn run_at_once(&mut self, statement: &Statement) -> Result<Option<User>, SaveUserError> {
        let mut unit = self.storage.memory.begin().await?;
        let stored = statement.run(unit.as_mut()).await?;
        commit_at_once(unit).await?;
        Ok(stored)
    }

    /// What a right unit makes of an error, unless the fault says otherwise.
    async fn after(&mut self, error: SaveUserError, statement: Statement) -> Result<Option<User>, SaveUserError> {
        let error = self.named_wrongly(error, &statement).await?;
        if !self.minds(&error, &statement) {
            self.begin_again().await?;
            let instead = match (&error, statement) {
                (SaveUserError::StaleVersion, Statement::Update(user)) => self.with_the_stored_version(*user).await?,
                (_, Statement::Insert(_)) => Some(Statement::Insert(Box::new(user().build()))),
                _ => None,
            };
            return match instead {
                Some(instead) => Box::pin(self.run(instead)).await,
                None => Ok(None),
            };
        }
        if self.has(Fault::IsMendedBySuccess) {
            self.begin_again().await?;
        }
        if self.has(Fault::IsNeverPoisoned) {
            self.begin_again().await?;
        } else {
            self.failed = true;
        }
        Err(error)
    }

    fn minds(&self, error: &SaveUserError, statement: &Statement) -> bool {
        let username_is_capital = match statement {
            Statement::Insert(draft) => draft.record().username.as_str().chars().any(|c| !c.is_ascii_lowercase()),
            Statement::Update(_) | Statement::Append(_) => false,
        };
        match self.storage.fault {
            Some(Fault::UsernamesAreNotUnique) => !matches!(error, SaveUserError::UsernameTaken),
            Some(Fault::EmailsAreNotUnique) => !matches!(error, SaveUserError::EmailTaken),
            Some(Fault::ExternalIdsAreNotUnique) => !matches!(error, SaveUserError::ExternalIdTaken),
            Some(Fault::UuidsAreNotUnique) => !matches!(error, SaveUserError::UuidTaken),
            Some(Fault::ComparesNamesByLetter) => {
                !(matches!(error, SaveUserError::UsernameTaken) && username_is_capital)
            }
            Some(Fault::IgnoresVersions | Fault::LosesUpdates | Fault::SavesUnknownUsers) => {
                !matches!(error, SaveUserError::StaleVersion)
            }
            _ => true,
        }
    }

    async fn named_wrongly(
        &mut self,
        error: SaveUserError,
        statement: &Statement,
    ) -> Result<SaveUserError, StorageError> {
        let record = statement_record(statement);
        let (true, Some(record)) = (self.has(Fault::ReportsTheLastConflict), record) else { return Ok(error) };
        let others = self.storage.everybody().await?;
        let others = || others.iter().filter(|other| other.uuid != record.uuid);
        let external_id = record.external_id.as_ref().map(ExternalId::as_str);
        if external_id.is_some() && others().any(|other| other.external_id.as_deref() == external_id) {
            return Ok(SaveUserError::ExternalIdTaken);
        }
        let email = fold(record.email.as_str());
        if others().any(|other| other.deleted_at.is_none() && fold(&other.email) == email) {
            return Ok(SaveUserError::EmailTaken);
        }
        Ok(error)
    }

    async fn with_the_stored_version(&mut self, user: User) -> Result<Option<Statement>, StorageError> {
        let stored = self.storage.memory.find(user.id().into(), DeletedScope::All).await?;
        Ok(stored.map(|stored| {
            let record = UserRecord { version: stored.version, ..user.record().clone() };
            Statement::Update(Box::new(User::from_stored(user.id(), record)))
        }))
    }

    /// A new unit in the place of the one that met an error, with all that was done before it.
    async fn begin_again(&mut self) -> Result<(), SaveUserError> {
        if self.inner.take().is_none() {
            return Ok(());
        }
        let mut unit = self.storage.memory.begin().await?;
        for statement in &self.journal {
            statement.run(unit.as_mut()).await?;
        }
        self.inner = Some(unit);
        Ok(())
    }

    /// Writes what a fault has held back.
    async fn write_late(&mut self) -> Result<(), StorageError> {
        let Late { sessions, events, newest } = std::mem::take(&mut self.late);
        for session in &sessions {
            within!(self, |unit| unit.sessions().insert(session))?;
        }
        if !events.is_empty() && self.storage.memory.newest().await? == newest {
            within!(self, |unit| unit.audit().append(&events))?;
        }
        Ok(())
    }

    /// The users as this unit sees them, faults aside.
    pub(crate) async fn load(&mut self, user: UserRef) -> Result<Option<User>, StorageError> {
        match &mut self.inner {
            Some(unit) => unit.users().find_including_deleted(user).await,
            None => self.storage.memory.begin().await?.users().find_including_deleted(user).await,
        }
    }
}

fn statement_record(statement: &Statement) -> Option<UserRecord> {
    match statement {
        Statement::Insert(draft) => Some(draft.record().clone()),
        Statement::Update(user) => Some(user.record().clone()),
        Statement::Append(_) => None,
    }
}

#[async_trait]
impl UnitOfWork for BrokenUnit {
    fn users(&mut self) -> &mut dyn UserRepository {
        self
    }

    fn sessions(&mut self) -> &mut dyn SessionRepository {
        self
    }

    fn logins(&mut self) -> &mut dyn LoginRepository {
        self
    }

    fn one_time_tokens(&mut self) -> &mut dyn OneTimeTokenRepository {
        self
    }

    fn subject_keys(&mut self) -> &mut dyn SubjectKeyRepository {
        self
    }

    fn erasure(&mut self) -> &mut dyn ErasureRepository {
        self
    }

    fn idempotency(&mut self) -> &mut dyn IdempotencyRepository {
        self
    }

    fn imports(&mut self) -> &mut dyn ImportRepository {
        self
    }

    fn audit(&mut self) -> &mut dyn AuditTrail {
        self
    }

    #[expect(clippy::disallowed_methods, reason = "a storage below the use cases, and a wrong one")]
    async fn commit(mut self: Box<Self>) -> Result<(), StorageError> {
        self.write_late().await?;
        let inner = self.inner.take();
        if self.failed {
            if self.has(Fault::HangsAfterARefusedCommit) {
                std::mem::forget(inner);
            }
            return Err(StorageError::new(StorageFault::Failed, "this unit of work met an error before"));
        }
        match inner {
            Some(inner) if !self.has(Fault::CommitsNothing) => inner.commit().await,
            Some(_) | None => Ok(()),
        }
    }
}

impl Drop for BrokenUnit {
    #[expect(clippy::disallowed_methods, reason = "a storage below the use cases, and a wrong one")]
    fn drop(&mut self) {
        if let Some(inner) = self.inner.take().filter(|_| self.has(Fault::CommitsWhenDropped)) {
            // The storage in memory commits at once.
            let _committed = inner.commit().now_or_never();
        }
    }
}

#[async_trait]
impl AuditTrail for BrokenUnit {
    async fn append(&mut self, events: &[SealedEvent]) -> Result<(), StorageError> {
        if self.has(Fault::ForgetsEvents) {
            return Ok(());
        }
        if self.has(Fault::EventsNeedNoCommit) {
            self.storage.remembered().early_events.extend_from_slice(events);
            return Ok(());
        }
        if self.has(Fault::LosesLateChanges) {
            self.late.newest = self.storage.memory.newest().await?;
            self.late.events.extend_from_slice(events);
            return Ok(());
        }
        let events = events.iter().map(|event| mangle_event(self.storage.fault, event)).collect();
        let appended = self.run(Statement::Append(events)).await;
        appended.map(|_| ()).map_err(|error| StorageError::new(StorageFault::Failed, error))
    }
}
