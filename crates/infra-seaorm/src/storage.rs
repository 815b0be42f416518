//! The ports, implemented.

use std::sync::Arc;

use async_trait::async_trait;
use domain::ports::{SchemaState, Storage, StorageError, StorageProbe, UnitOfWork};
use sea_orm::{DatabaseConnection, DbBackend, DbErr, TransactionTrait};

use crate::dialect::{Dialect, Fault};
use crate::limits::in_time;
use crate::pools::{CurrentPools, Pools};
use crate::unit::Unit;

/// Users and their audit trail in a SQL database.
pub struct SeaOrmStorage {
    pools: CurrentPools,
    dialect: Arc<dyn Dialect>,
}

impl std::fmt::Debug for SeaOrmStorage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SeaOrmStorage").field("pools", &self.pools.get()).finish_non_exhaustive()
    }
}

impl SeaOrmStorage {
    /// The storage behind these connections.
    pub fn new(pools: Pools, dialect: impl Dialect) -> Self {
        Self { pools: CurrentPools::new(pools), dialect: Arc::new(dialect) }
    }

    /// The connections in use now.
    pub fn pools(&self) -> Arc<Pools> {
        self.pools.get()
    }

    pub(crate) fn backend(&self) -> DbBackend {
        self.pools.get().reader.get_database_backend()
    }

    /// Waits for connections in use, then closes all of them.
    pub async fn close(&self) {
        let pools = self.pools.get();
        for pool in [&pools.reader, &pools.writer] {
            if let Err(error) = pool.clone().close().await {
                tracing::warn!(%error, "a connection pool was not closed");
            }
        }
    }

    /// The answer to a query outside any unit of work.
    ///
    /// A connection that the server dropped while it was idle shows only when it is used; asking again is harmless.
    pub(crate) async fn read<T, Answer>(&self, query: impl Fn(DatabaseConnection) -> Answer) -> Result<T, StorageError>
    where
        Answer: Future<Output = Result<T, DbErr>>,
    {
        let pools = self.pools.get();
        let answer = in_time(async {
            match query(pools.reader.clone()).await {
                Err(error) if self.dialect.fault(&error) == Fault::Interrupted => query(pools.reader.clone()).await,
                answer => answer,
            }
        });
        answer.await.map_err(|failure| failure.into_storage_error(&*self.dialect))
    }
}

#[async_trait]
impl Storage for SeaOrmStorage {
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StorageError> {
        let (pools, dialect) = (self.pools.get(), self.dialect.clone());
        let beginning = async move {
            let options = dialect.transaction();
            match pools.writer.begin_with_options(options).await {
                Err(error) if dialect.fault(&error) == Fault::Interrupted => {
                    pools.writer.begin_with_options(options).await
                }
                begun => begun,
            }
        };
        // A task of its own, because a BEGIN that is dropped half-way gives an open transaction back to the pool.
        #[expect(clippy::disallowed_methods, reason = "what nobody waits for any more is rolled back when it is done")]
        let task = tokio::spawn(beginning);
        let transaction = in_time(async { task.await.unwrap_or_else(|panic| Err(DbErr::Custom(panic.to_string()))) })
            .await
            .map_err(|failure| failure.into_storage_error(&*self.dialect))?;
        Ok(Box::new(Unit::new(transaction, self.dialect.clone())))
    }
}

#[async_trait]
impl StorageProbe for SeaOrmStorage {
    async fn probe(&self) -> Result<SchemaState, StorageError> {
        let status = self.read(migration_status).await?;
        Ok(if !status.unknown.is_empty() {
            SchemaState::Newer
        } else if status.pending.is_empty() {
            SchemaState::Current
        } else {
            SchemaState::Pending
        })
    }
}

async fn migration_status(db: DatabaseConnection) -> Result<migration::Status, DbErr> {
    migration::status(&db).await
}
