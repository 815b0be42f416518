//! The unit of work: one transaction.

use std::sync::Arc;

use async_trait::async_trait;
use domain::ports::{AuditTrail, StorageError, UnitOfWork, UserRepository};
use sea_orm::DatabaseTransaction;

use crate::dialect::Dialect;
use crate::faults::{Defect, Failure};
use crate::pools::Generation;

/// One transaction, which is every repository at once.
pub(crate) struct Unit {
    pub(crate) transaction: DatabaseTransaction,
    pub(crate) dialect: Arc<dyn Dialect>,
    pub(crate) connections: Arc<Generation>,
    usable: bool,
}

impl Unit {
    pub(crate) fn new(
        transaction: DatabaseTransaction,
        dialect: Arc<dyn Dialect>,
        connections: Arc<Generation>,
    ) -> Self {
        Self { transaction, dialect, connections, usable: true }
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

    pub(crate) fn storage_error(&self, failure: Failure) -> StorageError {
        failure.into_storage_error(&*self.dialect)
    }
}

#[async_trait]
impl UnitOfWork for Unit {
    fn users(&mut self) -> &mut dyn UserRepository {
        self
    }

    fn audit(&mut self) -> &mut dyn AuditTrail {
        self
    }

    async fn commit(mut self: Box<Self>) -> Result<(), StorageError> {
        self.enter()?;
        let Self { transaction, dialect, connections, .. } = *self;
        connections.in_time(transaction.commit()).await.map_err(|failure| failure.of_commit(&*dialect))
    }
}
