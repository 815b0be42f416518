//! The ports on MySQL and MariaDB.

use domain::ports::StorageError;
use infra_seaorm::{Pools, SeaOrmStorage};

use crate::connect::{MySqlSettings, connect_first, connect_for_migrating, connect_later};
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
        Ok(Self::on(pools, settings))
    }

    /// Connects when it is first asked something, and again whenever the server can be reached.
    ///
    /// # Errors
    ///
    /// `Failed` if the URL cannot be used.
    pub async fn connect_later(settings: &MySqlSettings) -> Result<Self, StorageError> {
        let pools =
            connect_later(settings).await.map_err(|error| infra_seaorm::storage_error(&MySql::AtStart, error))?;
        Ok(Self::on(pools, settings))
    }

    fn on(pools: Pools, settings: &MySqlSettings) -> Self {
        let storage = SeaOrmStorage::reconnecting(pools, MySql::Running, settings.clone());
        Self { storage, settings: settings.clone() }
    }
}

infra_seaorm::implement_server_storage!(MySqlStorage, connect_for_migrating);
