//! Sign-ins with a fault.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::login::{FailureRun, LoginKey};
use domain::ports::{LoginRepository, Storage, StorageError};
use domain::values::{Digest, UserUuid};

use crate::unit::{BrokenUnit, within};

#[async_trait]
impl LoginRepository for BrokenUnit {
    async fn failures(&mut self, key: LoginKey) -> Result<Option<FailureRun>, StorageError> {
        within!(self, |unit| unit.logins().failures(key))
    }

    async fn set_failures(&mut self, key: LoginKey, run: FailureRun) -> Result<(), StorageError> {
        within!(self, |unit| unit.logins().set_failures(key, run))
    }

    async fn note_delay(&mut self, key: LoginKey) -> Result<bool, StorageError> {
        within!(self, |unit| unit.logins().note_delay(key))
    }

    async fn forget_failures(&mut self, key: LoginKey) -> Result<(), StorageError> {
        within!(self, |unit| unit.logins().forget_failures(key))
    }

    async fn forget_name(&mut self, name: Digest) -> Result<bool, StorageError> {
        within!(self, |unit| unit.logins().forget_name(name))
    }

    async fn signed_in(&mut self, user: UserUuid, network: Digest, now: DateTime<Utc>) -> Result<(), StorageError> {
        within!(self, |unit| unit.logins().signed_in(user, network, now))
    }

    async fn clean_up(
        &mut self,
        now: DateTime<Utc>,
        networks_before: DateTime<Utc>,
        limit: u32,
    ) -> Result<u64, StorageError> {
        within!(self, |unit| unit.logins().clean_up(now, networks_before, limit))
    }
}
