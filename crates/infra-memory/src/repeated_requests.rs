//! Requests that are carried out once, within a unit of work.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::ports::{IdempotencyRepository, KeptOutcome, Reservation, StorageError, StorageFault};
use domain::values::Digest;
use uuid::Uuid;

use crate::tables::Tables;
use crate::unit::MemoryUnit;

impl Tables {
    /// The reservation, while this attempt is the one that may complete it.
    fn attempt(&mut self, key: Digest, ticket: Uuid) -> Option<&mut Reservation> {
        self.reservations.get_mut(&key).filter(|stored| stored.ticket == ticket && stored.completed_at.is_none())
    }

    fn outcomes_of(&self, key: Digest) -> impl Iterator<Item = &KeptOutcome> {
        self.outcomes.range((key, i32::MIN)..=(key, i32::MAX)).map(|(_, outcome)| outcome)
    }
}

#[async_trait]
impl IdempotencyRepository for MemoryUnit {
    async fn find(&mut self, key: Digest) -> Result<Option<Reservation>, StorageError> {
        Ok(self.read()?.reservations.get(&key).cloned())
    }

    async fn insert(&mut self, reservation: &Reservation) -> Result<(), StorageError> {
        self.change(|tables| match tables.reservations.insert(reservation.key, reservation.clone()) {
            None => Ok(()),
            Some(_) => Err(StorageError::new(StorageFault::Retryable, "the key is reserved by now")),
        })
    }

    async fn take_over(&mut self, ticket: Uuid, to: &Reservation) -> Result<bool, StorageError> {
        self.change(|tables| Ok(tables.attempt(to.key, ticket).map(|stored| *stored = to.clone()).is_some()))
    }

    async fn complete(&mut self, key: Digest, ticket: Uuid, now: DateTime<Utc>) -> Result<bool, StorageError> {
        self.change(|tables| Ok(tables.attempt(key, ticket).map(|stored| stored.completed_at = Some(now)).is_some()))
    }

    async fn keep(&mut self, key: Digest, ticket: Uuid, outcome: &KeptOutcome) -> Result<bool, StorageError> {
        self.change(|tables| {
            if tables.attempt(key, ticket).is_none() {
                return Ok(false);
            }
            match tables.outcomes.insert((key, outcome.part), outcome.clone()) {
                None => Ok(true),
                Some(_) => Err(StorageError::new(StorageFault::Failed, "something came of that part already")),
            }
        })
    }

    async fn outcomes(&mut self, key: Digest) -> Result<Vec<KeptOutcome>, StorageError> {
        Ok(self.read()?.outcomes_of(key).cloned().collect())
    }

    async fn release(&mut self, key: Digest, ticket: Uuid) -> Result<(), StorageError> {
        self.change(|tables| {
            if tables.attempt(key, ticket).is_some() && tables.outcomes_of(key).next().is_none() {
                tables.reservations.remove(&key);
            }
            Ok(())
        })
    }

    async fn clean_up(&mut self, created_before: DateTime<Utc>, limit: u32) -> Result<u64, StorageError> {
        self.change(|tables| {
            let old = tables.reservations.values().filter(|stored| stored.created_at < created_before);
            let old: Vec<_> = old.map(|stored| stored.key).take(limit as usize).collect();
            tables.reservations.retain(|key, _| !old.contains(key));
            tables.outcomes.retain(|(key, _), _| !old.contains(key));
            Ok(old.len() as u64)
        })
    }
}
