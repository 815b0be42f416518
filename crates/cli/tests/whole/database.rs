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
}

/// An empty database, and the folder of the services on it. Dropping it removes both.
pub(crate) struct Database {
    url: String,
    folder: Arc<TempDir>,
    // Held for its end.
    _schema: Option<Schema>,
}

struct Schema {
    server: String,
    name: String,
}

impl Kind {
    /// A new database, or nothing where this machine has no server for it; a test then has nothing to do.
    pub(crate) fn database(self) -> Option<Database> {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        match self {
            Self::Sqlite => {
                Some(Database { url: "sqlite://data/usermgmt.db?mode=rwc".to_owned(), folder, _schema: None })
            }
            Self::MariaDb => {
                let schema = Schema::create()?;
                let url = format!("{}/{}", schema.server, schema.name);
                Some(Database { url, folder, _schema: Some(schema) })
            }
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
    fn create() -> Option<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let Some(server) = variable("TEST_MARIADB_URL") else {
            assert!(variable("REQUIRE_ALL").is_none_or(|value| value != "1"), "TEST_MARIADB_URL is not set");
            // Not `eprintln!`, which nobody sees when a test passes.
            let _ = writeln!(std::io::stderr(), "SKIPPED on MariaDB: TEST_MARIADB_URL is not set");
            return None;
        };
        let server = server.trim_end_matches('/').to_owned();
        let name = format!("whole_{}_{}", process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        execute(&server, &format!("CREATE DATABASE {name}"));
        Some(Self { server, name })
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        execute(&self.server, &format!("DROP DATABASE {}", self.name));
    }
}

/// A cell as text, whatever it holds; nothing beyond the last.
fn cell(row: &QueryResult, column: usize) -> Option<String> {
    let number = || row.try_get_by_index::<i64>(column).map(|number| number.to_string());
    row.try_get_by_index::<String>(column).or_else(|_| number()).ok()
}

fn execute(url: &str, sql: &str) {
    let sql = sql.to_owned();
    connected(url, async move |connection| {
        connection.execute_unprepared(&sql).await.unwrap();
    });
}

fn connected<T>(url: &str, work: impl AsyncFnOnce(&DatabaseConnection) -> T) -> T {
    let runtime = runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut options = ConnectOptions::new(url);
        options.max_connections(1).sqlx_logging(false);
        let connection = sea_orm::Database::connect(options).await.unwrap();
        let done = work(&connection).await;
        connection.close().await.unwrap();
        done
    })
}
