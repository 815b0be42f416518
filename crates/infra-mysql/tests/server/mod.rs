//! A server to test on, and databases on it that nobody else has.

pub mod silence;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use infra_mysql::MySqlSettings;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbErr};

/// A server that the environment names.
pub struct Server {
    url: String,
}

/// A database of its own.
pub struct Schema {
    server: String,
    pub name: String,
}

impl Server {
    /// The server in this environment variable, or why there is none.
    #[expect(clippy::disallowed_methods, reason = "where the tests' servers are is no setting of the product")]
    pub fn from_environment(variable: &str) -> Result<Self, String> {
        let url = std::env::var(variable).map_err(|_| format!("{variable} is not set"))?;
        Ok(Self { url: url.trim_end_matches('/').to_owned() })
    }

    /// Makes an empty database.
    pub async fn new_schema(&self) -> Result<Schema, DbErr> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let admin = Database::connect(&self.url).await?;
        admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await?;
        admin.close().await?;
        Ok(Schema { server: self.url.clone(), name })
    }
}

impl Schema {
    /// Settings for the database.
    pub fn settings(&self) -> MySqlSettings {
        settings(format!("{}/{}", self.server, self.name))
    }

    /// Settings for the database, by way of another address.
    pub fn settings_through(&self, address: SocketAddr) -> MySqlSettings {
        let (before, _) = self.server.rsplit_once('@').expect("the server's URL names a user");
        settings(format!("{before}@{address}/{}", self.name))
    }

    /// Where the server listens.
    pub fn address(&self) -> String {
        let (_, address) = self.server.rsplit_once('@').expect("the server's URL names a user");
        address.to_owned()
    }

    /// A connection to look at the database with.
    pub async fn connection(&self) -> Result<DatabaseConnection, DbErr> {
        Database::connect(format!("{}/{}", self.server, self.name)).await
    }

    /// Clears the database away.
    pub async fn drop(&self) {
        let admin = Database::connect(&self.server).await.expect("the server is there");
        admin.execute_unprepared(&format!("DROP DATABASE {}", self.name)).await.expect("the database can be dropped");
    }
}

fn settings(url: String) -> MySqlSettings {
    MySqlSettings { url, pool_size: 8, acquire_timeout: Duration::from_secs(2) }
}
