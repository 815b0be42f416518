//! The unit of work: one transaction.

use std::sync::Arc;

use async_trait::async_trait;
use domain::ports::{
    AuditTrail, ErasureRepository, IdempotencyRepository, ImportRepository, LoginRepository, OneTimeTokenRepository,
    SaveUserError, SessionRepository, StorageError, SubjectKeyRepository, UnitOfWork, UserRepository,
};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, QueryResult, Statement, Value};

use crate::dialect::Dialect;
use crate::faults::{Defect, Failure};
use crate::pools::{Generation, Trouble, Undoing};
use crate::statements::{parts, rows_of, statement};
use crate::users::counts::{self, Counts};

/// One transaction, which is every repository at once.
pub(crate) struct Unit {
    transaction: Arc<DatabaseTransaction>,
    dialect: Arc<dyn Dialect>,
    connections: Arc<Generation>,
    usable: bool,
    pub(crate) counts: Counts,
}

impl Unit {
    pub(crate) fn new(
        transaction: DatabaseTransaction,
        dialect: Arc<dyn Dialect>,
        connections: Arc<Generation>,
    ) -> Self {
        Self { transaction: Arc::new(transaction), dialect, connections, usable: true, counts: Counts::default() }
    }

    /// Before each call of a repository: until [`succeed`](Self::succeed) the unit counts as failed.
    ///
    /// After an error nobody may go on, because MySQL would in autocommit and PostgreSQL says OK to the COMMIT of an
    /// aborted transaction. The same goes for a call that was cancelled.
    pub(crate) fn enter(&mut self) -> Result<(), StorageError> {
        if !std::mem::take(&mut self.usable) {
            return Err(Defect::UnitFailedBefore.into());
        }
        Ok(())
    }

    /// After each call of a repository that met no error.
    pub(crate) fn succeed(&mut self) {
        self.usable = true;
    }

    /// What the database answers to something asked within the transaction.
    pub(crate) async fn ask<T, Answer>(
        &self,
        question: impl FnOnce(Arc<DatabaseTransaction>) -> Answer,
    ) -> Result<T, Failure>
    where
        T: Send + 'static,
        Answer: Future<Output = Result<T, DbErr>> + Send + 'static,
    {
        self.connections.in_time(Box::pin(question(Arc::clone(&self.transaction)))).await
    }

    /// How many rows the statement changed.
    pub(crate) async fn execute(&self, statement: Statement) -> Result<u64, StorageError> {
        self.try_execute(statement).await.map_err(|failure| self.storage_error(failure))
    }

    /// The same, for a failure that the caller looks into.
    pub(crate) async fn try_execute(&self, statement: Statement) -> Result<u64, Failure> {
        let done = self.ask(|transaction| async move { transaction.execute_raw(statement).await }).await?;
        Ok(done.rows_affected())
    }

    /// The rows that the statement gives.
    pub(crate) async fn rows(&self, statement: Statement) -> Result<Vec<QueryResult>, StorageError> {
        self.try_rows(statement).await.map_err(|failure| self.storage_error(failure))
    }

    /// The same, for a failure that the caller looks into.
    pub(crate) async fn try_rows(&self, statement: Statement) -> Result<Vec<QueryResult>, Failure> {
        self.ask(|transaction| async move { transaction.query_all_raw(statement).await }).await
    }

    /// Writes rows, many with each statement. `bytes` says about how long a row's texts are.
    pub(crate) async fn insert_rows<T, const COLUMNS: usize>(
        &self,
        insert: &str,
        rows: &[T],
        values: fn(&T) -> [Value; COLUMNS],
        bytes: fn(&T) -> usize,
    ) -> Result<(), Failure>
    where
        T: Sync,
    {
        for part in parts(rows, bytes) {
            let sql = format!("{insert} VALUES {}", rows_of(part.len(), COLUMNS));
            self.try_execute(statement(self.backend(), &sql, part.iter().flat_map(values))).await?;
        }
        Ok(())
    }

    pub(crate) fn backend(&self) -> DbBackend {
        ConnectionTrait::get_database_backend(&*self.transaction)
    }

    pub(crate) fn storage_error(&self, failure: Failure) -> StorageError {
        self.look_at(&failure);
        failure.into_storage_error(&*self.dialect)
    }

    /// For what somebody else may have inserted meanwhile: retryable then.
    pub(crate) fn race_error(&self, failure: Failure) -> StorageError {
        self.look_at(&failure);
        failure.into_race_error(&*self.dialect)
    }

    pub(crate) fn is_conflict(&self, failure: &Failure) -> bool {
        failure.is_conflict(&*self.dialect)
    }

    pub(crate) fn save_error(&self, failure: Failure) -> SaveUserError {
        self.look_at(&failure);
        failure.into_save_error(&*self.dialect)
    }

    /// Makes everything durable; for a unit that changes no user, and so has nothing to record, too.
    pub(crate) async fn end(mut self) -> Result<(), StorageError> {
        self.enter()?;
        counts::write(&mut self).await?;
        if self.connections.pools.undoing == Undoing::MayGoUnsaid {
            self.execute(statement(self.backend(), CHANGE_NOTHING, [])).await?;
        }
        let Self { transaction, dialect, connections, .. } = self;
        // Only a call that was cancelled would still hold the transaction, and then the unit counts as failed.
        let Some(transaction) = Arc::into_inner(transaction) else {
            return Err(Defect::UnitFailedBefore.into());
        };
        let committed = connections.in_time(Box::pin(transaction.commit())).await;
        committed.map_err(|failure| failure.into_commit_error(&*dialect))
    }

    fn look_at(&self, failure: &Failure) {
        if failure.is_outdated(&*self.dialect) {
            self.connections.mark(Trouble::Outdated);
        }
    }
}

/// Refused once the transaction was undone and the connection allows no changes any more.
const CHANGE_NOTHING: &str = "UPDATE guards SET n = n WHERE 1 = 0";

#[async_trait]
impl UnitOfWork for Unit {
    fn users(&mut self) -> &mut dyn UserRepository {
        self
    }

    fn sessions(&mut self) -> &mut dyn SessionRepository {
        self
    }

    fn logins(&mut self) -> &mut dyn LoginRepository {
        self
    }

    fn one_time_tokens(&mut self) -> &mut dyn OneTimeTokenRepository {
        self
    }

    fn subject_keys(&mut self) -> &mut dyn SubjectKeyRepository {
        self
    }

    fn erasure(&mut self) -> &mut dyn ErasureRepository {
        self
    }

    fn idempotency(&mut self) -> &mut dyn IdempotencyRepository {
        self
    }

    fn imports(&mut self) -> &mut dyn ImportRepository {
        self
    }

    fn audit(&mut self) -> &mut dyn AuditTrail {
        self
    }

    async fn commit(self: Box<Self>) -> Result<(), StorageError> {
        self.end().await
    }
}
