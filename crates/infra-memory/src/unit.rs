//! A unit of work: a copy of the tables that replaces them at the commit.

use std::sync::Arc;

use async_trait::async_trait;
use domain::audit::SealedEvent;
use domain::ports::{
    AuditTrail, ErasureRepository, IdempotencyRepository, ImportRepository, LoginRepository, OneTimeTokenRepository,
    SaveUserError, SessionRepository, StorageError, StorageFault, SubjectKeyRepository, UnitOfWork, UserNames,
    UserRepository,
};
use domain::user::{User, UserDraft};
use domain::values::{PasswordHash, UserRef, UserUuid};
use tokio::sync::OwnedMutexGuard;

use crate::storage::Committed;
use crate::tables::Tables;

/// One struct is every repository, as all of them work on the same copy.
pub(crate) struct MemoryUnit {
    committed: Committed,
    /// Shared with the committed tables until the first change, then a copy.
    tables: Arc<Tables>,
    failed: bool,
    /// Given back when the unit ends, so that the next one can begin.
    _pen: OwnedMutexGuard<()>,
}

impl MemoryUnit {
    pub(crate) fn new(committed: Committed, pen: OwnedMutexGuard<()>) -> Self {
        Self { tables: committed.tables(), committed, failed: false, _pen: pen }
    }

    pub(crate) fn read(&self) -> Result<&Tables, StorageError> {
        if self.failed { Err(poisoned()) } else { Ok(&self.tables) }
    }

    /// Every change goes through here, so that none can fail without poisoning the unit.
    pub(crate) fn change<T, E: From<StorageError>>(
        &mut self,
        change: impl FnOnce(&mut Tables) -> Result<T, E>,
    ) -> Result<T, E> {
        if self.failed {
            return Err(poisoned().into());
        }
        let changed = change(Arc::make_mut(&mut self.tables));
        self.failed = changed.is_err();
        changed
    }
}

fn poisoned() -> StorageError {
    StorageError::new(StorageFault::Failed, "this unit of work met an error before")
}

#[async_trait]
impl UnitOfWork for MemoryUnit {
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

    async fn commit(self: Box<Self>) -> Result<(), StorageError> {
        if self.failed {
            return Err(poisoned());
        }
        self.committed.replace(Arc::clone(&self.tables));
        Ok(())
    }
}

#[async_trait]
impl UserRepository for MemoryUnit {
    async fn find(&mut self, user: UserRef) -> Result<Option<User>, StorageError> {
        Ok(self.find_including_deleted(user).await?.filter(|user| !user.is_deleted()))
    }

    async fn find_including_deleted(&mut self, user: UserRef) -> Result<Option<User>, StorageError> {
        Ok(self.read()?.find(user).map(|row| row.user.clone()))
    }

    async fn insert(&mut self, draft: UserDraft) -> Result<User, SaveUserError> {
        self.change(|tables| tables.insert(draft))
    }

    async fn insert_many(&mut self, drafts: &[UserDraft]) -> Result<(), SaveUserError> {
        self.change(|tables| drafts.iter().try_for_each(|draft| tables.insert(draft.clone()).map(drop)))
    }

    async fn find_in_the_way(&mut self, names: &[UserNames]) -> Result<Vec<User>, StorageError> {
        Ok(self.read()?.in_the_way(names))
    }

    async fn find_erased(&mut self, uuids: &[UserUuid]) -> Result<Vec<UserUuid>, StorageError> {
        let erased = &self.read()?.erased;
        Ok(uuids.iter().filter(|uuid| erased.contains(*uuid)).copied().collect())
    }

    async fn update(&mut self, user: &User) -> Result<(), SaveUserError> {
        self.change(|tables| tables.update(user))
    }

    async fn upgrade_hash(
        &mut self,
        user: UserUuid,
        from: &PasswordHash,
        to: &PasswordHash,
    ) -> Result<(), StorageError> {
        self.change(|tables| {
            tables.upgrade_hash(user, from, to);
            Ok(())
        })
    }

    async fn is_empty_exclusively(&mut self) -> Result<bool, StorageError> {
        Ok(self.read()?.users.is_empty())
    }

    async fn count_administrators_exclusively(&mut self) -> Result<u64, StorageError> {
        // Exclusive by nature: nobody else has the pen.
        let administrators = self.read()?.users.values().filter(|row| row.user.is_active_administrator());
        Ok(administrators.count() as u64)
    }
}

#[async_trait]
impl AuditTrail for MemoryUnit {
    async fn append(&mut self, events: &[SealedEvent]) -> Result<(), StorageError> {
        self.change(|tables| {
            tables.events.extend(events.iter().cloned().map(Arc::new));
            Ok(())
        })
    }
}
