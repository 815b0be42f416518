//! SQLite keeps the promises of the storage ports.

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::ports::{Storage, StorageInspection, StorageProbe, UserQueries};
use infra_sqlite::{SqliteSettings, SqliteStorage};
use sea_orm::{ConnectionTrait, Statement};
use storage_contract::{Harness, NoStore, Store, StoredEvent};
use tempfile::TempDir;

fn main() -> ExitCode {
    storage_contract::run("sqlite", Files)
}

/// Each case has a file in a folder of its own.
struct Files;

struct File {
    storage: Arc<SqliteStorage>,
    _folder: TempDir,
}

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
        storage.migrate_up().await?;
        Ok(Box::new(File { storage: Arc::new(storage), _folder: folder }))
    }
}

#[async_trait]
impl Store for File {
    fn storage(&self) -> Arc<dyn Storage> {
        self.storage.clone()
    }

    fn queries(&self) -> Arc<dyn UserQueries> {
        self.storage.clone()
    }

    fn probe(&self) -> Arc<dyn StorageProbe> {
        self.storage.clone()
    }

    fn inspection(&self) -> Arc<dyn StorageInspection> {
        self.storage.clone()
    }

    async fn damage(&self) -> Result<bool, Box<dyn Error + Send + Sync>> {
        let db = &self.storage.inner().pools().writer;
        db.execute_unprepared("UPDATE user_counts SET n = n + 3").await?;
        db.execute_unprepared("DELETE FROM guards").await?;
        Ok(true)
    }

    async fn events(&self) -> Result<Vec<StoredEvent>, Box<dyn Error + Send + Sync>> {
        let db = &self.storage.inner().pools().reader;
        let statement = Statement::from_string(db.get_database_backend(), "SELECT id, action FROM audit_events");
        let rows = db.query_all_raw(statement).await?;
        rows.iter()
            .map(|row| Ok(StoredEvent { id: row.try_get("", "id")?, action: row.try_get("", "action")? }))
            .collect()
    }

    async fn close(&self) {
        self.storage.close().await;
    }
}
