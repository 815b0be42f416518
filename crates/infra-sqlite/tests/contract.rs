//! SQLite keeps the promises of the storage ports.

use std::process::ExitCode;
use std::time::Duration;

use async_trait::async_trait;
use infra_sqlite::{SqliteSettings, SqliteStorage};
use storage_contract::{Harness, NoStore, SqlStore, Store, implement_sql_database};
use tempfile::TempDir;

fn main() -> ExitCode {
    storage_contract::run("sqlite", Files)
}

/// Each case has a file in a folder of its own.
struct Files;

#[async_trait]
impl Harness for Files {
    async fn fresh(&self) -> Result<Box<dyn Store>, NoStore> {
        let folder = TempDir::new()?;
        let settings = SqliteSettings {
            url: format!("sqlite://{}/usermgmt.db?mode=rwc", folder.path().display()),
            pool_size: 4,
            acquire_timeout: Duration::from_secs(2),
        };
        let storage = SqliteStorage::connect(&settings).await?;
        SqlStore::migrated(Self, storage, folder).await
    }
}

implement_sql_database!(Files: SqliteStorage {
    async fn clear(&self, storage: &SqliteStorage) {
        storage.close().await;
    }
});
