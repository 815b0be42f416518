//! A server to test on, and databases on it that nobody else has.

mod template;

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use domain::ports::StorageError;
use infra_mysql::{MySqlSettings, MySqlStorage};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbErr, Statement};
use storage_contract::server::ServerDatabase;
use storage_contract::{Failure, NoStore, implement_sql_database};

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
        let server = self.0.as_ref().map_err(|reason| NoStore::Absent(reason.clone()))?.clone();
        let name = format!("test_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let schema = Schema { server, name };
        schema.create().await?;
        Ok(schema)
    }
}

impl Schema {
    /// Settings for the database.
    pub(crate) fn settings(&self) -> MySqlSettings {
        let url = format!("{}/{}", self.server, self.name);
        MySqlSettings { url, pool_size: 8, acquire_timeout: Duration::from_millis(1_500) }
    }

    /// The server's URL up to its user, and its address.
    fn parts(&self) -> (&str, &str) {
        self.server.rsplit_once('@').expect("the server's URL names a user")
    }

    /// Every connection to the database but `admin`.
    async fn connections(&self, admin: &DatabaseConnection) -> Result<Vec<i64>, DbErr> {
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
        listed?.iter().map(|row| row.try_get("", "id")).collect()
    }

    /// Does something with the server.
    async fn administer(&self, sql: &str) -> Result<(), DbErr> {
        let admin = Database::connect(&self.server).await?;
        admin.execute_unprepared(sql).await?;
        admin.close().await
    }
}

implement_sql_database!(Schema: MySqlStorage {
    async fn clear(&self, _: &MySqlStorage) {
        self.drop().await.expect("the database can be dropped");
    }

    async fn lay_tables(&self, storage: &MySqlStorage) -> Result<(), Failure> {
        template::lay(self, storage).await
    }
});

#[async_trait]
impl ServerDatabase for Schema {
    const NOW: &'static str = "UNIX_TIMESTAMP()";

    fn address(&self) -> String {
        self.parts().1.to_owned()
    }

    async fn open(&self, address: &str, pool_size: u32) -> Result<MySqlStorage, StorageError> {
        let url = format!("{}@{address}/{}", self.parts().0, self.name);
        MySqlStorage::connect(&MySqlSettings { url, pool_size, ..self.settings() }).await
    }

    async fn tables(storage: &MySqlStorage) -> Result<Vec<String>, Failure> {
        let db = storage.inner().pools().reader;
        let mut tables = Vec::new();
        let names = "SELECT table_name AS name FROM information_schema.tables \
                     WHERE table_schema = DATABASE() AND table_name NOT LIKE '%migration%' ORDER BY name";
        for row in db.query_all_raw(Statement::from_string(db.get_database_backend(), names)).await? {
            let table: String = row.try_get("", "name")?;
            let show = Statement::from_string(db.get_database_backend(), format!("SHOW CREATE TABLE {table}"));
            let row = db.query_one_raw(show).await?.expect("the table is there");
            tables.push(row.try_get("", "Create Table")?);
        }
        let triggers = "SELECT CAST(CONCAT(trigger_name, ' ', action_timing, ' ', event_manipulation, ' ', action_statement) AS CHAR) \
                        AS made FROM information_schema.triggers WHERE trigger_schema = DATABASE() ORDER BY trigger_name";
        for row in db.query_all_raw(Statement::from_string(db.get_database_backend(), triggers)).await? {
            tables.push(row.try_get("", "made")?);
        }
        Ok(tables)
    }

    async fn kill_connections(&self) -> Result<usize, Failure> {
        let admin = Database::connect(&self.server).await?;
        let connections = self.connections(&admin).await?;
        for id in &connections {
            // It may have ended by itself meanwhile.
            let _ = admin.execute_unprepared(&format!("KILL {id}")).await;
        }
        admin.close().await?;
        Ok(connections.len())
    }

    async fn create(&self) -> Result<(), Failure> {
        Ok(self.administer(&format!("CREATE DATABASE {}", self.name)).await?)
    }

    async fn drop(&self) -> Result<(), Failure> {
        // A transaction whose client fell silent would be waited for.
        self.kill_connections().await?;
        let drop = format!("DROP DATABASE {}", self.name);
        for _ in 0..100 {
            if self.administer(&drop).await.is_ok() {
                return Ok(());
            }
            // InnoDB may still have the file of a table that it drops in the background (1010).
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        match self.administer(&drop).await {
            // It was seen to keep such a file for good. The tables are gone, and the server's data end with the run.
            Err(error) if error.to_string().contains("1010") => Ok(()),
            dropped => Ok(dropped?),
        }
    }
}
