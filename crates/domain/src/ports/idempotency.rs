//! Requests that are carried out once, however often they are sent, within a unit of work.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::StorageError;
use crate::values::{Digest, UserUuid};

/// A request that somebody began to carry out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reservation {
    /// Stands for caller and key.
    pub key: Digest,
    /// Stands for the request.
    pub fingerprint: Digest,
    /// Names this attempt: whoever has it may complete the request.
    pub ticket: Uuid,
    /// Until when nobody else may begin.
    pub leased_until: DateTime<Utc>,
    /// When it was completed.
    pub completed_at: Option<DateTime<Utc>>,
    /// When the key was first used.
    pub created_at: DateTime<Utc>,
}

/// What came of a request, or of one part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptOutcome {
    /// Which part, from 0; a request of one part has only that one.
    pub part: i32,
    /// The person whom it describes: erasing them takes it away.
    pub subject: Option<UserUuid>,
    /// The outcome, sealed.
    pub outcome: String,
}

/// Keeps reservations and outcomes.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait IdempotencyRepository: Send {
    /// The reservation of that key.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn find(&mut self, key: Digest) -> Result<Option<Reservation>, StorageError>;

    /// Stores a first reservation.
    ///
    /// # Errors
    ///
    /// [`StorageError`]; retryable if the key is reserved by now.
    async fn insert(&mut self, reservation: &Reservation) -> Result<(), StorageError>;

    /// Puts `to` in the place of a reservation that still has `ticket` and is not completed; whether it did. Of several at
    /// once one succeeds.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn take_over(&mut self, ticket: Uuid, to: &Reservation) -> Result<bool, StorageError>;

    /// Marks the reservation as completed if it still has this ticket and is not completed; whether it did.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn complete(&mut self, key: Digest, ticket: Uuid, now: DateTime<Utc>) -> Result<bool, StorageError>;

    /// Keeps what came of a part, if the reservation still has this ticket and is not completed; whether it did.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn keep(&mut self, key: Digest, ticket: Uuid, outcome: &KeptOutcome) -> Result<bool, StorageError>;

    /// What was kept, by part.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn outcomes(&mut self, key: Digest) -> Result<Vec<KeptOutcome>, StorageError>;

    /// Takes a reservation away that still has this ticket, is not completed and has no outcomes: nothing came of it.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn release(&mut self, key: Digest, ticket: Uuid) -> Result<(), StorageError>;

    /// Deletes reservations that were made before this moment, with their outcomes, at most `limit`, and returns how many.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn clean_up(&mut self, created_before: DateTime<Utc>, limit: u32) -> Result<u64, StorageError>;
}
