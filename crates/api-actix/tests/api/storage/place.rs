//! The storage of one test.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::audit::{ChainLink, ChainedEvent, Checkpoint, ListEvents, NumberedEvent, SealedEvent, StoredEvent};
use domain::login::{LoginName, LoginStanding};
use domain::ports::{
    AppendLinksError, AuditChain, AuditQueries, Lease, Leases, SchemaState, SessionQueries, Storage, StorageError,
    StorageProbe, UnitOfWork, UserQueries, WrappedKey,
};
use domain::query::{DeletedScope, ListUsers, UserPage};
use domain::session::{Session, SessionAccess};
use domain::user::{User, UserView};
use domain::values::{Digest, SessionId, UserId, UserRef, UserUuid};
use infra_memory::MemoryStorage;
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::RUNTIME;
use super::connected::Connected;
use super::template;
use crate::test_app::Stores;

/// The storage of one test, made when it is first used: many tests never do.
#[derive(Default)]
pub(crate) struct Place(OnceCell<Made>);

struct Made {
    connected: Connected,
    stores: Stores,
    /// Of a copy of the template.
    url: Option<String>,
}

impl Place {
    /// Waits until it is there, so that the next request need not.
    pub(crate) async fn reach(&self) {
        self.made().await;
    }

    async fn made(&self) -> &Made {
        self.0.get_or_init(|| async { RUNTIME.spawn(make()).await.unwrap() }).await
    }
}

async fn make() -> Made {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let Some(template) = template::of_this_process() else {
        let connected = Connected::Memory(MemoryStorage::new());
        return Made { stores: connected.stores(), connected, url: None };
    };
    let url = template::copy(&template, NUMBER.fetch_add(1, Ordering::Relaxed)).await;
    let connected = Connected::to(&url).await;
    Made { stores: connected.stores(), connected, url: Some(url) }
}

/// Clears the database away, without waiting for it. What is left at the end goes with the template.
pub(crate) fn clear(place: Arc<Place>) {
    RUNTIME.spawn(async move {
        if let Some(made) = place.0.get()
            && let Some(url) = &made.url
        {
            made.connected.close().await;
            template::drop_copy(url).await;
        }
    });
}

#[async_trait]
impl Storage for Place {
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StorageError> {
        self.made().await.stores.storage.begin().await
    }
}

#[async_trait]
impl UserQueries for Place {
    async fn find(&self, user: UserRef, scope: DeletedScope) -> Result<Option<UserView>, StorageError> {
        self.made().await.stores.queries.find(user, scope).await
    }

    async fn list(&self, query: &ListUsers) -> Result<UserPage, StorageError> {
        self.made().await.stores.queries.list(query).await
    }

    async fn export(&self, after: UserId, limit: u32) -> Result<Vec<UserView>, StorageError> {
        self.made().await.stores.queries.export(after, limit).await
    }

    async fn suspensions_ended(&self, now: DateTime<Utc>, limit: u32) -> Result<Vec<UserUuid>, StorageError> {
        self.made().await.stores.queries.suspensions_ended(now, limit).await
    }
}

#[async_trait]
impl SessionQueries for Place {
    async fn find_login(&self, name: &LoginName) -> Result<Option<User>, StorageError> {
        self.made().await.stores.sessions.find_login(name).await
    }

    async fn login_standing(
        &self,
        name: Digest,
        network: Digest,
        user: Option<UserUuid>,
    ) -> Result<LoginStanding, StorageError> {
        self.made().await.stores.sessions.login_standing(name, network, user).await
    }

    async fn find_access(&self, session: SessionId) -> Result<Option<SessionAccess>, StorageError> {
        self.made().await.stores.sessions.find_access(session).await
    }

    async fn find_token_session(&self, token: Digest) -> Result<Option<SessionId>, StorageError> {
        self.made().await.stores.sessions.find_token_session(token).await
    }

    async fn sessions_of(&self, user: UserUuid, now: DateTime<Utc>) -> Result<Vec<Session>, StorageError> {
        self.made().await.stores.sessions.sessions_of(user, now).await
    }
}

#[async_trait]
impl AuditQueries for Place {
    async fn list(&self, query: &ListEvents) -> Result<Vec<StoredEvent>, StorageError> {
        self.made().await.stores.audit.list(query).await
    }

    async fn history(
        &self,
        subject: UserUuid,
        until: Option<DateTime<Utc>>,
        after: i64,
        limit: u32,
    ) -> Result<Vec<(i64, SealedEvent)>, StorageError> {
        self.made().await.stores.audit.history(subject, until, after, limit).await
    }

    async fn subject_keys(&self, subjects: &[UserUuid]) -> Result<Vec<(UserUuid, WrappedKey)>, StorageError> {
        self.made().await.stores.audit.subject_keys(subjects).await
    }
}

#[async_trait]
impl AuditChain for Place {
    async fn head(&self) -> Result<Option<ChainLink>, StorageError> {
        self.made().await.stores.chain.head().await
    }

    async fn last_sequenced(&self) -> Result<i64, StorageError> {
        self.made().await.stores.chain.last_sequenced().await
    }

    async fn unsequenced(
        &self,
        after: i64,
        up_to: Option<i64>,
        limit: u32,
    ) -> Result<Vec<NumberedEvent>, StorageError> {
        self.made().await.stores.chain.unsequenced(after, up_to, limit).await
    }

    async fn append(&self, links: &[ChainLink], checkpoint: Option<Checkpoint>) -> Result<(), AppendLinksError> {
        self.made().await.stores.chain.append(links, checkpoint).await
    }

    async fn links(&self, after: i64, limit: u32) -> Result<Vec<ChainedEvent>, StorageError> {
        self.made().await.stores.chain.links(after, limit).await
    }

    async fn checkpoints(&self, after: i64, limit: u32) -> Result<Vec<Checkpoint>, StorageError> {
        self.made().await.stores.chain.checkpoints(after, limit).await
    }

    async fn last_checkpoint(&self) -> Result<Option<Checkpoint>, StorageError> {
        self.made().await.stores.chain.last_checkpoint().await
    }
}

#[async_trait]
impl Leases for Place {
    async fn find(&self, name: &str) -> Result<Option<Lease>, StorageError> {
        self.made().await.stores.leases.find(name).await
    }

    async fn take(&self, name: &str, seen: Option<Lease>, owner: Uuid) -> Result<Option<Lease>, StorageError> {
        self.made().await.stores.leases.take(name, seen, owner).await
    }

    async fn renew(&self, lease: &Lease) -> Result<Option<Lease>, StorageError> {
        self.made().await.stores.leases.renew(lease).await
    }

    async fn release(&self, lease: &Lease) -> Result<(), StorageError> {
        self.made().await.stores.leases.release(lease).await
    }
}

#[async_trait]
impl StorageProbe for Place {
    async fn probe(&self) -> Result<SchemaState, StorageError> {
        self.made().await.stores.probe.probe().await
    }
}
