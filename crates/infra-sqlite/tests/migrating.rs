//! Migrating a SQLite file that several processes open, and what stands in the way.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use domain::ports::{SchemaState, StorageProbe};
use infra_sqlite::{MigrateError, SqliteSettings, SqliteStorage};
use sea_orm::ConnectionTrait;
use tempfile::TempDir;
use tokio::task::JoinSet;

async fn open(folder: &TempDir) -> SqliteStorage {
    let url = format!("sqlite://{}/usermgmt.db?mode=rwc", folder.path().display());
    let settings = SqliteSettings { url, pool_size: 2, acquire_timeout: Duration::from_secs(2) };
    SqliteStorage::connect(&settings).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_times_five_that_start_at_once_migrate_once() {
    let folder = TempDir::new().unwrap();
    for round in 0..20 {
        let mut processes = JoinSet::new();
        for _ in 0..5 {
            let storage = open(&folder).await;
            processes.spawn(async move { storage.migrate_up().await.unwrap().len() });
        }
        let applied = processes.join_all().await;
        assert_eq!(applied.iter().filter(|count| **count > 0).count(), 1, "in round {round}: {applied:?}");
        let storage = open(&folder).await;
        assert_eq!(storage.probe().await.unwrap(), SchemaState::Current, "in round {round}");
        // An empty database and an old one in turns.
        storage.migrate_down((round % 2 == 0).then_some(2)).await.unwrap();
    }
}

#[tokio::test]
async fn another_programs_table_is_named_and_nothing_is_changed() {
    let folder = TempDir::new().unwrap();
    let storage = open(&folder).await;
    let db = storage.inner().pools().writer;
    db.execute_unprepared("CREATE TABLE guards (mine TEXT)").await.unwrap();
    let Err(MigrateError::InTheWay(reason)) = storage.migrate_up().await else { panic!("it goes on") };
    assert!(reason.contains("there is a table guards, without the column name"), "{reason}");
    assert!(storage.migration_status().await.unwrap().applied.is_empty());
    assert!(db.execute_unprepared("SELECT 1 FROM users").await.is_err(), "its table was taken back too");
    db.execute_unprepared("DROP TABLE guards").await.unwrap();
    storage.migrate_up().await.unwrap();
}
