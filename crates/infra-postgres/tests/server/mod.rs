//! A server to test on, and databases on it that nobody else has.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use domain::ports::StorageError;
use infra_postgres::{PostgresSettings, PostgresStorage};
use sea_orm::{ConnectionTrait, Database, DbErr, Statement};
use storage_contract::server::ServerDatabase;
use storage_contract::{Failure, NoStore, implement_sql_database};

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
        schema.create().await?;
        Ok(schema)
    }
}

impl Schema {
    /// Settings for the database.
    pub(crate) fn settings(&self) -> PostgresSettings {
        let url = format!("{}/{}", self.server, self.name);
        PostgresSettings { url, pool_size: 8, acquire_timeout: Duration::from_millis(1_500) }
    }

    /// The server's URL up to its user, and its address.
    fn parts(&self) -> (&str, &str) {
        self.server.rsplit_once('@').expect("the server's URL names a user")
    }

    /// Does something with this one, `$database`, from another one, and says how many rows that were.
    pub(crate) async fn administer(&self, sql: &str) -> Result<u64, DbErr> {
        let admin = Database::connect(format!("{}/postgres", self.server)).await?;
        let done = admin.execute_unprepared(&sql.replace("$database", &self.name)).await?;
        admin.close().await?;
        Ok(done.rows_affected())
    }
}

implement_sql_database!(Schema: PostgresStorage {
    async fn clear(&self, _: &PostgresStorage) {
        self.drop().await.expect("the database can be dropped");
    }
});

#[async_trait]
impl ServerDatabase for Schema {
    const NOW: &'static str = "EXTRACT(EPOCH FROM now())";

    fn address(&self) -> String {
        self.parts().1.to_owned()
    }

    async fn open(&self, address: &str, pool_size: u32) -> Result<PostgresStorage, StorageError> {
        let url = format!("{}@{address}/{}", self.parts().0, self.name);
        PostgresStorage::connect(&PostgresSettings { url, pool_size, ..self.settings() }).await
    }

    async fn tables(storage: &PostgresStorage) -> Result<Vec<String>, Failure> {
        let db = storage.inner().pools().reader;
        let mut tables = Vec::new();
        for sql in [COLUMNS, INDEXES, CONSTRAINTS, TRIGGERS] {
            let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
            for row in rows {
                tables.push(row.try_get("", "line")?);
            }
        }
        Ok(tables)
    }

    async fn kill_connections(&self) -> Result<usize, Failure> {
        let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '$database'";
        Ok(usize::try_from(self.administer(kill).await?)?)
    }

    async fn create(&self) -> Result<(), Failure> {
        self.administer("CREATE DATABASE $database").await?;
        Ok(())
    }

    async fn drop(&self) -> Result<(), Failure> {
        self.administer("DROP DATABASE IF EXISTS $database WITH (FORCE)").await?;
        Ok(())
    }
}

const COLUMNS: &str = "
SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable ||
  coalesce(' ' || collation_name, '') || coalesce(' ' || column_default, '') AS line
FROM information_schema.columns WHERE table_schema = current_schema() ORDER BY 1";
const INDEXES: &str = "SELECT indexdef AS line FROM pg_indexes WHERE schemaname = current_schema() ORDER BY 1";
const CONSTRAINTS: &str = "SELECT conname || ' ' || pg_get_constraintdef(oid) AS line FROM pg_constraint ORDER BY 1";
const TRIGGERS: &str = "SELECT CAST(tgenabled AS TEXT) || ' ' || pg_get_triggerdef(oid) AS line FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1";
