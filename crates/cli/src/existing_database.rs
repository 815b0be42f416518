//! A database to work on directly: there, and with the schema that this program knows.

use std::path::PathBuf;

use migration::MigrateError;
use percent_encoding::percent_decode_str;
use settings::{DatabaseUrl, Settings};

use crate::commands::Failure;
use crate::database::{Database, migration_failed};

/// What brings a database to where this program wants it.
const MIGRATE: &str = "`usermgmt migrate up`";

impl Database {
    /// Connects to a database that exists and is up to date. Whoever only wants to read or change a user neither makes a
    /// database nor migrates one.
    pub(crate) async fn connect_current(settings: &Settings) -> Result<Self, Failure> {
        let database = Self::connect_existing(settings).await?;
        let status = database.migration_status().await?;
        if !status.unknown.is_empty() {
            return Err(migration_failed(&MigrateError::Newer { unknown: status.unknown }));
        }
        if !status.pending.is_empty() {
            let pending = status.pending.join(", ");
            return Err(Failure::new(format!("the database lacks {pending}; run {MIGRATE} first")));
        }
        Ok(database)
    }

    /// Connects to a database that exists, whatever its schema.
    pub(crate) async fn connect_existing(settings: &Settings) -> Result<Self, Failure> {
        let url = &settings.database_url;
        if matches!(url, DatabaseUrl::Memory | DatabaseUrl::SqliteMemory) {
            return Err(Failure::new(format!(
                "DATABASE_URL is {url}, which only the service itself has: there is nothing to work on; name a database that \
                 lasts"
            )));
        }
        // A server says itself whether it has the database.
        if let DatabaseUrl::Sqlite(url) = url
            && !file(url).exists()
        {
            let path = file(url).display().to_string();
            return Err(Failure::new(format!("there is no database {path}; {MIGRATE} makes it")));
        }
        Self::connect(settings).await
    }
}

/// The file that a `sqlite://` URL names.
pub(crate) fn file(url: &str) -> PathBuf {
    let path = url.strip_prefix("sqlite://").unwrap_or(url);
    let path = path.split('?').next().unwrap_or_default();
    percent_decode_str(path).decode_utf8_lossy().into_owned().into()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_file_is_the_one_that_the_driver_opens() {
        for (url, path) in [
            ("sqlite://data/usermgmt.db?mode=rwc", "data/usermgmt.db"),
            ("sqlite:///var/lib/a%20b.db", "/var/lib/a b.db"),
        ] {
            assert_eq!(file(url), Path::new(path));
        }
    }
}
