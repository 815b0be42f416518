//! Where units of work come from.

use std::collections::HashMap;
use std::sync::{self, Arc, PoisonError, RwLock};
use std::time::Duration;

use async_trait::async_trait;
use domain::audit::SealedEvent;
use domain::ports::{SchemaState, Storage, StorageError, StorageFault, StorageProbe, UnitOfWork};
use domain::values::Digest;
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::chain::Chain;
use crate::leases::Held;
use crate::tables::Tables;
use crate::unit::MemoryUnit;

/// How long `begin` waits for the unit before.
const PATIENCE: Duration = Duration::from_millis(1_800);

/// Users in memory. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct MemoryStorage {
    pub(crate) committed: Committed,
    /// By the names of the keys. No unit of work changes them.
    pub(crate) fingerprints: Arc<sync::Mutex<HashMap<String, Digest>>>,
    /// The places of committed events, which no unit of work gives.
    pub(crate) chain: Arc<RwLock<Chain>>,
    /// By their names.
    pub(crate) leases: Arc<sync::Mutex<HashMap<String, Held>>>,
    /// Whoever holds it may write.
    pen: Arc<Mutex<()>>,
}

impl MemoryStorage {
    /// An empty storage.
    pub fn new() -> Self {
        Self::default()
    }

    /// The audit trail as far as it was committed, oldest first.
    pub fn audit_events(&self) -> Vec<SealedEvent> {
        self.committed.tables().events.iter().map(|event| SealedEvent::clone(event)).collect()
    }
}

#[async_trait]
impl Storage for MemoryStorage {
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StorageError> {
        let pen = timeout(PATIENCE, Arc::clone(&self.pen).lock_owned())
            .await
            .map_err(|_| StorageError::new(StorageFault::Unavailable, "another unit of work takes too long"))?;
        Ok(Box::new(MemoryUnit::new(self.committed.clone(), pen)))
    }
}

#[async_trait]
impl StorageProbe for MemoryStorage {
    async fn probe(&self) -> Result<SchemaState, StorageError> {
        Ok(SchemaState::Current)
    }
}

/// The tables as they were committed last.
#[derive(Debug, Clone, Default)]
pub(crate) struct Committed(Arc<RwLock<Arc<Tables>>>);

impl Committed {
    /// A view of the tables that no later commit changes.
    pub(crate) fn tables(&self) -> Arc<Tables> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn replace(&self, tables: Arc<Tables>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = tables;
    }
}
