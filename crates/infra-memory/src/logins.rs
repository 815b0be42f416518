//! Sign-ins and failures within a unit of work.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::login::{FailureRun, LoginKey};
use domain::ports::{LoginRepository, StorageError};
use domain::values::{Digest, UserUuid};

use crate::tables::Failures;
use crate::unit::MemoryUnit;

#[async_trait]
impl LoginRepository for MemoryUnit {
    async fn failures(&mut self, key: LoginKey) -> Result<Option<FailureRun>, StorageError> {
        Ok(self.read()?.failures.get(&key).map(|failures| failures.run))
    }

    async fn set_failures(&mut self, key: LoginKey, run: FailureRun) -> Result<(), StorageError> {
        self.change(|tables| {
            tables.failures.insert(key, Failures { run, is_delay_noted: false });
            Ok(())
        })
    }

    async fn note_delay(&mut self, key: LoginKey) -> Result<bool, StorageError> {
        self.change(|tables| {
            let first = tables.failures.get_mut(&key).filter(|failures| !failures.is_delay_noted);
            Ok(first.map(|failures| failures.is_delay_noted = true).is_some())
        })
    }

    async fn forget_failures(&mut self, key: LoginKey) -> Result<(), StorageError> {
        self.change(|tables| {
            tables.failures.remove(&key);
            Ok(())
        })
    }

    async fn forget_name(&mut self, name: Digest) -> Result<bool, StorageError> {
        self.change(|tables| {
            let before = tables.failures.len();
            tables.failures.retain(|key, _| key.name != name);
            Ok(tables.failures.len() < before)
        })
    }

    async fn signed_in(&mut self, user: UserUuid, network: Digest, now: DateTime<Utc>) -> Result<(), StorageError> {
        self.change(|tables| {
            for last in
                [tables.networks.entry((user, network)).or_insert(now), tables.last_logins.entry(user).or_insert(now)]
            {
                *last = now.max(*last);
            }
            Ok(())
        })
    }

    async fn clean_up(
        &mut self,
        now: DateTime<Utc>,
        networks_before: DateTime<Utc>,
        limit: u32,
    ) -> Result<u64, StorageError> {
        self.change(|tables| {
            let over = tables.failures.iter().filter(|(_, failures)| failures.run.over_at() <= now);
            let over: Vec<_> = over.map(|(key, _)| *key).take(limit as usize).collect();
            let left = tables.networks.iter().filter(|(_, seen)| **seen < networks_before);
            let left: Vec<_> = left.map(|(key, _)| *key).take(limit as usize).collect();
            tables.failures.retain(|key, _| !over.contains(key));
            tables.networks.retain(|key, _| !left.contains(key));
            Ok((over.len() + left.len()) as u64)
        })
    }
}
