//! A database on a server, and the tests that every adapter of a server has beside the suite.
//!
//! An adapter lists them with its own, see [`tests!`](crate::tests!): they need a network between the adapter and the
//! database, several processes, or a look past the ports.

#![expect(missing_docs, reason = "the names of the tests are what they promise")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

pub mod migrating;
pub mod outage;
pub mod session;

use async_trait::async_trait;
use domain::ports::{SaveUserError, Storage, StorageError};
use testkit::user;

use crate::harness::{NoStore, Store};
use crate::sql::{Failure, SqlDatabase, SqlStore};
use crate::wire::Wire;

/// Connections of an adapter's pool, where the test does not care.
const POOL: u32 = 8;

/// A database of its own on a server.
#[async_trait]
pub trait ServerDatabase: SqlDatabase {
    /// The server's clock in seconds since 1970, in SQL.
    const NOW: &'static str;

    /// Where the server listens.
    fn address(&self) -> String;

    /// The adapter, connected by way of this address.
    async fn open(&self, address: &str, pool_size: u32) -> Result<Self::Storage, StorageError>;

    /// How the server describes every table.
    async fn tables(storage: &Self::Storage) -> Result<Vec<String>, Failure>;

    /// Ends every connection to the database, as a server does with idle ones, and says how many.
    async fn kill_connections(&self) -> Result<usize, Failure>;

    /// Makes the database, which is empty.
    async fn create(&self) -> Result<(), Failure>;

    /// Clears the database away, whoever still works with it.
    async fn drop(&self) -> Result<(), Failure>;

    /// The adapter.
    async fn connect(&self) -> Self::Storage {
        self.open(&self.address(), POOL).await.expect("the server is there")
    }

    /// The adapter, with its tables.
    async fn migrated(&self) -> Self::Storage {
        let storage = self.connect().await;
        Self::migrate_up(&storage).await.expect("an empty database can be migrated");
        storage
    }

    /// The adapter, with its tables, by way of a wire.
    async fn through_a_wire(&self, pool_size: u32) -> (Wire, Self::Storage) {
        let wire = Wire::to(self.address()).await.expect("a port can be listened on");
        let storage = self.open(&wire.address().to_string(), pool_size).await.expect("the server is there");
        Self::migrate_up(&storage).await.expect("an empty database can be migrated");
        (wire, storage)
    }
}

/// A database for a case, for [`Harness::fresh`](crate::Harness::fresh). What is `held` is let go after it is cleared.
pub async fn fresh<D: ServerDatabase>(
    database: D,
    held: impl Send + Sync + 'static,
) -> Result<Box<dyn Store>, NoStore> {
    let storage = database.open(&database.address(), POOL).await?;
    SqlStore::migrated(database, storage, held).await
}

/// The same behind a silent network, for [`Harness::unreachable`](crate::Harness::unreachable).
pub async fn unreachable<D: ServerDatabase>(
    database: D,
    held: impl Send + Sync + 'static,
) -> Result<Box<dyn Store>, NoStore> {
    let wire = Wire::to(database.address()).await?;
    let storage = database.open(&wire.address().to_string(), POOL).await?;
    let store = SqlStore::migrated(database, storage, held).await?;
    wire.set_silent(true);
    Ok(store)
}

/// Creates a user, as the service does.
pub async fn create_user(storage: &dyn Storage) -> Result<(), SaveUserError> {
    let mut unit = storage.begin().await?;
    unit.users().count_administrators_exclusively().await?;
    unit.users().insert(user().build()).await?;
    #[expect(clippy::disallowed_methods, reason = "the test is of the port itself, not of a use case")]
    Ok(unit.commit().await?)
}
