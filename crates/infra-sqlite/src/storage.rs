//! The ports on SQLite.

use domain::ports::StorageError;
use infra_seaorm::SeaOrmStorage;
use migration::{MigrateError, Status};

use crate::connect::{SqliteSettings, connect, prepare_file, wait_briefly, wait_long};
use crate::dialect::Sqlite;

/// Users and their audit trail in a SQLite file, or in memory.
///
/// In memory there is one connection: a query waits while a unit of work is open.
#[derive(Debug)]
pub struct SqliteStorage(SeaOrmStorage);

impl SqliteStorage {
    /// Opens the database; makes its folder and file, for its owner alone, where the URL asks for it (`mode=rwc`).
    ///
    /// # Errors
    ///
    /// - `Failed` if the URL is none, or the folder cannot be made.
    /// - `Unavailable` if the file cannot be opened.
    pub async fn connect(settings: &SqliteSettings) -> Result<Self, StorageError> {
        prepare_file(settings)?;
        let pools = connect(settings).await.map_err(|error| infra_seaorm::storage_error(&Sqlite, error))?;
        Ok(Self(SeaOrmStorage::new(pools, Sqlite)))
    }

    /// Applies the migrations that are pending and returns their names.
    ///
    /// # Errors
    ///
    /// See [`migration::up`].
    pub async fn migrate_up(&self) -> Result<Vec<String>, MigrateError> {
        let writer = self.0.pools().writer;
        wait_long(&writer).await?;
        let migrated = migration::up(&writer).await;
        let brief = wait_briefly(&writer).await;
        let names = migrated?;
        brief?;
        Ok(names)
    }

    /// Takes back the last `steps` migrations, or all, with their data, and returns their names.
    ///
    /// # Errors
    ///
    /// See [`migration::down`].
    pub async fn migrate_down(&self, steps: Option<u32>) -> Result<Vec<String>, MigrateError> {
        let writer = self.0.pools().writer;
        wait_long(&writer).await?;
        let migrated = migration::down(&writer, steps).await;
        let brief = wait_briefly(&writer).await;
        let names = migrated?;
        brief?;
        Ok(names)
    }

    /// Which migrations the database has.
    ///
    /// # Errors
    ///
    /// [`MigrateError::Database`] if it cannot be read.
    pub async fn migration_status(&self) -> Result<Status, MigrateError> {
        infra_seaorm::migrating::status(&self.0).await
    }

    /// What is behind the ports, for looking at it.
    pub fn inner(&self) -> &SeaOrmStorage {
        &self.0
    }

    /// Waits for what is in flight and closes the database.
    pub async fn close(&self) {
        self.0.close().await;
    }
}

infra_seaorm::implement_ports!(SqliteStorage, 0);
