//! The ports, implemented.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use domain::ports::{SchemaState, Storage, StorageError, StorageProbe, UnitOfWork};
use sea_orm::{
    ConnectionTrait as _, DatabaseConnection, DbBackend, DbErr, Statement, TransactionOptions, TransactionTrait,
};

use crate::dialect::{Dialect, Fault};
use crate::faults::Failure;
use crate::pools::{CurrentPools, PATIENCE, Pools, Trouble, Undoing};
use crate::replacement::{Reconnect, Watcher};
use crate::unit::Unit;
use crate::users::Places;

/// Users and their audit trail in a SQL database.
pub struct SeaOrmStorage {
    pools: Arc<CurrentPools>,
    dialect: Arc<dyn Dialect>,
    places: Arc<Places>,
    _watcher: Option<Watcher>,
}

impl std::fmt::Debug for SeaOrmStorage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SeaOrmStorage").field("pools", &self.pools.get()).finish_non_exhaustive()
    }
}

impl SeaOrmStorage {
    /// The storage behind these connections.
    pub fn new(pools: Pools, dialect: impl Dialect) -> Self {
        let (pools, places) = (Arc::new(CurrentPools::new(pools)), Arc::default());
        Self { pools, dialect: Arc::new(dialect), places, _watcher: None }
    }

    /// The same, where connections whose network falls silent are replaced.
    pub fn reconnecting(pools: Pools, dialect: impl Dialect, reconnect: impl Reconnect) -> Self {
        let storage = Self::new(pools, dialect);
        let watcher = Watcher::start(&storage.pools, reconnect);
        Self { _watcher: Some(watcher), ..storage }
    }

    /// The connections in use now.
    pub fn pools(&self) -> Pools {
        self.pools.get().pools.clone()
    }

    pub(crate) fn backend(&self) -> DbBackend {
        self.pools.get().pools.reader.get_database_backend()
    }

    /// Where pages far from the beginning began.
    pub(crate) fn places(&self) -> Arc<Places> {
        Arc::clone(&self.places)
    }

    /// Waits for connections in use, but for no more than two seconds, and closes all of them.
    pub async fn close(&self) {
        if tokio::time::timeout(CLOSE_FOR, self.pools().close()).await.is_err() {
            tracing::warn!("the database did not answer in time: connections in use are dropped");
        }
    }

    /// The answer to a query outside any unit of work.
    pub(crate) async fn read<T, Answer>(
        &self,
        query: impl Fn(DatabaseConnection) -> Answer + Send + Sync + 'static,
    ) -> Result<T, StorageError>
    where
        T: Send + 'static,
        Answer: Future<Output = Result<T, DbErr>> + Send,
    {
        let query = Arc::new(query);
        let start = Instant::now();
        loop {
            let (connections, dialect, query) = (self.pools.get(), Arc::clone(&self.dialect), Arc::clone(&query));
            let reader = connections.pools.reader.clone();
            let answer =
                async move { past_stale_connections(&*dialect, PATIENCE, || Box::pin(query(reader.clone()))).await };
            match connections.in_time(answer).await {
                Err(failure) if failure.is_outdated(&*self.dialect) && start.elapsed() < PATIENCE => {
                    connections.mark(Trouble::Outdated);
                    tokio::time::sleep(UNTIL_REPLACED).await;
                }
                answer => return answer.map_err(|failure| failure.into_storage_error(&*self.dialect)),
            }
        }
    }

    /// How many rows a statement changed that is a transaction of its own.
    pub(crate) async fn write(&self, statement: Statement) -> Result<u64, Failure> {
        let connections = self.pools.get();
        let Pools { writer, undoing, .. } = connections.pools.clone();
        let options = transaction_options(&*self.dialect, undoing);
        let writing = async move {
            match undoing {
                Undoing::Told => writer.execute_raw(statement).await,
                Undoing::MayGoUnsaid => {
                    let transaction = writer.begin_with_options(options).await?;
                    let written = transaction.execute_raw(statement).await?;
                    transaction.commit().await.map(|()| written)
                }
            }
        };
        let written = connections.in_time(Box::pin(writing)).await;
        if let Err(failure) = &written
            && failure.is_outdated(&*self.dialect)
        {
            connections.mark(Trouble::Outdated);
        }
        Ok(written?.rows_affected())
    }

    pub(crate) fn storage_error(&self, failure: Failure) -> StorageError {
        failure.into_storage_error(&*self.dialect)
    }

    pub(crate) fn is_conflict(&self, failure: &Failure) -> bool {
        failure.is_conflict(&*self.dialect)
    }

    pub(crate) fn is_lost_race(&self, failure: &Failure) -> bool {
        failure.is_lost_race(&*self.dialect)
    }
}

/// How often to look whether there are other connections now.
const UNTIL_REPLACED: Duration = Duration::from_millis(50);

/// A server that is there has answered by then; one that is not keeps nobody from stopping.
const CLOSE_FOR: Duration = Duration::from_secs(2);

/// Asks again where the conversation broke off, for what is harmless to ask twice.
///
/// A connection that the server dropped while it was idle shows only when it is used, and after a restart each of the
/// pool is one.
async fn past_stale_connections<T, Answer>(
    dialect: &dyn Dialect,
    patience: Duration,
    ask: impl Fn() -> Answer,
) -> Result<T, DbErr>
where
    Answer: Future<Output = Result<T, DbErr>>,
{
    let start = Instant::now();
    loop {
        match ask().await {
            Err(error) if dialect.fault(&error) == Fault::Interrupted && start.elapsed() < patience => {}
            answer => return answer,
        }
    }
}

/// How a transaction begins that changes something.
fn transaction_options(dialect: &dyn Dialect, undoing: Undoing) -> TransactionOptions {
    TransactionOptions { access_mode: undoing.access_mode(), ..dialect.transaction() }
}

impl SeaOrmStorage {
    /// A unit of work, as what it is here.
    pub(crate) async fn begin_unit(&self) -> Result<Unit, StorageError> {
        let (connections, dialect) = (self.pools.get(), Arc::clone(&self.dialect));
        let Pools { writer, undoing, .. } = connections.pools.clone();
        let beginning = async move {
            let begin = || Box::pin(writer.begin_with_options(transaction_options(&*dialect, undoing)));
            past_stale_connections(&*dialect, PATIENCE, begin).await
        };
        let transaction =
            connections.in_time(beginning).await.map_err(|failure| failure.into_storage_error(&*self.dialect))?;
        Ok(Unit::new(transaction, Arc::clone(&self.dialect), connections))
    }
}

#[async_trait]
impl Storage for SeaOrmStorage {
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StorageError> {
        Ok(Box::new(self.begin_unit().await?))
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    struct AlwaysInterrupted;

    impl Dialect for AlwaysInterrupted {
        fn fault(&self, _: &DbErr) -> Fault {
            Fault::Interrupted
        }

        fn transaction(&self) -> TransactionOptions {
            TransactionOptions::default()
        }
    }

    #[tokio::test]
    async fn a_conversation_that_always_breaks_off_is_given_up_when_nobody_waits_any_more() {
        let asked = AtomicU32::new(0);
        let ask = async || {
            asked.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(20)).await;
            Err::<(), _>(DbErr::Custom("broken off".to_owned()))
        };
        let start = Instant::now();
        past_stale_connections(&AlwaysInterrupted, Duration::from_millis(100), ask).await.unwrap_err();
        assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
        assert!(asked.into_inner() > 1, "it is asked again before");
    }
}
