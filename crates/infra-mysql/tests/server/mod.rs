//! A server to test on, and databases on it that nobody else has.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use infra_mysql::MySqlSettings;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbErr, Statement};
use storage_contract::NoStore;

/// A server that the environment names, or why there is none.
pub(crate) struct Server(pub(crate) Result<String, String>);

/// A database of its own.
pub(crate) struct Schema {
    pub(crate) server: String,
    /// How the server calls it.
    pub(crate) name: String,
}

impl Server {
    /// The server in this environment variable.
    #[expect(clippy::disallowed_methods, reason = "where the tests' servers are is no setting of the product")]
    pub(crate) fn from_environment(variable: &str) -> Self {
        let url = std::env::var(variable).map_err(|_| format!("{variable} is not set"));
        Self(url.map(|url| url.trim_end_matches('/').to_owned()))
    }

    /// Makes an empty database.
    pub(crate) async fn new_schema(&self) -> Result<Schema, NoStore> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let url = self.0.as_ref().map_err(|reason| NoStore::Absent(reason.clone()))?;
        let name = format!("test_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let admin = Database::connect(url).await?;
        admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await?;
        admin.close().await?;
        Ok(Schema { server: url.clone(), name })
    }
}

impl Schema {
    /// Settings for the database.
    pub(crate) fn settings(&self) -> MySqlSettings {
        settings(format!("{}/{}", self.server, self.name))
    }

    /// Settings for the database, by way of another address.
    pub(crate) fn settings_through(&self, address: SocketAddr) -> MySqlSettings {
        let (before, _) = self.server.rsplit_once('@').expect("the server's URL names a user");
        settings(format!("{before}@{address}/{}", self.name))
    }

    /// Where the server listens.
    pub(crate) fn address(&self) -> String {
        let (_, address) = self.server.rsplit_once('@').expect("the server's URL names a user");
        address.to_owned()
    }

    /// Clears the database away.
    pub(crate) async fn drop(&self) {
        self.try_drop().await.expect("the database can be dropped");
    }

    async fn try_drop(&self) -> Result<(), DbErr> {
        let admin = Database::connect(&self.server).await?;
        // A transaction whose client fell silent would be waited for.
        self.kill_connections(&admin).await?;
        admin.execute_unprepared(&format!("DROP DATABASE {}", self.name)).await?;
        admin.close().await
    }

    /// Ends every connection to the database but `admin`, as a server does with idle ones, and says how many.
    pub(crate) async fn kill_connections(&self, admin: &DatabaseConnection) -> Result<usize, DbErr> {
        let sql = format!(
            "SELECT CAST(id AS SIGNED) AS id FROM information_schema.processlist \
             WHERE db = '{}' AND id <> CONNECTION_ID()",
            self.name
        );
        let list = Statement::from_string(admin.get_database_backend(), sql);
        let mut listed = admin.query_all_raw(list.clone()).await;
        for _ in 0..20 {
            if listed.is_ok() {
                break;
            }
            // MySQL fails (3854) while any statement of any connection holds a binary string.
            tokio::time::sleep(Duration::from_millis(50)).await;
            listed = admin.query_all_raw(list.clone()).await;
        }
        let rows = listed?;
        for row in &rows {
            let id: i64 = row.try_get("", "id")?;
            // It may have ended by itself meanwhile.
            let _ = admin.execute_unprepared(&format!("KILL {id}")).await;
        }
        Ok(rows.len())
    }
}

fn settings(url: String) -> MySqlSettings {
    MySqlSettings { url, pool_size: 8, acquire_timeout: Duration::from_millis(1_500) }
}
