//! MySQL and MariaDB keep the promises of the storage ports.
//!
//! `TEST_MARIADB_URL` and `TEST_MYSQL_URL` name servers, without a database: `mysql://root@127.0.0.1:3306`.
//! `TEST_GALERA_URLS` names the nodes of a cluster, separated by commas; the cases are spread over them. What two nodes
//! promise together is in `galera/`.

#[path = "server/cluster.rs"]
mod cluster;
mod server;

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use cluster::Cluster;
use server::{Schema, Server};
use storage_contract::server::{fresh, unreachable};
use storage_contract::{Harness, NoStore, Store, Suite};
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

#[async_trait]
impl Harness for Schemas {
    async fn fresh(&self) -> Result<Box<dyn Store>, NoStore> {
        fresh(self.0.new_schema().await?, ()).await
    }

    async fn unreachable(&self) -> Result<Box<dyn Store>, NoStore> {
        unreachable(self.0.new_schema().await?, ()).await
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

    async fn new_schema(&self) -> Result<(Schema, OwnedMutexGuard<()>), NoStore> {
        let turn = Arc::clone(&self.turn).lock_owned().await;
        let mut nodes = self.cluster.new_schema().await?;
        let next = self.next.fetch_add(1, Ordering::Relaxed) % nodes.len();
        Ok((nodes.swap_remove(next), turn))
    }
}

#[async_trait]
impl Harness for Nodes {
    async fn fresh(&self) -> Result<Box<dyn Store>, NoStore> {
        let (schema, turn) = self.new_schema().await?;
        fresh(schema, turn).await
    }

    async fn unreachable(&self) -> Result<Box<dyn Store>, NoStore> {
        let (schema, turn) = self.new_schema().await?;
        unreachable(schema, turn).await
    }
}
