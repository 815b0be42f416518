//! MySQL and MariaDB keep the promises of the storage ports.
//!
//! `TEST_MARIADB_URL` and `TEST_MYSQL_URL` name servers, without a database: `mysql://root@127.0.0.1:3306`.
//! `TEST_GALERA_URLS` names the nodes of a cluster, separated by commas; the cases are spread over them. What two nodes
//! promise together is in `galera/`.

#[path = "server/cluster.rs"]
mod cluster;
mod server;

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use cluster::Cluster;
use domain::ports::{Storage, StorageInspection, StorageProbe, UserQueries};
use infra_mysql::MySqlStorage;
use sea_orm::{ConnectionTrait, Statement};
use server::{Schema, Server};
use storage_contract::{Harness, NoStore, Store, StoredEvent, Suite, Wire};
use tokio::sync::{Mutex, OwnedMutexGuard};

fn main() -> ExitCode {
    Suite::new()
        .with("mariadb", Schemas(Server::from_environment("TEST_MARIADB_URL")))
        .with("mysql", Schemas(Server::from_environment("TEST_MYSQL_URL")))
        .with("galera", Nodes::new())
        .run()
}

/// Each case has a database of its own on the server.
struct Schemas(Server);

struct Database {
    storage: Arc<MySqlStorage>,
    schema: Schema,
    _turn: Option<OwnedMutexGuard<()>>,
}

impl Database {
    async fn migrated(schema: Schema, turn: Option<OwnedMutexGuard<()>>) -> Result<Box<dyn Store>, NoStore> {
        let storage = MySqlStorage::connect(&schema.settings()).await?;
        storage.migrate_up().await?;
        Ok(Box::new(Self { storage: Arc::new(storage), schema, _turn: turn }))
    }

    async fn unreachable(schema: Schema, turn: Option<OwnedMutexGuard<()>>) -> Result<Box<dyn Store>, NoStore> {
        let wire = Wire::to(schema.address()).await?;
        let storage = MySqlStorage::connect(&schema.settings_through(wire.address())).await?;
        storage.migrate_up().await?;
        wire.set_silent(true);
        Ok(Box::new(Self { storage: Arc::new(storage), schema, _turn: turn }))
    }
}

#[async_trait]
impl Harness for Schemas {
    async fn fresh(&self) -> Result<Box<dyn Store>, NoStore> {
        Database::migrated(self.0.new_schema().await?, None).await
    }

    async fn unreachable(&self) -> Result<Box<dyn Store>, NoStore> {
        Database::unreachable(self.0.new_schema().await?, None).await
    }
}

/// Each case has a database of its own on a cluster, which is made on the first node, and works on the next node. One
/// after the other: while a cluster changes a schema, on whatever node, nobody commits on any.
struct Nodes {
    cluster: Cluster,
    next: AtomicUsize,
    turn: Arc<Mutex<()>>,
}

impl Nodes {
    fn new() -> Self {
        Self { cluster: Cluster::from_environment(), next: AtomicUsize::new(0), turn: Arc::default() }
    }

    async fn new_schema(&self) -> Result<(Schema, Option<OwnedMutexGuard<()>>), NoStore> {
        let turn = Arc::clone(&self.turn).lock_owned().await;
        let mut nodes = self.cluster.new_schema().await?;
        let next = self.next.fetch_add(1, Ordering::Relaxed) % nodes.len();
        Ok((nodes.swap_remove(next), Some(turn)))
    }
}

#[async_trait]
impl Harness for Nodes {
    async fn fresh(&self) -> Result<Box<dyn Store>, NoStore> {
        let (schema, turn) = self.new_schema().await?;
        Database::migrated(schema, turn).await
    }

    async fn unreachable(&self) -> Result<Box<dyn Store>, NoStore> {
        let (schema, turn) = self.new_schema().await?;
        Database::unreachable(schema, turn).await
    }
}

#[async_trait]
impl Store for Database {
    fn storage(&self) -> Arc<dyn Storage> {
        self.storage.clone()
    }

    fn queries(&self) -> Arc<dyn UserQueries> {
        self.storage.clone()
    }

    fn probe(&self) -> Arc<dyn StorageProbe> {
        self.storage.clone()
    }

    fn inspection(&self) -> Arc<dyn StorageInspection> {
        self.storage.clone()
    }

    async fn damage(&self) -> Result<bool, Box<dyn Error + Send + Sync>> {
        let db = &self.storage.inner().pools().writer;
        db.execute_unprepared("UPDATE user_counts SET n = n + 3").await?;
        db.execute_unprepared("DELETE FROM guards").await?;
        Ok(true)
    }

    async fn events(&self) -> Result<Vec<StoredEvent>, Box<dyn Error + Send + Sync>> {
        let db = &self.storage.inner().pools().reader;
        let statement = Statement::from_string(db.get_database_backend(), "SELECT id, action FROM audit_events");
        let rows = db.query_all_raw(statement).await?;
        rows.iter()
            .map(|row| Ok(StoredEvent { id: row.try_get("", "id")?, action: row.try_get("", "action")? }))
            .collect()
    }

    async fn close(&self) {
        self.schema.drop().await;
    }
}
