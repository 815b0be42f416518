//! Tokens that are good once, within a unit of work.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::ports::{OneTimePurpose, OneTimeTokenRepository, StorageError};
use domain::values::{Digest, UserUuid};

use crate::tables::OneTimeToken;
use crate::unit::MemoryUnit;

#[async_trait]
impl OneTimeTokenRepository for MemoryUnit {
    async fn replace(
        &mut self,
        purpose: OneTimePurpose,
        user: UserUuid,
        digest: Digest,
        expires_at: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        self.change(|tables| {
            tables.one_time_tokens.retain(|(kind, _), token| *kind != purpose || token.user != user);
            tables.one_time_tokens.insert((purpose, digest), OneTimeToken { user, expires_at });
            Ok(())
        })
    }

    async fn take(
        &mut self,
        purpose: OneTimePurpose,
        digest: Digest,
        now: DateTime<Utc>,
    ) -> Result<Option<UserUuid>, StorageError> {
        self.change(|tables| {
            let taken = tables.one_time_tokens.remove(&(purpose, digest));
            Ok(taken.filter(|token| now < token.expires_at).map(|token| token.user))
        })
    }

    async fn forget(&mut self, user: UserUuid) -> Result<(), StorageError> {
        self.change(|tables| {
            tables.one_time_tokens.retain(|_, token| token.user != user);
            Ok(())
        })
    }

    async fn clean_up(&mut self, now: DateTime<Utc>, limit: u32) -> Result<u64, StorageError> {
        self.change(|tables| {
            let expired = tables.one_time_tokens.iter().filter(|(_, token)| token.expires_at <= now);
            let expired: Vec<_> = expired.map(|(key, _)| *key).take(limit as usize).collect();
            tables.one_time_tokens.retain(|key, _| !expired.contains(key));
            Ok(expired.len() as u64)
        })
    }
}
