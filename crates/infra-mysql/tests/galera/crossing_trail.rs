//! The audit trail, its chain and leases through all nodes.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::audit::{ChainLink, ChainedEvent, Checkpoint, ListEvents, NumberedEvent, SealedEvent, StoredEvent};
use domain::ports::{AppendLinksError, AuditChain, AuditQueries, Lease, Leases, StorageError, WrappedKey};
use domain::values::UserUuid;
use uuid::Uuid;

use crate::crossing::Crossing;

#[async_trait]
impl AuditQueries for Crossing {
    async fn list(&self, query: &ListEvents) -> Result<Vec<StoredEvent>, StorageError> {
        AuditQueries::list(self.next().await?, query).await
    }

    async fn history(
        &self,
        subject: UserUuid,
        until: Option<DateTime<Utc>>,
        after: i64,
        limit: u32,
    ) -> Result<Vec<(i64, SealedEvent)>, StorageError> {
        self.next().await?.history(subject, until, after, limit).await
    }

    async fn subject_keys(&self, subjects: &[UserUuid]) -> Result<Vec<(UserUuid, WrappedKey)>, StorageError> {
        self.next().await?.subject_keys(subjects).await
    }
}

#[async_trait]
impl AuditChain for Crossing {
    async fn head(&self) -> Result<Option<ChainLink>, StorageError> {
        self.next().await?.head().await
    }

    async fn last_sequenced(&self) -> Result<i64, StorageError> {
        self.next().await?.last_sequenced().await
    }

    async fn unsequenced(
        &self,
        after: i64,
        up_to: Option<i64>,
        limit: u32,
    ) -> Result<Vec<NumberedEvent>, StorageError> {
        self.next().await?.unsequenced(after, up_to, limit).await
    }

    async fn append(&self, links: &[ChainLink], checkpoint: Option<Checkpoint>) -> Result<(), AppendLinksError> {
        AuditChain::append(self.next().await?, links, checkpoint).await
    }

    async fn links(&self, after: i64, limit: u32) -> Result<Vec<ChainedEvent>, StorageError> {
        self.next().await?.links(after, limit).await
    }

    async fn checkpoints(&self, after: i64, limit: u32) -> Result<Vec<Checkpoint>, StorageError> {
        self.next().await?.checkpoints(after, limit).await
    }

    async fn last_checkpoint(&self) -> Result<Option<Checkpoint>, StorageError> {
        self.next().await?.last_checkpoint().await
    }
}

#[async_trait]
impl Leases for Crossing {
    async fn find(&self, name: &str) -> Result<Option<Lease>, StorageError> {
        Leases::find(self.next().await?, name).await
    }

    async fn take(&self, name: &str, seen: Option<Lease>, owner: Uuid) -> Result<Option<Lease>, StorageError> {
        self.next().await?.take(name, seen, owner).await
    }

    async fn renew(&self, lease: &Lease) -> Result<Option<Lease>, StorageError> {
        self.next().await?.renew(lease).await
    }

    async fn release(&self, lease: &Lease) -> Result<(), StorageError> {
        self.next().await?.release(lease).await
    }
}
