//! Users within a unit of work with a fault.

use async_trait::async_trait;
use domain::ports::{SaveUserError, Storage, StorageError, StorageFault, UserNames, UserRepository};
use domain::user::{User, UserDraft, UserRecord};
use domain::values::{PasswordHash, UserId, UserRef, UserUuid, fold};
use testkit::user;

use crate::fault::Fault;
use crate::mangle::{mangle, mangle_update};
use crate::unit::{BrokenUnit, Statement, within};

#[async_trait]
impl UserRepository for BrokenUnit {
    async fn find(&mut self, user: UserRef) -> Result<Option<User>, StorageError> {
        let found = self.find_including_deleted(user).await?;
        let sees_deleted = self.has(Fault::UnitsFindTheDeleted);
        Ok(found.filter(|user| sees_deleted || !user.is_deleted()))
    }

    async fn find_including_deleted(&mut self, user: UserRef) -> Result<Option<User>, StorageError> {
        let found = self.load(user).await?;
        if self.has(Fault::HidesItsOwnChanges) {
            return Ok(found.filter(|user| !self.touched.contains(&user.id())));
        }
        if self.has(Fault::ReadsASnapshot) {
            return Ok(found.filter(|user| self.known_at_begin.contains(&user.id())));
        }
        Ok(found)
    }

    async fn insert(&mut self, draft: UserDraft) -> Result<User, SaveUserError> {
        let asked_for = draft.record().clone();
        let stored = self.run(Statement::Insert(Box::new(draft))).await?.expect("an insert gives a user");
        self.touched.insert(stored.id());
        let mut mangled = stored.record().clone();
        mangle(self.storage.fault, &mut mangled);
        if mangled != *stored.record() {
            self.run(Statement::Update(Box::new(User::from_stored(stored.id(), mangled)))).await?;
        }
        let number = if self.has(Fault::GivesNumbersTwice) { UserId::new(1) } else { stored.id() };
        Ok(User::from_stored(number, asked_for))
    }

    async fn insert_many(&mut self, drafts: &[UserDraft]) -> Result<(), SaveUserError> {
        let at_once = if self.has(Fault::CutsLongBatches) { 100 } else { usize::MAX };
        for draft in drafts.iter().take(at_once) {
            let uuids = [draft.record().uuid];
            let erased: Vec<_> = within!(self, |unit| unit.users().find_erased(&uuids))?;
            let comes_again = self.has(Fault::ForgetsTombstones) && !erased.is_empty();
            self.insert(if comes_again { user().build() } else { draft.clone() }).await?;
        }
        Ok(())
    }

    async fn find_in_the_way(&mut self, names: &[UserNames]) -> Result<Vec<User>, StorageError> {
        let mut names = names.to_vec();
        match self.storage.fault {
            Some(Fault::CutsLongBatches) => names.truncate(100),
            Some(Fault::LooksUpOnlyAscii) => names.retain(|names| names.username_key.is_ascii()),
            Some(Fault::OverlooksExternalIds) => names.iter_mut().for_each(|names| names.external_id = None),
            _ => {}
        }
        let mut found: Vec<User> = within!(self, |unit| unit.users().find_in_the_way(&names))?;
        match self.storage.fault {
            Some(Fault::SeesOnlyTheLiving) => found.retain(|user| !user.is_deleted()),
            Some(Fault::HidesItsOwnChanges) => found.retain(|user| !self.touched.contains(&user.id())),
            Some(Fault::ShowsSomebodyTwice) => found.extend(found.first().cloned()),
            _ => {}
        }
        Ok(found)
    }

    async fn find_erased(&mut self, uuids: &[UserUuid]) -> Result<Vec<UserUuid>, StorageError> {
        if self.has(Fault::ForgetsTombstones) {
            return Ok(Vec::new());
        }
        let at_once = if self.has(Fault::CutsLongBatches) { uuids.len().min(100) } else { uuids.len() };
        let uuids = uuids.get(..at_once).unwrap_or_default();
        within!(self, |unit| unit.users().find_erased(uuids))
    }

    async fn update(&mut self, user: &User) -> Result<(), SaveUserError> {
        if self.has(Fault::RefusesUnchangedUsers) && !user.is_changed() {
            self.failed = true;
            return Err(SaveUserError::StaleVersion);
        }
        self.touched.insert(user.id());
        let Some(before) = self.load(user.id().into()).await? else {
            return self.run(Statement::Update(Box::new(user.clone()))).await.map(|_| ());
        };
        let mut record = user.record().clone();
        let respelt =
            before.record().username != record.username && before.record().username.key() == record.username.key();
        if self.has(Fault::OwnNamesConflict) && respelt {
            self.failed = true;
            return Err(SaveUserError::UsernameTaken);
        }
        mangle(self.storage.fault, &mut record);
        mangle_update(self.storage.fault, before.record(), &mut record);
        let mut mangled = user.clone();
        if record != *user.record() {
            // The check of the version is done by hand, as a record cannot be put into a user.
            if before.version() != user.stored_version() {
                return self.run(Statement::Update(Box::new(mangled))).await.map(|_| ());
            }
            record.version = before.version();
            mangled = User::from_stored(user.id(), record);
        }
        self.run(Statement::Update(Box::new(mangled))).await?;
        if self.has(Fault::UpdatesEverybody) {
            for other in self.known_at_begin.clone().into_iter().filter(|id| *id != user.id()) {
                let other = self.load(other.into()).await?.expect("nobody is ever removed");
                let first_name = user.record().first_name.clone();
                let record = UserRecord { first_name, ..other.record().clone() };
                self.run(Statement::Update(Box::new(User::from_stored(other.id(), record)))).await?;
            }
        }
        Ok(())
    }

    async fn upgrade_hash(
        &mut self,
        user: UserUuid,
        from: &PasswordHash,
        to: &PasswordHash,
    ) -> Result<(), StorageError> {
        let stored = self.load(user.into()).await?.map(|user| user.record().password_hash.clone());
        let alike = |stored: &PasswordHash| fold(stored.expose()).trim_end() == fold(from.expose()).trim_end();
        let from = match stored {
            Some(stored) if self.has(Fault::UpgradesAnyHash) => stored,
            Some(stored) if self.has(Fault::ComparesLikeACollation) && alike(&stored) => stored,
            _ => from.clone(),
        };
        if self.has(Fault::UpdatesEverybody) {
            for other in self.storage.everybody().await? {
                within!(self, |unit| unit.users().upgrade_hash(other.uuid, &from, to))?;
            }
        }
        within!(self, |unit| unit.users().upgrade_hash(user, &from, to))?;
        if self.has(Fault::UpgradesWithAVersion)
            && let Some(mut user) = self.load(user.into()).await?
        {
            let now = user.record().updated_at;
            user.deactivate(None, None, now);
            user.activate(now);
            let updated = self.run(Statement::Update(Box::new(user))).await;
            return updated.map(|_| ()).map_err(|error| StorageError::new(StorageFault::Failed, error));
        }
        Ok(())
    }

    async fn is_empty_exclusively(&mut self) -> Result<bool, StorageError> {
        if self.has(Fault::IsNeverEmpty) {
            return Ok(false);
        }
        if self.has(Fault::SeesOnlyTheLiving) {
            return Ok(self.storage.everybody().await?.iter().all(|user| user.deleted_at.is_some()));
        }
        within!(self, |unit| unit.users().is_empty_exclusively())
    }

    async fn count_administrators_exclusively(&mut self) -> Result<u64, StorageError> {
        if self.has(Fault::CountsCommittedAdministrators) {
            return Ok(self.administrators_at_begin);
        }
        if self.has(Fault::CountsEveryAdministrator) {
            let everybody = self.storage.everybody().await?;
            return Ok(everybody.iter().filter(|user| user.role == domain::values::Role::Admin).count() as u64);
        }
        match &mut self.inner {
            Some(unit) => unit.users().count_administrators_exclusively().await,
            None => self.storage.memory.begin().await?.users().count_administrators_exclusively().await,
        }
    }
}
