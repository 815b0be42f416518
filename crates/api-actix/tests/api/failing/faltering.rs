//! Storage that fails once.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use async_trait::async_trait;
use domain::ports::{Storage, StorageError, StorageFault, UnitOfWork};

use crate::test_app::Stores;

/// When the next change shall fail.
#[derive(Debug, Clone)]
pub(crate) struct Fails(Arc<AtomicI32>);

impl Fails {
    /// Not yet.
    pub(crate) fn never() -> Self {
        Self(Arc::new(AtomicI32::new(0)))
    }

    /// The unit of work behind so many others, and no other.
    pub(crate) fn behind(&self, others: i32) {
        self.0.store(others + 1, Ordering::SeqCst);
    }
}

/// Storage that is away for one unit of work.
pub(crate) struct Faltering {
    storage: Arc<dyn Storage>,
    fails: Fails,
}

impl Faltering {
    pub(crate) fn stores(usual: Stores, fails: Fails) -> Stores {
        Stores { storage: Arc::new(Self { storage: usual.storage, fails }), ..usual }
    }
}

#[async_trait]
impl Storage for Faltering {
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StorageError> {
        if self.fails.0.fetch_sub(1, Ordering::SeqCst) == 1 {
            return Err(StorageError::new(StorageFault::Unavailable, "the test says so"));
        }
        self.storage.begin().await
    }
}
