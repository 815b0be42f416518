//! Tokens that are good once, with a fault.

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use domain::ports::{OneTimePurpose, OneTimeTokenRepository, Storage, StorageError};
use domain::values::{Digest, UserUuid};

use crate::fault::Fault;
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
        self.storage.remembered().one_time_tokens.insert(digest, (user, expires_at));
        within!(self, |unit| unit.one_time_tokens().replace(purpose, user, digest, expires_at))
    }

    async fn take(
        &mut self,
        purpose: OneTimePurpose,
        digest: Digest,
        now: DateTime<Utc>,
    ) -> Result<Option<UserUuid>, StorageError> {
        let asked_at = if self.has(Fault::TakesExpiredTokens) { DateTime::UNIX_EPOCH } else { now };
        let taken: Option<UserUuid> = within!(self, |unit| unit.one_time_tokens().take(purpose, digest, asked_at))?;
        let remembered = self.storage.remembered().one_time_tokens.remove(&digest);
        if let Some(user) = taken
            && self.has(Fault::TakesTokensTwice)
        {
            let later = now + TimeDelta::hours(1);
            within!(self, |unit| unit.one_time_tokens().replace(purpose, user, digest, later))?;
        }
        let replaced = remembered.filter(|(_, end)| self.has(Fault::KeepsReplacedTokens) && now < *end);
        Ok(taken.or(replaced.map(|(user, _)| user)))
    }

    async fn forget(&mut self, user: UserUuid) -> Result<(), StorageError> {
        if self.has(Fault::ForgetsNothing) {
            return Ok(());
        }
        within!(self, |unit| unit.one_time_tokens().forget(user))
    }

    async fn clean_up(&mut self, now: DateTime<Utc>, limit: u32) -> Result<u64, StorageError> {
        let (now, limit) = self.storage.clean_up(now, limit);
        within!(self, |unit| unit.one_time_tokens().clean_up(now, limit))
    }
}
