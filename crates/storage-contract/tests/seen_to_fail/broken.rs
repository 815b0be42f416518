//! The storage with a fault: what it hands out, and reading.

use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::audit::SealedEvent;
use domain::login::{LoginKey, LoginName};
use domain::ports::{
    CountDifference, KeptOutcome, LooseEnd, SchemaState, Storage, StorageDescription, StorageError, StorageFault,
    StorageInspection, StorageProbe, UnitOfWork, UserQueries,
};
use domain::query::{CountMode, DeletedScope, ListUsers, UserPage};
use domain::session::{RefreshToken, Session, SessionAccess};
use domain::user::UserView;
use domain::values::{Digest, Role, SessionId, UserId, UserRef, UserUuid};
use infra_memory::MemoryStorage;
use storage_contract::{Harness, NoStore, Ports, Store};
use tokio::sync::Semaphore;
use uuid::Uuid;

use crate::fault::Fault;
use crate::listing::list;
use crate::unit::BrokenUnit;

/// Makes storages with this fault.
pub(crate) struct Breaking(pub(crate) Option<Fault>);

#[async_trait]
impl Harness for Breaking {
    async fn fresh(&self) -> Result<Box<dyn Store>, NoStore> {
        Ok(Box::new(Broken::new(self.0, true)))
    }

    async fn unreachable(&self) -> Result<Box<dyn Store>, NoStore> {
        Ok(Box::new(Broken::new(self.0, false)))
    }
}

/// A storage in memory with at most one fault. Clones are the same storage.
#[derive(Clone)]
pub(crate) struct Broken {
    pub(crate) memory: MemoryStorage,
    pub(crate) fault: Option<Fault>,
    pub(crate) remembered: Arc<Mutex<Remembered>>,
    is_there: bool,
    places: Arc<Semaphore>,
}

/// What some faults need to remember.
#[derive(Default)]
pub(crate) struct Remembered {
    pub(crate) early_events: Vec<SealedEvent>,
    pub(crate) asked_for: HashSet<UserRef>,
    pub(crate) offsets: HashMap<UserId, u64>,
    pub(crate) usernames: HashMap<String, UserUuid>,
    pub(crate) asked_names: HashSet<LoginName>,
    pub(crate) sessions: HashMap<SessionId, Session>,
    pub(crate) tokens: HashMap<Digest, RefreshToken>,
    pub(crate) spent: HashSet<Digest>,
    pub(crate) access: HashMap<SessionId, SessionAccess>,
    pub(crate) noted: HashSet<LoginKey>,
    pub(crate) networks: HashSet<Digest>,
    pub(crate) one_time_tokens: HashMap<Digest, (UserUuid, DateTime<Utc>)>,
    pub(crate) fingerprints: HashMap<String, Digest>,
    pub(crate) erased: HashSet<UserUuid>,
    pub(crate) outcomes: Vec<(Digest, Uuid, KeptOutcome)>,
    pub(crate) is_damaged: bool,
    pub(crate) lacks_a_guard: bool,
}

impl Broken {
    fn new(fault: Option<Fault>, is_there: bool) -> Self {
        let memory = MemoryStorage::new();
        Self { memory, fault, is_there, remembered: Arc::default(), places: Arc::new(Semaphore::new(1)) }
    }

    pub(crate) fn has(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    pub(crate) fn remembered(&self) -> MutexGuard<'_, Remembered> {
        self.remembered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Everybody who is committed.
    pub(crate) async fn everybody(&self) -> Result<Vec<UserView>, StorageError> {
        let mut query = ListUsers { limit: u32::MAX, count: CountMode::None, ..Default::default() };
        query.filter.deleted = DeletedScope::All;
        Ok(self.memory.list(&query).await?.users)
    }

    pub(crate) async fn reach(&self) -> Result<(), StorageError> {
        if self.is_there {
            return Ok(());
        }
        if self.has(Fault::AnswersAnOutageLate) {
            tokio::time::sleep(Duration::from_secs(3)).await;
        }
        let misnamed = self.has(Fault::MisnamesAnOutage);
        let fault = if misnamed { StorageFault::Failed } else { StorageFault::Unavailable };
        Err(StorageError::new(fault, "the storage is away"))
    }
}

#[async_trait]
impl Storage for Broken {
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StorageError> {
        self.reach().await?;
        if self.has(Fault::LeaksCancelledBegins) {
            let unavailable = |_| StorageError::new(StorageFault::Unavailable, "no place is left");
            let place = tokio::time::timeout(Duration::from_millis(1_800), self.places.acquire()).await;
            place.map_err(unavailable)?.expect("the semaphore is never closed").forget();
            tokio::task::yield_now().await;
            let begun = BrokenUnit::begin(self.clone()).await;
            self.places.add_permits(1);
            return Ok(Box::new(begun?));
        }
        if self.has(Fault::WaitsTooLong)
            && let Ok(unit) = BrokenUnit::begin(self.clone()).await
        {
            return Ok(Box::new(unit));
        }
        Ok(Box::new(BrokenUnit::begin(self.clone()).await?))
    }
}

#[async_trait]
impl UserQueries for Broken {
    async fn find(&self, user: UserRef, scope: DeletedScope) -> Result<Option<UserView>, StorageError> {
        self.reach().await?;
        if self.has(Fault::ReadersLagBehind) && self.remembered().asked_for.insert(user) {
            return Ok(None);
        }
        let scope = if self.has(Fault::ReadersIgnoreTheScope) { DeletedScope::All } else { scope };
        let mut found = self.memory.find(user, scope).await?;
        if self.has(Fault::RoleIsAlwaysUser)
            && let Some(found) = &mut found
        {
            found.role = Role::User;
        }
        if self.has(Fault::HidesSignIns)
            && let Some(found) = &mut found
        {
            found.last_login_at = None;
        }
        if found.is_none() && self.has(Fault::FindsSomebodyForAnyNumber) {
            return Ok(self.everybody().await?.into_iter().next());
        }
        Ok(found)
    }

    async fn list(&self, query: &ListUsers) -> Result<UserPage, StorageError> {
        self.reach().await?;
        let mut page = list(self, self.everybody().await?, query);
        if let Some(total) = page.total.as_mut().filter(|_| self.has(Fault::CountsTheErased)) {
            total.count += self.remembered().erased.len() as u64;
        }
        Ok(page)
    }

    async fn export(&self, after: UserId, limit: u32) -> Result<Vec<UserView>, StorageError> {
        self.reach().await?;
        let limit = self.limit(limit);
        match self.fault {
            Some(Fault::AfterIncludesThePosition) => {
                self.memory.export(UserId::new(after.get().saturating_sub(1)), limit).await
            }
            Some(Fault::AfterIsAnOffset) => {
                let before = self.remembered().offsets.get(&after).copied().unwrap_or(0);
                let all = self.memory.export(UserId::new(0), u32::MAX).await?;
                let behind = all.into_iter().skip(usize::try_from(before).unwrap_or(usize::MAX));
                let page: Vec<_> = behind.take(limit as usize).collect();
                if let Some(last) = page.last() {
                    self.remembered().offsets.insert(last.id, before + page.len() as u64);
                }
                Ok(page)
            }
            Some(Fault::ExportsTheDeleted) => {
                let behind = self.everybody().await?.into_iter().filter(|user| user.id > after);
                Ok(behind.take(limit as usize).collect())
            }
            _ => self.memory.export(after, limit).await,
        }
    }

    async fn suspensions_ended(&self, now: DateTime<Utc>, limit: u32) -> Result<Vec<UserUuid>, StorageError> {
        self.reach().await?;
        let late = chrono::TimeDelta::microseconds(i64::from(self.has(Fault::EndsSuspensionsLate)));
        let mut ended = self.memory.suspensions_ended(now - late, limit).await?;
        if self.has(Fault::EndsEverySuspension) {
            ended = self.everybody().await?.iter().map(|user| user.uuid).collect();
        }
        if self.has(Fault::NamesSuspensionsBackwards) {
            ended.reverse();
        }
        Ok(ended)
    }
}

#[async_trait]
impl StorageProbe for Broken {
    async fn probe(&self) -> Result<SchemaState, StorageError> {
        self.reach().await?;
        Ok(if self.has(Fault::IsNotMigrated) { SchemaState::Pending } else { SchemaState::Current })
    }
}

/// A storage with one counter and one guard, for one administrator.
#[async_trait]
impl StorageInspection for Broken {
    async fn describe(&self) -> Result<StorageDescription, StorageError> {
        self.memory.describe().await
    }

    async fn count_differences(&self) -> Result<Vec<CountDifference>, StorageError> {
        let role = Role::Admin.to_string();
        let one = CountDifference { block: 0, role, is_active: true, deleted: false, counted: 4, actual: 1 };
        let differs = self.remembered().is_damaged || self.has(Fault::SeesDifferencesThatAreNone);
        Ok(differs.then_some(one).into_iter().collect())
    }

    async fn mend_counts(&self, _: i64) -> Result<Vec<CountDifference>, StorageError> {
        let mended = self.count_differences().await?;
        if !self.has(Fault::MendsNothing) {
            self.remembered().is_damaged = false;
        }
        Ok(mended)
    }

    async fn missing_guards(&self) -> Result<Vec<String>, StorageError> {
        Ok(self.remembered().lacks_a_guard.then(|| "admins".to_owned()).into_iter().collect())
    }

    async fn mend_guards(&self) -> Result<Vec<String>, StorageError> {
        let missing = self.missing_guards().await?;
        self.remembered().lacks_a_guard = false;
        Ok(missing)
    }

    async fn missing_protections(&self) -> Result<Vec<String>, StorageError> {
        self.memory.missing_protections().await
    }

    async fn loose_ends(&self) -> Result<Vec<(LooseEnd, u64)>, StorageError> {
        self.memory.loose_ends().await
    }
}

#[async_trait]
impl Store for Broken {
    fn ports(&self) -> Ports {
        Ports::of(&Arc::new(self.clone()))
    }

    async fn damage(&self) -> Result<bool, Box<dyn Error + Send + Sync>> {
        self.remembered().is_damaged = true;
        self.remembered().lacks_a_guard = true;
        Ok(true)
    }

    async fn close(&self) {}
}
