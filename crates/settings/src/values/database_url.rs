//! Which database, and where.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::without_password;
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
    /// PostgreSQL: a URL `postgres://…` as sqlx takes it, with database.
    Postgres(SecretString),
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => f.write_str("memory:"),
            Self::SqliteMemory => f.write_str("sqlite::memory:"),
            Self::Sqlite(url) => f.write_str(url),
            Self::MySql(url) | Self::Postgres(url) => f.write_str(&without_password(url.expose_secret())),
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
        "sqlite://FILE?mode=rwc, sqlite::memory:, mysql://USER:PASSWORD@HOST:PORT/DATABASE or postgres://… alike \
         (special characters in user and password percent-encoded) or memory:"
            .to_owned()
    }

    fn from_text(text: &str) -> Result<Self, Wrong> {
        let wrong = || Wrong::Value { shown: String::new() };
        let (scheme, rest) = text.trim().split_once(':').ok_or_else(wrong)?;
        let scheme = scheme.to_ascii_lowercase();
        // Python projects name their driver: `mysql+pymysql`, `postgresql+psycopg2`.
        let (database, driver) = match scheme.split_once('+') {
            Some((database, driver)) => (database, Some(driver)),
            None => (scheme.as_str(), None),
        };
        match database {
            "memory" if rest.is_empty() && driver.is_none() => Ok(Self::Memory),
            "sqlite" => sqlite(rest, driver.is_some()),
            "mysql" | "mariadb" => Ok(DatabaseUrl::MySql(server("mysql", rest, &MYSQL_PARAMETERS)?)),
            "postgres" | "postgresql" => Ok(DatabaseUrl::Postgres(server("postgres", rest, &POSTGRES_PARAMETERS)?)),
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

/// The URL of a database on a server, with parameters that its driver understands.
fn server(scheme: &str, rest: &str, parameters: &[(&str, Parameter)]) -> Result<SecretString, Wrong> {
    let wrong = || Wrong::Value { shown: String::new() };
    let mut url = Url::parse(&format!("{scheme}:{rest}")).map_err(|_| wrong())?;
    let database = url.path().strip_prefix('/').unwrap_or_default();
    // An unescaped `#` or `/` in the password ends up in the fragment or the path.
    if database.is_empty() || database.contains('/') || url.fragment().is_some() {
        return Err(wrong());
    }
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    let mut names_host = url.host_str().is_some_and(|host| !host.is_empty());
    for (name, value) in url.query_pairs() {
        let Some((_, parameter)) = parameters.iter().find(|(known, _)| *known == name) else {
            let known: Vec<_> = parameters.iter().map(|(name, _)| *name).collect();
            return Err(Wrong::Because(format!(
                "its parameter {name:?} is not supported; take it out (known are {})",
                known.join(", ")
            )));
        };
        let values = match parameter {
            As(_) | Dropped => &[][..],
            OneOf(_, values) | DroppedIf(values) => values,
        };
        if !values.is_empty() && !values.contains(&value.to_ascii_lowercase().as_str()) {
            let values = values.join(", ");
            return Err(Wrong::Because(format!(
                "its parameter {name:?} has a value that is not supported; use {values}"
            )));
        }
        if let As(name) | OneOf(name, _) = parameter {
            names_host |= matches!(*name, "host" | "hostaddr" | "socket") && !value.is_empty();
            query.append_pair(name, &value);
        }
    }
    if !names_host {
        return Err(wrong());
    }
    let query = query.finish();
    url.set_query((!query.is_empty()).then_some(query.as_str()));
    Ok(url.to_string().into())
}

/// What becomes of a parameter of a URL: drivers pass over what they do not know, also if it was to protect something.
#[derive(Clone, Copy)]
enum Parameter {
    /// The driver knows it by this name.
    As(&'static str),
    /// The same, with these values.
    OneOf(&'static str, &'static [&'static str]),
    /// The service decides itself.
    Dropped,
    /// The service does as these values say, and as no others do.
    DroppedIf(&'static [&'static str]),
}

use Parameter::{As, Dropped, DroppedIf, OneOf};

const MYSQL_TLS: Parameter = OneOf("ssl-mode", &["disabled", "preferred", "required", "verify_ca", "verify_identity"]);
const POSTGRES_TLS: Parameter =
    OneOf("sslmode", &["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]);

/// With the names of `PyMySQL` beside those of sqlx. The text is always UTF-8.
const MYSQL_PARAMETERS: [(&str, Parameter); 19] = [
    ("ssl-mode", MYSQL_TLS),
    ("sslmode", MYSQL_TLS),
    ("ssl_mode", MYSQL_TLS),
    ("ssl-ca", As("ssl-ca")),
    ("ssl_ca", As("ssl-ca")),
    ("sslca", As("ssl-ca")),
    ("ssl-cert", As("ssl-cert")),
    ("ssl_cert", As("ssl-cert")),
    ("sslcert", As("ssl-cert")),
    ("ssl-key", As("ssl-key")),
    ("ssl_key", As("ssl-key")),
    ("sslkey", As("ssl-key")),
    ("socket", As("socket")),
    ("unix_socket", As("socket")),
    ("statement-cache-capacity", As("statement-cache-capacity")),
    ("charset", Dropped),
    ("collation", Dropped),
    ("connect_timeout", Dropped),
    ("autocommit", Dropped),
];

/// With the names of libpq and asyncpg beside those of sqlx.
const POSTGRES_PARAMETERS: [(&str, Parameter); 18] = [
    ("sslmode", POSTGRES_TLS),
    ("ssl-mode", POSTGRES_TLS),
    ("ssl", POSTGRES_TLS),
    ("sslrootcert", As("sslrootcert")),
    ("sslcert", As("sslcert")),
    ("sslkey", As("sslkey")),
    ("host", As("host")),
    ("hostaddr", As("hostaddr")),
    ("port", As("port")),
    ("user", As("user")),
    ("application_name", As("application_name")),
    ("options", As("options")),
    ("statement-cache-capacity", As("statement-cache-capacity")),
    ("client_encoding", Dropped),
    ("connect_timeout", Dropped),
    ("gssencmode", DroppedIf(&["disable", "prefer"])),
    ("keepalives", Dropped),
    ("target_session_attrs", DroppedIf(&["any"])),
];
