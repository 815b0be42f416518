//! Sign-ins with a fault.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::login::{FailureRun, LoginKey, Place};
use domain::ports::{LoginRepository, Storage, StorageError};
use domain::values::{Digest, UserUuid};

use crate::fault::Fault;
use crate::unit::{BrokenUnit, within};

impl BrokenUnit {
    /// What failures are counted under.
    fn counted(&self, key: LoginKey) -> LoginKey {
        let place = if self.has(Fault::CountsPlacesTogether) { Place::Anywhere } else { key.place };
        LoginKey { place, ..key }
    }
}

#[async_trait]
impl LoginRepository for BrokenUnit {
    async fn failures(&mut self, key: LoginKey) -> Result<Option<FailureRun>, StorageError> {
        let key = self.counted(key);
        within!(self, |unit| unit.logins().failures(key))
    }

    async fn set_failures(&mut self, key: LoginKey, run: FailureRun) -> Result<(), StorageError> {
        let key = self.counted(key);
        let before: Option<FailureRun> = within!(self, |unit| unit.logins().failures(key))?;
        let run = before.filter(|_| self.has(Fault::KeepsTheFirstRun)).unwrap_or(run);
        let wait_until = run.wait_until.filter(|_| !self.has(Fault::ForgetsWaits));
        let run = FailureRun { wait_until, ..run };
        within!(self, |unit| unit.logins().set_failures(key, run))
    }

    async fn note_delay(&mut self, key: LoginKey) -> Result<bool, StorageError> {
        if self.has(Fault::NotesOneDelayOnly) {
            return Ok(self.storage.remembered().noted.insert(key));
        }
        let is_first = within!(self, |unit| unit.logins().note_delay(key))?;
        Ok(is_first || self.has(Fault::NotesEveryDelay))
    }

    async fn forget_failures(&mut self, key: LoginKey) -> Result<(), StorageError> {
        if self.has(Fault::ForgetsTheWholeName) {
            return within!(self, |unit| unit.logins().forget_name(key.name)).map(|_: bool| ());
        }
        if self.has(Fault::ForgetsNothing) {
            return Ok(());
        }
        within!(self, |unit| unit.logins().forget_failures(key))
    }

    async fn forget_name(&mut self, name: Digest) -> Result<bool, StorageError> {
        if self.has(Fault::ForgetsAnywhereOnly) {
            let key = LoginKey { name, place: Place::Anywhere };
            return within!(self, |unit| unit.logins().forget_failures(key)).map(|()| true);
        }
        if self.has(Fault::ForgetsNothing) {
            return Ok(true);
        }
        within!(self, |unit| unit.logins().forget_name(name))
    }

    async fn signed_in(&mut self, user: UserUuid, network: Digest, now: DateTime<Utc>) -> Result<(), StorageError> {
        self.storage.remembered().networks.insert(network);
        if self.has(Fault::NetworksGrowOlder) {
            let (never, always) = (DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
            within!(self, |unit| unit.logins().clean_up(never, always, u32::MAX))?;
        }
        within!(self, |unit| unit.logins().signed_in(user, network, now))
    }

    async fn clean_up(
        &mut self,
        now: DateTime<Utc>,
        networks_before: DateTime<Utc>,
        limit: u32,
    ) -> Result<u64, StorageError> {
        let (now, _) = self.storage.clean_up(now, limit);
        let (networks_before, limit) = self.storage.clean_up(networks_before, limit);
        within!(self, |unit| unit.logins().clean_up(now, networks_before, limit))
    }
}
