//! What an adapter brings to the suite.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use domain::ports::{
    AuditChain, AuditQueries, ChangeLog, KeyFingerprints, Leases, SessionQueries, Storage, StorageInspection,
    StorageProbe, UserQueries,
};

/// Makes databases for the cases.
#[async_trait]
pub trait Harness: Send + Sync + 'static {
    /// An empty, migrated database for one case alone. It is called once for each case, by several threads at once, and
    /// always within one and the same multi-thread tokio runtime.
    ///
    /// # Errors
    ///
    /// - [`NoStore::Absent`] if there is no server here: the case is ignored, unless `CONTRACT_REQUIRED` names the adapter.
    /// - [`NoStore::Failed`] for anything else: the case fails.
    async fn fresh(&self) -> Result<Box<dyn Store>, NoStore>;

    /// A database whose server takes connections and never answers, or does not take any.
    ///
    /// # Errors
    ///
    /// As [`fresh`](Self::fresh); [`NoStore::Absent`] if such a thing cannot be, as for a storage in memory.
    async fn unreachable(&self) -> Result<Box<dyn Store>, NoStore> {
        Err(NoStore::Absent("this storage is always there".to_owned()))
    }
}

/// A database, seen through the ports.
#[async_trait]
pub trait Store: Send + Sync {
    /// The ports.
    fn ports(&self) -> Ports;

    /// Makes each counter wrong and takes the guards away, behind the ports' back; `false` if there are none.
    ///
    /// # Errors
    ///
    /// Whatever the storage says; the case fails.
    async fn damage(&self) -> Result<bool, Box<dyn Error + Send + Sync>> {
        Ok(false)
    }

    /// Deletes two of three users and moves ids far apart, behind the ports' back and past the counters; `false` if that
    /// cannot be done.
    ///
    /// # Errors
    ///
    /// Whatever the storage says; the case fails.
    async fn scatter(&self) -> Result<bool, Box<dyn Error + Send + Sync>> {
        Ok(false)
    }

    /// Clears the database away. Called at the end of each case, kept or broken.
    async fn close(&self);
}

/// The ports of one database.
pub struct Ports {
    /// Where units of work come from.
    pub storage: Arc<dyn Storage>,
    /// Reading outside units of work.
    pub queries: Arc<dyn UserQueries>,
    /// Reading sessions and sign-ins.
    pub sessions: Arc<dyn SessionQueries>,
    /// What changed.
    pub changes: Arc<dyn ChangeLog>,
    /// Reading the audit trail.
    pub trail: Arc<dyn AuditQueries>,
    /// The chain of events.
    pub chain: Arc<dyn AuditChain>,
    /// Who works alone.
    pub leases: Arc<dyn Leases>,
    /// Which keys its contents were made with.
    pub fingerprints: Arc<dyn KeyFingerprints>,
    /// Whether it is there.
    pub probe: Arc<dyn StorageProbe>,
    /// What an operator looks at and mends.
    pub inspection: Arc<dyn StorageInspection>,
}

impl Ports {
    /// All of them, where one thing is behind all.
    pub fn of<S>(storage: &Arc<S>) -> Self
    where
        S: Storage
            + UserQueries
            + SessionQueries
            + ChangeLog
            + AuditQueries
            + AuditChain
            + Leases
            + KeyFingerprints
            + StorageProbe
            + StorageInspection
            + 'static,
    {
        Self {
            storage: storage.clone(),
            queries: storage.clone(),
            sessions: storage.clone(),
            changes: storage.clone(),
            trail: storage.clone(),
            chain: storage.clone(),
            leases: storage.clone(),
            fingerprints: storage.clone(),
            probe: storage.clone(),
            inspection: storage.clone(),
        }
    }
}

impl fmt::Debug for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ports").finish_non_exhaustive()
    }
}

/// Why there is no database for a case.
#[derive(Debug)]
pub enum NoStore {
    /// There is nothing to test here, for this reason.
    Absent(String),
    /// There should be one, but making it failed.
    Failed(Box<dyn Error + Send + Sync>),
}

impl<E: Into<Box<dyn Error + Send + Sync>>> From<E> for NoStore {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl fmt::Display for NoStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent(reason) => f.write_str(reason),
            Self::Failed(error) => {
                write!(f, "no database for this case: {error}")?;
                let mut cause = error.source();
                while let Some(error) = cause {
                    write!(f, ": {error}")?;
                    cause = error.source();
                }
                Ok(())
            }
        }
    }
}
