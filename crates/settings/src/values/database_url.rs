//! Which database, and where.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::kind::{FromText, Wrong};

/// The storage to use; `Display` and `Debug` show no password.
#[derive(Clone)]
pub enum DatabaseUrl {
    /// The memory adapter: users last as long as the process.
    Memory,
    /// SQLite in memory.
    SqliteMemory,
    /// SQLite in a file: a URL `sqlite://…` as sqlx takes it.
    Sqlite(String),
    /// MySQL or MariaDB: a URL `mysql://…` as sqlx takes it, with host and database.
    MySql(SecretString),
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => f.write_str("memory:"),
            Self::SqliteMemory => f.write_str("sqlite::memory:"),
            Self::Sqlite(url) => f.write_str(url),
            Self::MySql(url) => f.write_str(&without_password(url.expose_secret())),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

impl FromText for DatabaseUrl {
    const SECRET: bool = true;
    const WHAT: &'static str = "a database URL";

    fn hint() -> String {
        "sqlite://FILE?mode=rwc, sqlite::memory:, mysql://USER:PASSWORD@HOST:PORT/DATABASE \
         (special characters in user and password percent-encoded) or memory:"
            .to_owned()
    }

    fn from_text(text: &str) -> Result<Self, Wrong> {
        let wrong = || Wrong::Value { shown: String::new() };
        let (scheme, rest) = text.trim().split_once(':').ok_or_else(wrong)?;
        let scheme = scheme.to_ascii_lowercase();
        // Python projects name their driver: `mysql+pymysql`.
        let (database, driver) = match scheme.split_once('+') {
            Some((database, driver)) => (database, Some(driver)),
            None => (scheme.as_str(), None),
        };
        match database {
            "memory" if rest.is_empty() && driver.is_none() => Ok(Self::Memory),
            "sqlite" => sqlite(rest, driver.is_some()),
            "mysql" | "mariadb" => mysql(rest).ok_or_else(wrong),
            "postgres" | "postgresql" => {
                Err(Wrong::Because(format!("PostgreSQL is not supported yet; use {}", Self::hint())))
            }
            _ => Err(wrong()),
        }
    }

    fn show(text: &str) -> String {
        Self::from_text(text).map_or_else(|_| "[redacted]".to_owned(), |url| url.to_string())
    }
}

/// `by_python` says that three slashes begin a relative path and the file is made where it is missing.
fn sqlite(rest: &str, by_python: bool) -> Result<DatabaseUrl, Wrong> {
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let python_path = path.strip_prefix('/').filter(|path| by_python || *path == ":memory:" || path.starts_with("./"));
    let path = python_path.unwrap_or(path);
    let mode = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "mode").map(|(_, mode)| mode);
    match mode.as_deref() {
        _ if path == ":memory:" => Ok(DatabaseUrl::SqliteMemory),
        Some("memory") => Ok(DatabaseUrl::SqliteMemory),
        _ if path.is_empty() => Err(Wrong::Value { shown: String::new() }),
        Some("rw" | "rwc") => Ok(DatabaseUrl::Sqlite(format!("sqlite://{path}?{query}"))),
        Some(_) => Err(Wrong::Because("the mode is not one to write with; use ?mode=rwc or ?mode=rw".to_owned())),
        None if by_python && query.is_empty() => Ok(DatabaseUrl::Sqlite(format!("sqlite://{path}?mode=rwc"))),
        None if query.is_empty() => Ok(DatabaseUrl::Sqlite(format!("sqlite://{path}"))),
        None => Ok(DatabaseUrl::Sqlite(format!("sqlite://{path}?{query}"))),
    }
}

fn mysql(rest: &str) -> Option<DatabaseUrl> {
    let url = Url::parse(&format!("mysql:{rest}")).ok()?;
    let has_host = url.host_str().is_some_and(|host| !host.is_empty());
    let database = url.path().strip_prefix('/')?;
    // An unescaped `#` or `/` in the password ends up in the fragment or the path.
    let is_whole = !database.is_empty() && !database.contains('/') && url.fragment().is_none();
    (has_host && is_whole).then(|| DatabaseUrl::MySql(url.to_string().into()))
}

fn without_password(url: &str) -> String {
    let Ok(mut url) = Url::parse(url) else {
        return "[redacted]".to_owned();
    };
    if url.password().is_none() || url.set_password(None).is_err() {
        return url.to_string();
    }
    if url.username().is_empty() {
        return url.as_str().replacen("://", "://:[redacted]@", 1);
    }
    // In a user name `@` is escaped, so the first one ends it.
    url.as_str().replacen('@', ":[redacted]@", 1)
}
