//! The ports on MySQL and MariaDB.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::ports::{SchemaState, Storage, StorageError, StorageProbe, UnitOfWork, UserQueries};
use domain::query::{DeletedScope, ListUsers, UserPage};
use domain::user::UserView;
use domain::values::{UserRef, UserUuid};
use infra_seaorm::SeaOrmStorage;
use migration::{MigrateError, Status};
use sea_orm::DatabaseConnection;
use tokio::time::timeout;

use crate::connect::{MySqlSettings, connect_first, connect_for_migrating};
use crate::dialect::MySql;

/// Users and their audit trail in MySQL or MariaDB.
#[derive(Debug)]
pub struct MySqlStorage {
    storage: SeaOrmStorage,
    settings: MySqlSettings,
}

impl MySqlStorage {
    /// Connects to the database.
    ///
    /// # Errors
    ///
    /// - `Unavailable` within the acquire timeout if the server cannot be reached.
    /// - `Failed` if it can, but refuses: another password, no such database.
    pub async fn connect(settings: &MySqlSettings) -> Result<Self, StorageError> {
        let pools =
            connect_first(settings).await.map_err(|error| infra_seaorm::storage_error(&MySql::AtStart, error))?;
        Ok(Self {
            storage: SeaOrmStorage::reconnecting(pools, MySql::Running, settings.clone()),
            settings: settings.clone(),
        })
    }

    /// Applies the migrations that are pending and returns their names.
    ///
    /// # Errors
    ///
    /// See [`migration::up`].
    pub async fn migrate_up(&self) -> Result<Vec<String>, MigrateError> {
        let db = connect_for_migrating(&self.settings).await?;
        let result = migration::up(&db).await;
        close(db).await;
        result
    }

    /// Takes back the last `steps` migrations, or all, with their data, and returns their names.
    ///
    /// # Errors
    ///
    /// See [`migration::down`].
    pub async fn migrate_down(&self, steps: Option<u32>) -> Result<Vec<String>, MigrateError> {
        let db = connect_for_migrating(&self.settings).await?;
        let result = migration::down(&db, steps).await;
        close(db).await;
        result
    }

    /// Which migrations the database has.
    ///
    /// # Errors
    ///
    /// [`MigrateError::Database`] if it cannot be read.
    pub async fn migration_status(&self) -> Result<Status, MigrateError> {
        Ok(migration::status(&self.storage.pools().reader).await?)
    }

    /// What is behind the ports, for looking at it.
    pub fn inner(&self) -> &SeaOrmStorage {
        &self.storage
    }

    /// Waits for what is in flight and closes the connections.
    pub async fn close(&self) {
        self.storage.close().await;
    }
}

/// A server that is still at work for a migration that was given up is not waited for.
async fn close(db: DatabaseConnection) {
    let _ = timeout(CLOSE_FOR, db.close()).await;
}

const CLOSE_FOR: Duration = Duration::from_secs(2);

#[async_trait]
impl Storage for MySqlStorage {
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StorageError> {
        self.storage.begin().await
    }
}

#[async_trait]
impl StorageProbe for MySqlStorage {
    async fn probe(&self) -> Result<SchemaState, StorageError> {
        self.storage.probe().await
    }
}

#[async_trait]
impl UserQueries for MySqlStorage {
    async fn find(&self, user: UserRef, scope: DeletedScope) -> Result<Option<UserView>, StorageError> {
        self.storage.find(user, scope).await
    }

    async fn list(&self, query: &ListUsers) -> Result<UserPage, StorageError> {
        self.storage.list(query).await
    }

    async fn suspensions_ended(&self, now: DateTime<Utc>, limit: u32) -> Result<Vec<UserUuid>, StorageError> {
        self.storage.suspensions_ended(now, limit).await
    }
}
