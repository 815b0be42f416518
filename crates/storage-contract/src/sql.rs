//! A SQL database that a case or a test has for itself.

use std::any::Any;
use std::error::Error;
use std::sync::Arc;

use async_trait::async_trait;
use domain::ports::{
    AuditChain, AuditQueries, ChangeLog, KeyFingerprints, Leases, SessionQueries, Storage, StorageInspection,
    StorageProbe, UserQueries,
};

use crate::harness::{NoStore, Ports, Store};

/// Why something past the ports went wrong.
pub type Failure = Box<dyn Error + Send + Sync>;

/// Where an adapter has its database, and what can be done with the database past the ports. See
/// [`implement_sql_database!`](crate::implement_sql_database!).
#[async_trait]
pub trait SqlDatabase: Send + Sync + 'static {
    /// The adapter.
    type Storage: Storage
        + StorageProbe
        + UserQueries
        + SessionQueries
        + ChangeLog
        + AuditQueries
        + AuditChain
        + Leases
        + KeyFingerprints
        + StorageInspection
        + 'static;

    /// Runs statements and says how many rows the last one changed.
    async fn execute(storage: &Self::Storage, sql: &str) -> Result<u64, Failure>;

    /// Applies the migrations that are pending and returns their names.
    async fn migrate_up(storage: &Self::Storage) -> Result<Vec<String>, Failure>;

    /// Makes the tables of an empty database for a case: what the migrations make, by whatever means.
    async fn lay_tables(&self, storage: &Self::Storage) -> Result<(), Failure> {
        Self::migrate_up(storage).await.map(|_| ())
    }

    /// Takes back the last `steps` migrations, or all, and returns their names.
    async fn migrate_down(storage: &Self::Storage, steps: Option<u32>) -> Result<Vec<String>, Failure>;

    /// Waits for what is in flight and closes the connections.
    async fn close(storage: &Self::Storage);

    /// Clears the database away, which this storage worked with.
    async fn clear(&self, storage: &Self::Storage);
}

/// Implements [`SqlDatabase`] for an adapter on SeaORM whose storage has `inner`, `migrate_up`, `migrate_down` and `close`;
/// `clear` is given. The calling crate has `async-trait` and `sea-orm`, which this one does without.
///
/// ```ignore
/// storage_contract::implement_sql_database!(Folder: SqliteStorage {
///     async fn clear(&self, storage: &SqliteStorage) { storage.close().await; }
/// });
/// ```
#[macro_export]
macro_rules! implement_sql_database {
    ($database:ty: $storage:ty { $($clear:tt)* }) => {
        #[::async_trait::async_trait]
        impl $crate::SqlDatabase for $database {
            type Storage = $storage;

            async fn execute(storage: &$storage, sql: &str) -> Result<u64, $crate::Failure> {
                use ::sea_orm::{ConnectionTrait as _, TransactionTrait as _};
                let pools = storage.inner().pools();
                let Some(access_mode) = pools.undoing.access_mode() else {
                    return Ok(pools.writer.execute_unprepared(sql).await?.rows_affected());
                };
                let transaction = pools.writer.begin_with_config(None, Some(access_mode)).await?;
                let changed = transaction.execute_unprepared(sql).await?.rows_affected();
                transaction.commit().await?;
                Ok(changed)
            }

            async fn migrate_up(storage: &$storage) -> Result<Vec<String>, $crate::Failure> {
                Ok(storage.migrate_up().await?)
            }

            async fn migrate_down(storage: &$storage, steps: Option<u32>) -> Result<Vec<String>, $crate::Failure> {
                Ok(storage.migrate_down(steps).await?)
            }

            async fn close(storage: &$storage) {
                storage.close().await;
            }

            $($clear)*
        }
    };
}

/// The [`Store`] of a case on such a database.
pub struct SqlStore<D: SqlDatabase> {
    storage: Arc<D::Storage>,
    database: D,
    _held: Box<dyn Any + Send + Sync>,
}

impl<D: SqlDatabase> SqlStore<D> {
    /// With the storage's tables in the database. What is `held` is let go after the database is cleared.
    ///
    /// # Errors
    ///
    /// If the tables cannot be made.
    #[expect(clippy::print_stderr, reason = "a harness has nobody else to tell")]
    pub async fn migrated(
        database: D,
        storage: D::Storage,
        held: impl Any + Send + Sync,
    ) -> Result<Box<dyn Store>, NoStore> {
        if let Err(broken_off) = database.lay_tables(&storage).await {
            // The next run finishes it, as that of a service that starts again.
            eprintln!("once more, since {broken_off}");
            D::migrate_up(&storage).await?;
        }
        Ok(Box::new(Self { storage: Arc::new(storage), database, _held: Box::new(held) }))
    }
}

impl<D: SqlDatabase> std::fmt::Debug for SqlStore<D> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqlStore").finish_non_exhaustive()
    }
}

#[async_trait]
impl<D: SqlDatabase> Store for SqlStore<D> {
    fn ports(&self) -> Ports {
        Ports::of(&self.storage)
    }

    async fn damage(&self) -> Result<bool, Failure> {
        D::execute(&self.storage, "UPDATE user_sums SET n = n + 3").await?;
        D::execute(&self.storage, "DELETE FROM guards").await?;
        Ok(true)
    }

    async fn scatter(&self) -> Result<bool, Failure> {
        for sql in SCATTER {
            D::execute(&self.storage, sql).await?;
        }
        Ok(true)
    }

    async fn close(&self) {
        self.database.clear(&self.storage).await;
    }
}

/// Over many of the spans that users are counted by, with empty ones between.
const SCATTER: [&str; 3] = [
    "UPDATE users SET deleted_at = created_at, username_key = NULL, email_key = NULL WHERE id % 3 <> 0",
    "UPDATE users SET id = id + 5000000 WHERE id > 5000",
    "UPDATE users SET id = id + 100000 WHERE id > 2500 AND id <= 5000",
];
