//! The connections.

use std::sync::{Arc, PoisonError, RwLock};

use sea_orm::DatabaseConnection;

/// The connections to one database. Reader and writer may be the same.
#[derive(Debug, Clone)]
pub struct Pools {
    /// For queries outside units of work.
    pub reader: DatabaseConnection,
    /// For units of work and migrations.
    pub writer: DatabaseConnection,
}

/// The pools in use now.
pub(crate) struct CurrentPools(RwLock<Arc<Pools>>);

impl CurrentPools {
    pub(crate) fn new(pools: Pools) -> Self {
        Self(RwLock::new(Arc::new(pools)))
    }

    pub(crate) fn get(&self) -> Arc<Pools> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
