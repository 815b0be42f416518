//! Opening the database.

use std::error::Error;
use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::Duration;

use domain::ports::{StorageError, StorageFault};
use infra_seaorm::{Pools, Undoing};
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::sqlx::{AssertSqlSafe, Executor};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr, SqlxError};

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

/// How long SQLite waits for another process that writes, while opening.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// The same while migrating: of several processes that start at once each waits for all before it, on any machine.
const BUSY_TIMEOUT_OF_MIGRATING: Duration = Duration::from_mins(1);
/// The same for a unit of work: less long than an answer is waited for, so that it is tried again rather than given up.
const BUSY_TIMEOUT_OF_UNITS: Duration = Duration::from_secs(1);

/// The writer first: it makes the file that the readers open.
pub(crate) async fn connect(settings: &SqliteSettings) -> Result<Pools, DbErr> {
    let writer = Database::connect(writer(settings)).await?;
    if settings.is_in_memory() {
        // Another connection would see another database, so readers and writers take turns on this one.
        return Ok(Pools { reader: writer.clone(), writer, undoing: Undoing::Told });
    }
    let reader = Database::connect(reader(settings)).await?;
    Ok(Pools { reader, writer, undoing: Undoing::Told })
}

/// Makes the folder and the file, which only its owner may read: it holds people's data and their passwords' hashes.
///
/// SQLite gives the files beside it (`-wal`, `-shm`) the same mode.
pub(crate) fn prepare_file(settings: &SqliteSettings) -> Result<(), StorageError> {
    if settings.is_in_memory() || !settings.may_create() {
        return Ok(());
    }
    let options: SqliteConnectOptions = settings.url.parse().map_err(failed::<SqlxError>)?;
    let file = options.get_filename();
    if let Some(folder) = file.parent().filter(|folder| *folder != Path::new("")) {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(file) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(failed(error)),
        Ok(_) | Err(_) => Ok(()),
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
            // What is deleted is written over: whoever was erased is not found in the file either.
            .pragma("secure_delete", "ON")
    });
    options.map_sqlx_sqlite_pool_opts(|options| {
        options.after_connect(|connection, _| {
            Box::pin(async { connection.execute(AssertSqlSafe(busy_timeout(BUSY_TIMEOUT_OF_UNITS))).await.map(|_| ()) })
        })
    });
    options
}

fn busy_timeout(timeout: Duration) -> String {
    format!("PRAGMA busy_timeout = {}", timeout.as_millis())
}

/// Lets the writer wait for another process as long as it takes to migrate.
pub(crate) async fn wait_long(writer: &DatabaseConnection) -> Result<(), DbErr> {
    writer.execute_unprepared(&busy_timeout(BUSY_TIMEOUT_OF_MIGRATING)).await.map(|_| ())
}

/// Lets the writer wait for another process as long as a unit of work may.
pub(crate) async fn wait_briefly(writer: &DatabaseConnection) -> Result<(), DbErr> {
    writer.execute_unprepared(&busy_timeout(BUSY_TIMEOUT_OF_UNITS)).await.map(|_| ())
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

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[tokio::test]
    async fn only_the_owner_may_read_a_new_database() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("new/users.db");
        let url = format!("sqlite://{}?mode=rwc", file.display());
        let settings = SqliteSettings { url, pool_size: 1, acquire_timeout: Duration::from_secs(1) };
        prepare_file(&settings).unwrap();
        let _open = connect(&settings).await.unwrap();
        for name in ["users.db", "users.db-wal", "users.db-shm"] {
            let mode = std::fs::metadata(file.with_file_name(name)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
    }
}
