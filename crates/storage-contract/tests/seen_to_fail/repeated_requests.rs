//! Requests that are carried out once, with a fault.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::ports::{IdempotencyRepository, KeptOutcome, Reservation, Storage, StorageError};
use domain::values::Digest;
use uuid::Uuid;

use crate::fault::Fault;
use crate::unit::{BrokenUnit, within};

impl BrokenUnit {
    /// The ticket that is stored, where the fault does not ask for the right one.
    async fn any_ticket(&mut self, fault: Fault, key: Digest, ticket: Uuid) -> Result<Uuid, StorageError> {
        let stored: Option<Reservation> = within!(self, |unit| unit.idempotency().find(key))?;
        Ok(stored.filter(|_| self.has(fault)).map_or(ticket, |stored| stored.ticket))
    }

    fn says(&self, has_written: bool) -> bool {
        has_written || self.has(Fault::ClaimsToHaveWritten)
    }
}

#[async_trait]
impl IdempotencyRepository for BrokenUnit {
    async fn find(&mut self, key: Digest) -> Result<Option<Reservation>, StorageError> {
        within!(self, |unit| unit.idempotency().find(key))
    }

    async fn insert(&mut self, reservation: &Reservation) -> Result<(), StorageError> {
        let mut reservation = reservation.clone();
        if self.has(Fault::CutsTimesToMilliseconds) {
            let millis = reservation.created_at.timestamp_millis();
            reservation.created_at = DateTime::from_timestamp_millis(millis).unwrap_or(reservation.created_at);
        }
        if self.has(Fault::ReplacesReservations) {
            // Time for others to find none.
            tokio::time::sleep(Duration::from_millis(3)).await;
            let ticket = self.any_ticket(Fault::ReplacesReservations, reservation.key, Uuid::nil()).await?;
            if within!(self, |unit| unit.idempotency().take_over(ticket, &reservation))? {
                return Ok(());
            }
        }
        let inserted = within!(self, |unit| unit.idempotency().insert(&reservation));
        self.failed |= inserted.is_err();
        inserted
    }

    async fn take_over(&mut self, ticket: Uuid, to: &Reservation) -> Result<bool, StorageError> {
        let ticket = self.any_ticket(Fault::TakesOverWithAnyTicket, to.key, ticket).await?;
        let has_taken = within!(self, |unit| unit.idempotency().take_over(ticket, to))?;
        if has_taken && self.has(Fault::TakingOverStartsAnew) {
            let everything = DateTime::<Utc>::MAX_UTC;
            within!(self, |unit| unit.idempotency().clean_up(everything, u32::MAX)).map(|_: u64| ())?;
            within!(self, |unit| unit.idempotency().insert(to))?;
        }
        Ok(self.says(has_taken))
    }

    async fn complete(&mut self, key: Digest, ticket: Uuid, now: DateTime<Utc>) -> Result<bool, StorageError> {
        let is_completed = within!(self, |unit| unit.idempotency().complete(key, ticket, now))?;
        Ok(self.says(is_completed))
    }

    async fn keep(&mut self, key: Digest, ticket: Uuid, outcome: &KeptOutcome) -> Result<bool, StorageError> {
        let ticket = self.any_ticket(Fault::KeepsWithAnyTicket, key, ticket).await?;
        self.storage.remembered().outcomes.push((key, ticket, outcome.clone()));
        let is_kept = within!(self, |unit| unit.idempotency().keep(key, ticket, outcome))?;
        Ok(self.says(is_kept))
    }

    async fn outcomes(&mut self, key: Digest) -> Result<Vec<KeptOutcome>, StorageError> {
        let mut outcomes = within!(self, |unit| unit.idempotency().outcomes(key))?;
        if self.has(Fault::OrdersPartsAsTexts) {
            outcomes.sort_by_key(|kept: &KeptOutcome| kept.part.to_string());
        }
        Ok(outcomes)
    }

    async fn release(&mut self, key: Digest, ticket: Uuid) -> Result<(), StorageError> {
        if self.has(Fault::ForgetsNothing) {
            return Ok(());
        }
        within!(self, |unit| unit.idempotency().release(key, ticket))
    }

    async fn clean_up(&mut self, created_before: DateTime<Utc>, limit: u32) -> Result<u64, StorageError> {
        let (created_before, limit) = self.storage.clean_up(created_before, limit);
        within!(self, |unit| unit.idempotency().clean_up(created_before, limit))
    }
}
