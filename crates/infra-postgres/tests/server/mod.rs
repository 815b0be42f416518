//! A server to test on, and databases on it that nobody else has.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use infra_postgres::PostgresSettings;
use sea_orm::{ConnectionTrait, Database, DbErr};
use storage_contract::NoStore;

/// A server that the environment names, or why there is none.
pub(crate) struct Server(Result<String, String>);

/// A database of its own.
pub(crate) struct Schema {
    server: String,
    name: String,
}

impl Server {
    /// The server in `TEST_POSTGRES_URL`.
    #[expect(clippy::disallowed_methods, reason = "where the tests' servers are is no setting of the product")]
    pub(crate) fn from_environment() -> Self {
        let url = std::env::var("TEST_POSTGRES_URL").map_err(|_| "TEST_POSTGRES_URL is not set".to_owned());
        Self(url.map(|url| url.trim_end_matches('/').to_owned()))
    }

    /// Makes an empty database.
    pub(crate) async fn new_schema(&self) -> Result<Schema, NoStore> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let server = self.0.as_ref().map_err(|reason| NoStore::Absent(reason.clone()))?.clone();
        let name = format!("test_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let schema = Schema { server, name };
        schema.administer("CREATE DATABASE $database").await?;
        Ok(schema)
    }
}

impl Schema {
    /// Settings for the database.
    pub(crate) fn settings(&self) -> PostgresSettings {
        settings(format!("{}/{}", self.server, self.name))
    }

    /// Settings for the database, by way of another address.
    pub(crate) fn settings_through(&self, address: SocketAddr) -> PostgresSettings {
        let (before, _) = self.server.rsplit_once('@').expect("the server's URL names a user");
        settings(format!("{before}@{address}/{}", self.name))
    }

    /// Where the server listens.
    pub(crate) fn address(&self) -> String {
        let (_, address) = self.server.rsplit_once('@').expect("the server's URL names a user");
        address.to_owned()
    }

    /// Clears the database away, whoever still works with it.
    pub(crate) async fn drop(&self) {
        let dropped = self.administer("DROP DATABASE IF EXISTS $database WITH (FORCE)").await;
        dropped.expect("the database can be dropped");
    }

    /// Does something with this one, `$database`, from another one.
    pub(crate) async fn administer(&self, sql: &str) -> Result<(), DbErr> {
        let admin = Database::connect(format!("{}/postgres", self.server)).await?;
        admin.execute_unprepared(&sql.replace("$database", &self.name)).await?;
        admin.close().await
    }
}

fn settings(url: String) -> PostgresSettings {
    PostgresSettings { url, pool_size: 8, acquire_timeout: Duration::from_millis(1_500) }
}
