//! The storage that the settings name, whichever it is.

use std::sync::Arc;
use std::time::Duration;

use domain::ports::{
    AuditChain, AuditQueries, ChangeLog, KeyFingerprints, Leases, SessionQueries, Storage, StorageError, StorageFault,
    StorageInspection, StorageProbe, UserQueries,
};
use infra_memory::MemoryStorage;
use infra_mysql::{MySqlSettings, MySqlStorage};
use infra_postgres::{PostgresSettings, PostgresStorage};
use infra_sqlite::{SqliteSettings, SqliteStorage};
use migration::{MigrateError, Status};
use secrecy::ExposeSecret as _;
use settings::{DatabaseUrl, Settings};
use tokio::time::{Instant, sleep};
use tracing::warn;

use crate::commands::{Failure, causes};

/// How long to wait between two attempts to reach the database at the start.
const PAUSE: Duration = Duration::from_millis(500);
/// How long a request may wait for a connection: it is answered with 503 within two seconds. Less than an answer is
/// waited for, or a pool that is exhausted would be taken for a database that is silent.
const ACQUIRE_TIMEOUT: Duration = Duration::from_millis(1500);
/// How often to say that the database is still awaited.
const REMINDER: Duration = Duration::from_secs(5);

/// One of the storages, connected.
#[derive(Clone)]
pub(crate) enum Database {
    Memory(Arc<MemoryStorage>),
    Sqlite(Arc<SqliteStorage>),
    MySql(Arc<MySqlStorage>),
    Postgres(Arc<PostgresStorage>),
}

impl Database {
    /// Connects; waits for a database that is not there yet, as long as the settings allow.
    pub(crate) async fn connect(settings: &Settings) -> Result<Self, Failure> {
        let begun = Instant::now();
        let patience = settings.database_connect_timeout;
        let mut reminded: Option<Instant> = None;
        loop {
            let error = match Self::try_connect(settings).await {
                Ok(database) => return Ok(database),
                Err(error) => error,
            };
            let what = format!("the database {} cannot be used", settings.database_url);
            if error.fault() != StorageFault::Unavailable {
                return Err(Failure::because(&what, &error));
            }
            if begun.elapsed() + PAUSE >= patience {
                let waited = patience.as_secs();
                return Err(Failure::because(&format!("{what}, after waiting for {waited} s"), &error));
            }
            if reminded.is_none_or(|at| at.elapsed() >= REMINDER) {
                reminded = Some(Instant::now());
                warn!(
                    error = causes(&error),
                    "waiting for the database {} (at most {} s)",
                    settings.database_url,
                    patience.as_secs()
                );
            }
            sleep(PAUSE).await;
        }
    }

    async fn try_connect(settings: &Settings) -> Result<Self, StorageError> {
        let pool_size = settings.database_pool_size;
        let sqlite = async |url: &str| {
            let settings = SqliteSettings { url: url.to_owned(), pool_size, acquire_timeout: ACQUIRE_TIMEOUT };
            Ok(Self::Sqlite(Arc::new(SqliteStorage::connect(&settings).await?)))
        };
        match &settings.database_url {
            DatabaseUrl::Memory => Ok(Self::Memory(Arc::new(MemoryStorage::new()))),
            DatabaseUrl::SqliteMemory => sqlite("sqlite::memory:").await,
            DatabaseUrl::Sqlite(url) => sqlite(url).await,
            DatabaseUrl::MySql(url) => {
                let url = url.expose_secret().to_owned();
                let settings = MySqlSettings { url, pool_size, acquire_timeout: ACQUIRE_TIMEOUT };
                Ok(Self::MySql(Arc::new(MySqlStorage::connect(&settings).await?)))
            }
            DatabaseUrl::Postgres(url) => {
                let url = url.expose_secret().to_owned();
                let settings = PostgresSettings { url, pool_size, acquire_timeout: ACQUIRE_TIMEOUT };
                Ok(Self::Postgres(Arc::new(PostgresStorage::connect(&settings).await?)))
            }
        }
    }

    /// The copy to read from, if there is one. Whether it can be reached is seen later: the service does without it.
    pub(crate) async fn read_replica(settings: &Settings) -> Result<Option<Self>, Failure> {
        let Some(url) = &settings.database_read_url else { return Ok(None) };
        let (pool_size, acquire_timeout) = (settings.database_pool_size, ACQUIRE_TIMEOUT);
        let replica = match url {
            DatabaseUrl::MySql(url) => {
                let url = url.expose_secret().to_owned();
                let settings = MySqlSettings { url, pool_size, acquire_timeout };
                MySqlStorage::connect_later(&settings).await.map(|storage| Self::MySql(Arc::new(storage)))
            }
            DatabaseUrl::Postgres(url) => {
                let url = url.expose_secret().to_owned();
                let settings = PostgresSettings { url, pool_size, acquire_timeout };
                PostgresStorage::connect_later(&settings).await.map(|storage| Self::Postgres(Arc::new(storage)))
            }
            DatabaseUrl::Memory | DatabaseUrl::SqliteMemory | DatabaseUrl::Sqlite(_) => return Ok(None),
        };
        let what = format!("the read replica {url} cannot be used");
        replica.map(Some).map_err(|error| Failure::because(&what, &error))
    }

    /// Applies the migrations that are pending, and returns their names.
    pub(crate) async fn migrate_up(&self) -> Result<Vec<String>, Failure> {
        let done = match self {
            Self::Memory(_) => return Ok(Vec::new()),
            Self::Sqlite(storage) => storage.migrate_up().await,
            Self::MySql(storage) => storage.migrate_up().await,
            Self::Postgres(storage) => storage.migrate_up().await,
        };
        done.map_err(|error| migration_failed(&error))
    }

    /// Takes back the last migrations, and returns their names.
    pub(crate) async fn migrate_down(&self, steps: u32) -> Result<Vec<String>, Failure> {
        let done = match self {
            Self::Memory(_) => return Ok(Vec::new()),
            Self::Sqlite(storage) => storage.migrate_down(Some(steps)).await,
            Self::MySql(storage) => storage.migrate_down(Some(steps)).await,
            Self::Postgres(storage) => storage.migrate_down(Some(steps)).await,
        };
        done.map_err(|error| migration_failed(&error))
    }

    /// Which migrations there are.
    pub(crate) async fn migration_status(&self) -> Result<Status, Failure> {
        let status = match self {
            Self::Memory(_) => return Ok(Status { applied: Vec::new(), pending: Vec::new(), unknown: Vec::new() }),
            Self::Sqlite(storage) => storage.migration_status().await,
            Self::MySql(storage) => storage.migration_status().await,
            Self::Postgres(storage) => storage.migration_status().await,
        };
        status.map_err(|error| migration_failed(&error))
    }

    /// Waits for what is in flight and closes the connections.
    pub(crate) async fn close(&self) {
        match self {
            Self::Memory(_) => {}
            Self::Sqlite(storage) => storage.close().await,
            Self::MySql(storage) => storage.close().await,
            Self::Postgres(storage) => storage.close().await,
        }
    }

    pub(crate) fn storage(&self) -> Arc<dyn Storage> {
        match self {
            Self::Memory(storage) => storage.clone(),
            Self::Sqlite(storage) => storage.clone(),
            Self::MySql(storage) => storage.clone(),
            Self::Postgres(storage) => storage.clone(),
        }
    }

    pub(crate) fn queries(&self) -> Arc<dyn UserQueries> {
        match self {
            Self::Memory(storage) => storage.clone(),
            Self::Sqlite(storage) => storage.clone(),
            Self::MySql(storage) => storage.clone(),
            Self::Postgres(storage) => storage.clone(),
        }
    }

    pub(crate) fn sessions(&self) -> Arc<dyn SessionQueries> {
        match self {
            Self::Memory(storage) => storage.clone(),
            Self::Sqlite(storage) => storage.clone(),
            Self::MySql(storage) => storage.clone(),
            Self::Postgres(storage) => storage.clone(),
        }
    }

    pub(crate) fn audit(&self) -> Arc<dyn AuditQueries> {
        match self {
            Self::Memory(storage) => storage.clone(),
            Self::Sqlite(storage) => storage.clone(),
            Self::MySql(storage) => storage.clone(),
            Self::Postgres(storage) => storage.clone(),
        }
    }

    pub(crate) fn chain(&self) -> Arc<dyn AuditChain> {
        match self {
            Self::Memory(storage) => storage.clone(),
            Self::Sqlite(storage) => storage.clone(),
            Self::MySql(storage) => storage.clone(),
            Self::Postgres(storage) => storage.clone(),
        }
    }

    pub(crate) fn leases(&self) -> Arc<dyn Leases> {
        match self {
            Self::Memory(storage) => storage.clone(),
            Self::Sqlite(storage) => storage.clone(),
            Self::MySql(storage) => storage.clone(),
            Self::Postgres(storage) => storage.clone(),
        }
    }

    pub(crate) fn changes(&self) -> Arc<dyn ChangeLog> {
        match self {
            Self::Memory(storage) => storage.clone(),
            Self::Sqlite(storage) => storage.clone(),
            Self::MySql(storage) => storage.clone(),
            Self::Postgres(storage) => storage.clone(),
        }
    }

    pub(crate) fn fingerprints(&self) -> Arc<dyn KeyFingerprints> {
        match self {
            Self::Memory(storage) => storage.clone(),
            Self::Sqlite(storage) => storage.clone(),
            Self::MySql(storage) => storage.clone(),
            Self::Postgres(storage) => storage.clone(),
        }
    }

    pub(crate) fn inspection(&self) -> Arc<dyn StorageInspection> {
        match self {
            Self::Memory(storage) => storage.clone(),
            Self::Sqlite(storage) => storage.clone(),
            Self::MySql(storage) => storage.clone(),
            Self::Postgres(storage) => storage.clone(),
        }
    }

    pub(crate) fn probe(&self) -> Arc<dyn StorageProbe> {
        match self {
            Self::Memory(storage) => storage.clone(),
            Self::Sqlite(storage) => storage.clone(),
            Self::MySql(storage) => storage.clone(),
            Self::Postgres(storage) => storage.clone(),
        }
    }
}

/// Why migrations did not run, or must not.
pub(crate) fn migration_failed(error: &MigrateError) -> Failure {
    Failure::because("the database's schema cannot be used", error)
}
