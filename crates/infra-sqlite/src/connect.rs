//! Opening the database.

use std::error::Error;
use std::path::Path;
use std::time::Duration;

use domain::ports::{StorageError, StorageFault};
use infra_seaorm::Pools;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::{ConnectOptions, Database, DbErr, SqlxError};

/// Where the database is, and how many may read it at once.
#[derive(Debug, Clone)]
pub struct SqliteSettings {
    /// `sqlite://PATH?mode=rwc`, which makes file and folder if need be, `sqlite://PATH`, or `sqlite::memory:`.
    pub url: String,
    /// How many connections read.
    pub pool_size: u32,
    /// How long a connection is waited for.
    pub acquire_timeout: Duration,
}

impl SqliteSettings {
    /// Whether the database lives in this process alone.
    fn is_in_memory(&self) -> bool {
        self.url.contains(":memory:") || self.url.contains("mode=memory")
    }

    fn may_create(&self) -> bool {
        self.url.contains("mode=rwc")
    }
}

/// How long SQLite waits for another process that writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The writer first: it makes the file that the readers open.
pub(crate) async fn connect(settings: &SqliteSettings) -> Result<Pools, DbErr> {
    let writer = Database::connect(writer(settings)).await?;
    if settings.is_in_memory() {
        // Another connection would see another database, so readers and writers take turns on this one.
        return Ok(Pools { reader: writer.clone(), writer });
    }
    let reader = Database::connect(reader(settings)).await?;
    Ok(Pools { reader, writer })
}

/// Makes the folder that the file is to be in.
pub(crate) fn prepare_folder(settings: &SqliteSettings) -> Result<(), StorageError> {
    if settings.is_in_memory() || !settings.may_create() {
        return Ok(());
    }
    let options: SqliteConnectOptions = settings.url.parse().map_err(failed::<SqlxError>)?;
    match options.get_filename().parent() {
        Some(folder) if folder != Path::new("") => std::fs::create_dir_all(folder).map_err(failed),
        Some(_) | None => Ok(()),
    }
}

fn failed<E: Error + Send + Sync + 'static>(error: E) -> StorageError {
    StorageError::new(StorageFault::Failed, error)
}

fn writer(settings: &SqliteSettings) -> ConnectOptions {
    let mut options = pool(settings);
    // One, and never let go: a database in memory lives as long as its connection.
    options.max_connections(1).min_connections(1).idle_timeout(None).max_lifetime(None);
    options.map_sqlx_sqlite_opts(|options| {
        options
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY_TIMEOUT)
            .foreign_keys(true)
    });
    options
}

fn reader(settings: &SqliteSettings) -> ConnectOptions {
    let mut options = pool(settings);
    options.max_connections(settings.pool_size).min_connections(1).idle_timeout(None).max_lifetime(None);
    options.map_sqlx_sqlite_opts(|options| options.read_only(true).create_if_missing(false).busy_timeout(BUSY_TIMEOUT));
    options
}

fn pool(settings: &SqliteSettings) -> ConnectOptions {
    let mut options = ConnectOptions::new(&settings.url);
    options
        .acquire_timeout(settings.acquire_timeout)
        .test_before_acquire(false)
        .sqlx_logging(false)
        .record_stmt_in_spans(false);
    options
}
