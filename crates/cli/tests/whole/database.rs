//! Databases that belong to one test each.

use std::io::Write as _;
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use sea_orm::{ConnectOptions, ConnectionTrait as _, DatabaseConnection, QueryResult, Statement};
use tempfile::TempDir;
use tokio::runtime;

use crate::environment::variable;

/// The databases that every promise is kept on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    MariaDb,
    MySql,
    Postgres,
}

/// An empty database, and the folder of the services on it. Dropping it removes both.
pub(crate) struct Database {
    url: String,
    folder: Arc<TempDir>,
    // Held for its end.
    _schema: Option<Schema>,
}

struct Schema {
    /// What the server itself is administered through.
    admin: String,
    drop: String,
}

impl Kind {
    /// A new database, or nothing where this machine has no server for it; a test then has nothing to do.
    pub(crate) fn database(self) -> Option<Database> {
        let (url, schema) = match self.server() {
            None => ("sqlite://data/usermgmt.db?mode=rwc".to_owned(), None),
            Some((name, variable)) => {
                let server = server(name, variable)?;
                let (url, schema) = Schema::create(self, &server);
                (url, Some(schema))
            }
        };
        Some(Database { url, folder: Arc::new(tempfile::tempdir().unwrap()), _schema: schema })
    }

    /// What its server is called, and which variable says where it is.
    fn server(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Sqlite => None,
            Self::MariaDb => Some(("MariaDB", "TEST_MARIADB_URL")),
            Self::MySql => Some(("MySQL", "TEST_MYSQL_URL")),
            Self::Postgres => Some(("PostgreSQL", "TEST_POSTGRES_URL")),
        }
    }
}

impl Database {
    /// What `DATABASE_URL` is in the database's folder.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The same by way of another address.
    pub(crate) fn url_through(&self, address: &str) -> String {
        self.url.replace(self.address(), address)
    }

    /// The server's address.
    pub(crate) fn address(&self) -> &str {
        let (_, rest) = self.url.split_once('@').expect("the server's URL names a user");
        rest.split('/').next().expect("a split has a first part")
    }

    /// The folder to run services in.
    pub(crate) fn folder(&self) -> &Arc<TempDir> {
        &self.folder
    }

    /// Does something behind the service's back.
    pub(crate) fn execute(&self, sql: &str) {
        execute(&self.url_from_anywhere(), sql);
    }

    /// The rows of a query behind the service's back, their texts and numbers in one line each.
    pub(crate) fn rows(&self, sql: &str) -> Vec<String> {
        let (url, sql) = (self.url_from_anywhere(), sql.to_owned());
        connected(&url, async move |connection| {
            let statement = Statement::from_string(connection.get_database_backend(), sql);
            let rows = connection.query_all_raw(statement).await.unwrap();
            rows.iter().map(|row| (0..).map_while(|column| cell(row, column)).collect::<Vec<_>>().join(" ")).collect()
        })
    }

    fn url_from_anywhere(&self) -> String {
        self.url.replace("data/", &format!("{}/data/", self.folder.path().display()))
    }
}

impl Schema {
    /// Makes a database on the server, and returns its URL too.
    fn create(kind: Kind, server: &str) -> (String, Self) {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("whole_{}_{}", process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let (admin, force) = match kind {
            Kind::Postgres => (format!("{server}/postgres"), " WITH (FORCE)"),
            Kind::Sqlite | Kind::MariaDb | Kind::MySql => (server.to_owned(), ""),
        };
        execute(&admin, &format!("CREATE DATABASE {name}"));
        (format!("{server}/{name}"), Self { admin, drop: format!("DROP DATABASE {name}{force}") })
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        execute(&self.admin, &self.drop);
    }
}

/// Where the server is, if it is here.
pub(crate) fn server(name: &str, variable_name: &str) -> Option<String> {
    if let Some(url) = variable(variable_name) {
        return Some(url.trim_end_matches('/').to_owned());
    }
    assert!(variable("REQUIRE_ALL").is_none_or(|value| value != "1"), "{variable_name} is not set");
    // Not `eprintln!`, which nobody sees when a test passes.
    let _ = writeln!(std::io::stderr(), "SKIPPED on {name}: {variable_name} is not set");
    None
}

/// A cell as text, whatever it holds; nothing beyond the last.
fn cell(row: &QueryResult, column: usize) -> Option<String> {
    let number = || row.try_get_by_index::<i64>(column).map(|number| number.to_string());
    row.try_get_by_index::<String>(column).or_else(|_| number()).ok()
}

/// Does something on a server or in a database.
pub(crate) fn execute(url: &str, sql: &str) {
    let sql = sql.to_owned();
    connected(url, async move |connection| {
        connection.execute_unprepared(&sql).await.unwrap();
    });
}

fn connected<T>(url: &str, work: impl AsyncFnOnce(&DatabaseConnection) -> T) -> T {
    let runtime = runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut options = ConnectOptions::new(url);
        options.max_connections(1).idle_timeout(None).max_lifetime(None).sqlx_logging(false);
        let connection = sea_orm::Database::connect(options).await.unwrap();
        let done = work(&connection).await;
        connection.close().await.unwrap();
        done
    })
}
