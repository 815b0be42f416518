//! Tokens that are good once, with a fault.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::ports::{OneTimePurpose, OneTimeTokenRepository, Storage, StorageError};
use domain::values::{Digest, UserUuid};

use crate::unit::{BrokenUnit, within};

#[async_trait]
impl OneTimeTokenRepository for BrokenUnit {
    async fn replace(
        &mut self,
        purpose: OneTimePurpose,
        user: UserUuid,
        digest: Digest,
        expires_at: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        within!(self, |unit| unit.one_time_tokens().replace(purpose, user, digest, expires_at))
    }

    async fn take(
        &mut self,
        purpose: OneTimePurpose,
        digest: Digest,
        now: DateTime<Utc>,
    ) -> Result<Option<UserUuid>, StorageError> {
        within!(self, |unit| unit.one_time_tokens().take(purpose, digest, now))
    }

    async fn forget(&mut self, user: UserUuid) -> Result<(), StorageError> {
        within!(self, |unit| unit.one_time_tokens().forget(user))
    }

    async fn clean_up(&mut self, now: DateTime<Utc>, limit: u32) -> Result<u64, StorageError> {
        within!(self, |unit| unit.one_time_tokens().clean_up(now, limit))
    }
}
