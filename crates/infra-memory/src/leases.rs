//! Leases, which all who share the storage see at once.

use std::collections::HashMap;
use std::sync::{MutexGuard, PoisonError};

use async_trait::async_trait;
use domain::ports::{Lease, Leases, StorageError};
use uuid::Uuid;

use crate::MemoryStorage;

/// A lease that was taken once. It is kept when it is given back, so that its term goes on growing: nobody takes a lease
/// for one that they saw before.
#[derive(Debug, Clone)]
pub(crate) struct Held {
    lease: Lease,
    is_given_back: bool,
}

impl MemoryStorage {
    fn leases(&self) -> MutexGuard<'_, HashMap<String, Held>> {
        self.leases.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn held<'a>(leases: &'a mut HashMap<String, Held>, name: &str) -> Option<&'a mut Held> {
    leases.get_mut(name).filter(|held| !held.is_given_back)
}

#[async_trait]
impl Leases for MemoryStorage {
    async fn find(&self, name: &str) -> Result<Option<Lease>, StorageError> {
        Ok(held(&mut self.leases(), name).map(|held| held.lease.clone()))
    }

    async fn take(&self, name: &str, seen: Option<Lease>, owner: Uuid) -> Result<Option<Lease>, StorageError> {
        let mut leases = self.leases();
        if held(&mut leases, name).map(|held| &held.lease) != seen.as_ref() {
            return Ok(None);
        }
        let term = leases.get(name).map_or(1, |before| before.lease.term + 1);
        let lease = Lease { name: name.to_owned(), owner, term };
        leases.insert(name.to_owned(), Held { lease: lease.clone(), is_given_back: false });
        Ok(Some(lease))
    }

    async fn renew(&self, lease: &Lease) -> Result<Option<Lease>, StorageError> {
        self.take(&lease.name, Some(lease.clone()), lease.owner).await
    }

    async fn release(&self, lease: &Lease) -> Result<(), StorageError> {
        let mut leases = self.leases();
        if let Some(held) = held(&mut leases, &lease.name).filter(|held| held.lease == *lease) {
            held.is_given_back = true;
        }
        Ok(())
    }
}
