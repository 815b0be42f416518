//! Storage that fails.

mod faltering;
mod trail;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::login::{LoginName, LoginStanding};
use domain::ports::{
    SchemaState, SessionQueries, Storage, StorageError, StorageFault, StorageProbe, UnitOfWork, UserQueries,
};
use domain::query::{DeletedScope, ListUsers, UserPage};
use domain::session::{Session, SessionAccess};
use domain::user::{User, UserView};
use domain::values::{Digest, SessionId, UserId, UserRef, UserUuid};
use tokio::sync::Semaphore;

pub(crate) use self::faltering::{Fails, Faltering};
use crate::test_app::Stores;

/// Storage that answers everything with the same failure.
pub(crate) struct Broken(StorageFault);

impl Broken {
    pub(crate) fn stores(fault: StorageFault) -> Stores {
        Stores::of(&Arc::new(Self(fault)))
    }

    fn error(&self) -> StorageError {
        StorageError::new(self.0, "db.internal:3306 refused root's password hunter2")
    }
}

#[async_trait]
impl Storage for Broken {
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StorageError> {
        Err(self.error())
    }
}

#[async_trait]
impl UserQueries for Broken {
    async fn find(&self, _: UserRef, _: DeletedScope) -> Result<Option<UserView>, StorageError> {
        Err(self.error())
    }

    async fn list(&self, _: &ListUsers) -> Result<UserPage, StorageError> {
        Err(self.error())
    }

    async fn export(&self, _: UserId, _: u32) -> Result<Vec<UserView>, StorageError> {
        Err(self.error())
    }

    async fn suspensions_ended(&self, _: DateTime<Utc>, _: u32) -> Result<Vec<UserUuid>, StorageError> {
        Err(self.error())
    }
}

#[async_trait]
impl SessionQueries for Broken {
    async fn find_login(&self, _: &LoginName) -> Result<Option<User>, StorageError> {
        Err(self.error())
    }

    async fn login_standing(&self, _: Digest, _: Digest, _: Option<UserUuid>) -> Result<LoginStanding, StorageError> {
        Err(self.error())
    }

    async fn find_access(&self, _: SessionId) -> Result<Option<SessionAccess>, StorageError> {
        Err(self.error())
    }

    async fn find_token_session(&self, _: Digest) -> Result<Option<SessionId>, StorageError> {
        Err(self.error())
    }

    async fn sessions_of(&self, _: UserUuid, _: DateTime<Utc>) -> Result<Vec<Session>, StorageError> {
        Err(self.error())
    }
}

#[async_trait]
impl StorageProbe for Broken {
    async fn probe(&self) -> Result<SchemaState, StorageError> {
        Err(self.error())
    }
}

/// Storage that never answers, or panics where reading is asked of it.
pub(crate) struct Hanging;

impl Hanging {
    pub(crate) fn stores() -> Stores {
        Stores::of(&Arc::new(Self))
    }
}

#[async_trait]
impl Storage for Hanging {
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StorageError> {
        std::future::pending().await
    }
}

#[async_trait]
impl UserQueries for Hanging {
    async fn find(&self, _: UserRef, _: DeletedScope) -> Result<Option<UserView>, StorageError> {
        std::future::pending().await
    }

    async fn list(&self, _: &ListUsers) -> Result<UserPage, StorageError> {
        panic!("a defect that tells hunter2")
    }

    async fn export(&self, _: UserId, _: u32) -> Result<Vec<UserView>, StorageError> {
        std::future::pending().await
    }

    async fn suspensions_ended(&self, _: DateTime<Utc>, _: u32) -> Result<Vec<UserUuid>, StorageError> {
        std::future::pending().await
    }
}

#[async_trait]
impl SessionQueries for Hanging {
    async fn find_login(&self, _: &LoginName) -> Result<Option<User>, StorageError> {
        std::future::pending().await
    }

    async fn login_standing(&self, _: Digest, _: Digest, _: Option<UserUuid>) -> Result<LoginStanding, StorageError> {
        std::future::pending().await
    }

    async fn find_access(&self, _: SessionId) -> Result<Option<SessionAccess>, StorageError> {
        std::future::pending().await
    }

    async fn find_token_session(&self, _: Digest) -> Result<Option<SessionId>, StorageError> {
        std::future::pending().await
    }

    async fn sessions_of(&self, _: UserUuid, _: DateTime<Utc>) -> Result<Vec<Session>, StorageError> {
        std::future::pending().await
    }
}

#[async_trait]
impl StorageProbe for Hanging {
    async fn probe(&self) -> Result<SchemaState, StorageError> {
        std::future::pending().await
    }
}

/// A database that another version of the program migrated.
pub(crate) struct OtherSchema(pub(crate) SchemaState);

#[async_trait]
impl StorageProbe for OtherSchema {
    async fn probe(&self) -> Result<SchemaState, StorageError> {
        Ok(self.0)
    }
}

/// Storage that takes its time before anything is changed.
pub(crate) struct Slow {
    storage: Arc<dyn Storage>,
    delay: Duration,
}

impl Slow {
    pub(crate) fn stores(usual: Stores, delay: Duration) -> Stores {
        Stores { storage: Arc::new(Self { storage: usual.storage, delay }), ..usual }
    }
}

#[async_trait]
impl Storage for Slow {
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StorageError> {
        actix_web::rt::time::sleep(self.delay).await;
        self.storage.begin().await
    }
}

/// Storage that lists users as often as it is allowed to, and makes everybody else wait.
pub(crate) struct Held {
    usual: Arc<dyn UserQueries>,
    door: Arc<Door>,
}

/// Where those who list users are held.
pub(crate) struct Door {
    /// How many may go on.
    pub(crate) allowed: Semaphore,
    /// How many have come, to be taken away by who waits for them.
    pub(crate) arrived: Semaphore,
}

impl Held {
    pub(crate) fn stores(usual: Stores, door: Arc<Door>) -> Stores {
        Stores { queries: Arc::new(Self { usual: usual.queries, door }), ..usual }
    }
}

#[async_trait]
impl UserQueries for Held {
    async fn find(&self, user: UserRef, deleted: DeletedScope) -> Result<Option<UserView>, StorageError> {
        self.usual.find(user, deleted).await
    }

    async fn list(&self, asked: &ListUsers) -> Result<UserPage, StorageError> {
        self.door.arrived.add_permits(1);
        self.door.allowed.acquire().await.expect("it is never closed").forget();
        self.usual.list(asked).await
    }

    async fn export(&self, after: UserId, limit: u32) -> Result<Vec<UserView>, StorageError> {
        self.usual.export(after, limit).await
    }

    async fn suspensions_ended(&self, now: DateTime<Utc>, limit: u32) -> Result<Vec<UserUuid>, StorageError> {
        self.usual.suspensions_ended(now, limit).await
    }
}
