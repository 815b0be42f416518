//! Units of work, and how storage fails.

use std::error::Error;

use async_trait::async_trait;

use super::{
    AuditTrail, ErasureRepository, IdempotencyRepository, ImportRepository, LoginRepository, OneTimeTokenRepository,
    SessionRepository, SubjectKeyRepository, UserRepository,
};

/// Where users are kept.
#[async_trait]
pub trait Storage: Send + Sync {
    /// Begins a unit of work: everything done in it becomes visible at its commit, or never.
    ///
    /// A caller that stops waiting (drops the future) leaves nothing behind, not even an open transaction.
    ///
    /// # Errors
    ///
    /// [`StorageFault::Unavailable`] within two seconds if the storage cannot be reached.
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StorageError>;
}

/// Changes that happen together or not at all. Dropping it discards them.
///
/// Others see nothing of it before the commit; it sees its own changes, and what others committed before each of its
/// statements. After any error of any repository, conflicts too, the unit is good for nothing but being dropped:
/// `commit` then fails.
#[async_trait]
pub trait UnitOfWork: Send {
    /// The users.
    fn users(&mut self) -> &mut dyn UserRepository;

    /// The sessions and their refresh tokens.
    fn sessions(&mut self) -> &mut dyn SessionRepository;

    /// Who signed in when and from where, and who failed to.
    fn logins(&mut self) -> &mut dyn LoginRepository;

    /// Tokens that are good once.
    fn one_time_tokens(&mut self) -> &mut dyn OneTimeTokenRepository;

    /// People's keys.
    fn subject_keys(&mut self) -> &mut dyn SubjectKeyRepository;

    /// Erasing people.
    fn erasure(&mut self) -> &mut dyn ErasureRepository;

    /// Requests that are carried out once.
    fn idempotency(&mut self) -> &mut dyn IdempotencyRepository;

    /// How far imports have come.
    fn imports(&mut self) -> &mut dyn ImportRepository;

    /// The audit trail.
    fn audit(&mut self) -> &mut dyn AuditTrail;

    /// Makes everything durable and visible.
    ///
    /// # Errors
    ///
    /// - [`StorageFault::Retryable`] if another unit won; nothing of this one happened.
    /// - [`StorageFault::UnknownOutcome`] if the answer was lost; all of it happened or nothing.
    /// - [`StorageFault::Failed`] if the unit met an error before; nothing of it happened.
    async fn commit(self: Box<Self>) -> Result<(), StorageError>;
}

/// How far a database is from what this program needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SchemaState {
    /// Just right.
    Current,
    /// Migrations are missing.
    Pending,
    /// A newer program has migrated it.
    Newer,
}

/// Whether the storage is there, for `/ready`.
#[async_trait]
pub trait StorageProbe: Send + Sync {
    /// Touches real tables, as a cluster without quorum still answers `SELECT 1`.
    ///
    /// # Errors
    ///
    /// [`StorageFault::Unavailable`] within two seconds if the storage cannot be reached.
    async fn probe(&self) -> Result<SchemaState, StorageError>;
}

/// What kind of failure a storage met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StorageFault {
    /// Another unit of work won (deadlock, lock wait, serialization, certification): trying again may succeed.
    Retryable,
    /// The storage cannot be reached or does not answer.
    Unavailable,
    /// A commit's answer was lost: it happened or not. Never tried again blindly.
    UnknownOutcome,
    /// Anything else: a defect here or there.
    Failed,
}

/// A failure of the storage. The cause is for the log, never for a client.
#[derive(Debug, thiserror::Error)]
#[error("storage: {fault:?}")]
pub struct StorageError {
    fault: StorageFault,
    #[source]
    source: Box<dyn Error + Send + Sync>,
}

impl StorageError {
    /// A failure of this kind, with its cause.
    pub fn new(fault: StorageFault, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { fault, source: source.into() }
    }

    /// The kind of failure.
    pub fn fault(&self) -> StorageFault {
        self.fault
    }

    /// Whether the same unit of work, begun again, may succeed.
    pub fn is_retryable(&self) -> bool {
        self.fault == StorageFault::Retryable
    }
}
