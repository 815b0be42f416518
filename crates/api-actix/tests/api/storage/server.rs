//! Databases on a server: made, copied and dropped, whichever server it is.

use std::fmt::Write as _;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::Duration;

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};

/// A server, spoken to as its administrator. Clones share the connections.
#[derive(Clone)]
pub(super) struct Server {
    admin: DatabaseConnection,
    url: String,
}

/// For a server that is there, and may be busy.
const PATIENCE: Duration = Duration::from_secs(10);
/// An abandoned transaction shall not keep a database from being dropped for ever.
const MYSQL_SESSION: &str = "SET SESSION lock_wait_timeout = 10;";

/// A name that no database has yet, whoever else works on the server: numbers of processes come again in containers.
pub(super) fn name_for(purpose: &str) -> String {
    format!("api_{purpose}_{:016x}", RandomState::new().build_hasher().finish())
}

impl Server {
    /// The server at this URL, which names no database.
    pub(super) async fn at(url: &str) -> Self {
        let url = url.trim_end_matches('/').to_owned();
        let admin_url = if url.starts_with("postgres:") { format!("{url}/postgres") } else { url.clone() };
        let mut options = ConnectOptions::new(admin_url);
        options.max_connections(2).acquire_timeout(PATIENCE).idle_timeout(None).max_lifetime(None).sqlx_logging(false);
        let connected = Database::connect(options).await;
        Self { admin: connected.unwrap_or_else(|error| panic!("{url}: {error}")), url }
    }

    /// The URL of one of its databases.
    pub(super) fn url_of(&self, database: &str) -> String {
        format!("{}/{database}", self.url)
    }

    pub(super) async fn create(&self, database: &str) {
        self.execute(&format!("CREATE DATABASE {database}")).await;
    }

    /// Makes a database that is like the template, with whom nobody may be connected: tables, indexes, checks and rows. On
    /// MySQL neither triggers nor foreign keys: the suite of promises tests those, and every step of the migrations takes
    /// its time.
    pub(super) async fn copy(&self, template: &str, database: &str) {
        if self.is_postgres() {
            return self.execute(&format!("CREATE DATABASE {database} TEMPLATE {template}")).await;
        }
        let tables = format!(
            "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = '{template}' ORDER BY 1"
        );
        let mut sql = format!("CREATE DATABASE {database}");
        for table in self.names(tables).await {
            let _ = write!(sql, "; CREATE TABLE {database}.{table} LIKE {template}.{table}");
            let _ = write!(sql, "; INSERT INTO {database}.{table} SELECT * FROM {template}.{table}");
        }
        self.execute(&sql).await;
    }

    pub(super) async fn drop(&self, database: &str) {
        let drop = format!("DROP DATABASE IF EXISTS {database}");
        let sql = if self.is_postgres() { format!("{drop} WITH (FORCE)") } else { format!("{MYSQL_SESSION} {drop}") };
        self.execute(&sql).await;
    }

    /// Drops a database and its copies, whose names go on with `_`. What only begins so is another's.
    pub(super) async fn drop_with_copies(&self, database: &str) {
        for copy in self.beginning_with(&format!("{database}_")).await {
            self.drop(&copy).await;
        }
        self.drop(database).await;
    }

    async fn beginning_with(&self, prefix: &str) -> Vec<String> {
        let mysql = ("schema_name", "information_schema.schemata");
        let (name, catalogue) = if self.is_postgres() { ("datname", "pg_database") } else { mysql };
        let length = prefix.len();
        let all =
            format!("SELECT {name} AS name FROM {catalogue} WHERE LEFT({name}, {length}) = '{prefix}' ORDER BY 1");
        self.names(all).await
    }

    fn is_postgres(&self) -> bool {
        self.admin.get_database_backend() == DbBackend::Postgres
    }

    async fn execute(&self, sql: &str) {
        self.admin.execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    async fn names(&self, sql: String) -> Vec<String> {
        let statement = Statement::from_string(self.admin.get_database_backend(), sql);
        let rows = self.admin.query_all_raw(statement).await.unwrap();
        rows.iter().map(|row| row.try_get("", "name").unwrap()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::{RUNTIME, variable};

    #[test]
    fn what_goes_with_a_database_is_its_copies_and_not_those_of_another() {
        let servers = ["TEST_MARIADB_URL", "TEST_MYSQL_URL", "TEST_POSTGRES_URL"];
        for url in servers.into_iter().filter_map(variable) {
            RUNTIME.block_on(async {
                let server = Server::at(&url).await;
                let ours = name_for("dropped");
                let another = format!("{ours}2");
                for database in [&ours, &format!("{ours}_0"), &format!("{ours}_13"), &another, &format!("{another}_0")]
                {
                    server.create(database).await;
                }
                server.drop_with_copies(&ours).await;
                assert_eq!(server.beginning_with(&ours).await, [another.clone(), format!("{another}_0")], "{url}");
                server.drop_with_copies(&another).await;
                assert_eq!(server.beginning_with(&ours).await, [""; 0], "{url}");
            });
        }
    }
}
