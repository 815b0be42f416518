//! Leases with a fault.

use async_trait::async_trait;
use domain::ports::{Lease, Leases, StorageError};
use uuid::Uuid;

use crate::broken::Broken;
use crate::fault::Fault;

impl Broken {
    /// What the lease is called, as a fault has it.
    fn lease_name<'a>(&self, name: &'a str) -> &'a str {
        if self.has(Fault::KeepsOneLease) { "any" } else { name }
    }

    fn under_its_name(&self, lease: &Lease) -> Lease {
        Lease { name: self.lease_name(&lease.name).to_owned(), ..lease.clone() }
    }
}

/// The lease as it was asked for.
fn as_asked(name: &str, found: Option<Lease>) -> Option<Lease> {
    found.map(|lease| Lease { name: name.to_owned(), ..lease })
}

#[async_trait]
impl Leases for Broken {
    async fn find(&self, name: &str) -> Result<Option<Lease>, StorageError> {
        self.reach().await?;
        let found = as_asked(name, self.memory.find(self.lease_name(name)).await?);
        if self.has(Fault::LeasesHaveNoOwner) {
            return Ok(found.map(|lease| Lease { owner: Uuid::nil(), ..lease }));
        }
        Ok(found)
    }

    async fn take(&self, name: &str, seen: Option<Lease>, owner: Uuid) -> Result<Option<Lease>, StorageError> {
        self.reach().await?;
        let seen = match self.fault {
            Some(Fault::TakesAnyLease) => self.memory.find(name).await?,
            _ => seen.map(|seen| self.under_its_name(&seen)),
        };
        let taken = as_asked(name, self.memory.take(self.lease_name(name), seen.clone(), owner).await?);
        if self.has(Fault::ForgetsReleasedLeases) && seen.is_none() {
            return Ok(taken.map(|lease| Lease { term: 1, ..lease }));
        }
        Ok(taken)
    }

    async fn renew(&self, lease: &Lease) -> Result<Option<Lease>, StorageError> {
        self.reach().await?;
        if self.has(Fault::RenewsNothing) {
            return Ok(self.memory.find(&lease.name).await?.filter(|held| held == lease));
        }
        Ok(as_asked(&lease.name, self.memory.renew(&self.under_its_name(lease)).await?))
    }

    async fn release(&self, lease: &Lease) -> Result<(), StorageError> {
        self.reach().await?;
        match self.fault {
            Some(Fault::ForgetsNothing) => Ok(()),
            Some(Fault::ReleasesByName) => match self.memory.find(&lease.name).await? {
                Some(held) => self.memory.release(&held).await,
                None => Ok(()),
            },
            _ => self.memory.release(&self.under_its_name(lease)).await,
        }
    }
}
