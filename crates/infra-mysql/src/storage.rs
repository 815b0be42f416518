//! The ports on MySQL and MariaDB.

use domain::ports::StorageError;
use infra_seaorm::SeaOrmStorage;

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
        let storage = SeaOrmStorage::reconnecting(pools, MySql::Running, settings.clone());
        Ok(Self { storage, settings: settings.clone() })
    }
}

infra_seaorm::implement_server_storage!(MySqlStorage, connect_for_migrating);
