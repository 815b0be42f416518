//! One process at a time: leases, which need neither lock functions nor clocks that agree.

use async_trait::async_trait;
use uuid::Uuid;

use super::StorageError;

/// Who holds a lease, as far as one has looked.
///
/// The holder makes `term` grow while it works. Whoever has seen one and the same lease for long enough on a clock of
/// their own may take it: the holder has stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// What is leased, at most 32 characters of ASCII.
    pub name: String,
    /// The process that holds it.
    pub owner: Uuid,
    /// Grows each time that it is taken or renewed, also if it was given back meanwhile.
    pub term: i64,
}

/// Keeps leases. Works on a cluster too: of several processes that take one at the same moment one succeeds.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait Leases: Send + Sync {
    /// Who holds it; `None` if nobody ever did, or it was given back.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn find(&self, name: &str) -> Result<Option<Lease>, StorageError>;

    /// Takes a lease that nobody holds (`seen` is `None`), or that is still exactly as it was seen. `None` if somebody was
    /// faster.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn take(&self, name: &str, seen: Option<Lease>, owner: Uuid) -> Result<Option<Lease>, StorageError>;

    /// Renews a lease that is still exactly as it was taken or renewed last. `None` if it was lost.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn renew(&self, lease: &Lease) -> Result<Option<Lease>, StorageError>;

    /// Gives a lease back, if it is still held.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn release(&self, lease: &Lease) -> Result<(), StorageError>;
}
