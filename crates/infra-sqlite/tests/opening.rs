//! Opening, migrating and reading a SQLite database.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use domain::ports::{SchemaState, Storage, StorageFault, StorageProbe, UserQueries};
use domain::query::ListUsers;
use infra_sqlite::{MigrateError, SqliteSettings, SqliteStorage};
use sea_orm::{ConnectionTrait, TransactionTrait};
use tempfile::TempDir;

fn settings(url: impl Into<String>) -> SqliteSettings {
    SqliteSettings { url: url.into(), pool_size: 2, acquire_timeout: Duration::from_secs(2) }
}

fn file_in(folder: &TempDir) -> SqliteSettings {
    settings(format!("sqlite://{}/a/b/usermgmt.db?mode=rwc", folder.path().display()))
}

async fn migrated(settings: &SqliteSettings) -> SqliteStorage {
    let storage = SqliteStorage::connect(settings).await.unwrap();
    storage.migrate_up().await.unwrap();
    storage
}

#[tokio::test]
async fn folder_and_file_are_made_where_the_url_asks_for_it() {
    let folder = TempDir::new().unwrap();
    let storage = migrated(&file_in(&folder)).await;
    assert_eq!(storage.probe().await.unwrap(), SchemaState::Current);
    assert!(folder.path().join("a/b/usermgmt.db").is_file());
}

#[tokio::test]
async fn a_file_that_is_not_there_is_unavailable_where_the_url_does_not_ask_for_it() {
    let folder = TempDir::new().unwrap();
    let url = format!("sqlite://{}/usermgmt.db", folder.path().display());
    let error = SqliteStorage::connect(&settings(url)).await.unwrap_err();
    assert_eq!(error.fault(), StorageFault::Unavailable);
}

#[tokio::test]
async fn a_database_in_memory_works() {
    let storage = migrated(&settings("sqlite::memory:")).await;
    assert_eq!(storage.probe().await.unwrap(), SchemaState::Current);
    assert_eq!(storage.list(&ListUsers { limit: 1, ..ListUsers::default() }).await.unwrap().users, []);
}

#[tokio::test]
async fn readers_cannot_write() {
    let folder = TempDir::new().unwrap();
    let storage = migrated(&file_in(&folder)).await;
    assert!(storage.inner().pools().reader.execute_unprepared("DELETE FROM users").await.is_err());
}

#[tokio::test]
async fn a_commit_waits_until_the_disk_has_it() {
    let folder = TempDir::new().unwrap();
    let storage = migrated(&file_in(&folder)).await;
    let writer = &storage.inner().pools().writer;
    let backend = writer.get_database_backend();
    let pragma = async |name: &str| {
        let statement = sea_orm::Statement::from_string(backend, format!("PRAGMA {name}"));
        writer.query_one_raw(statement).await.unwrap().unwrap()
    };
    assert_eq!(pragma("journal_mode").await.try_get_by_index::<String>(0).unwrap(), "wal");
    assert_eq!(pragma("secure_delete").await.try_get_by_index::<i64>(0).unwrap(), 1, "what is deleted is written over");
    assert_eq!(pragma("synchronous").await.try_get_by_index::<i32>(0).unwrap(), 2, "2 is FULL");
}

#[tokio::test]
async fn migrating_down_and_up_again_leads_to_the_same_schema() {
    let storage = SqliteStorage::connect(&settings("sqlite::memory:")).await.unwrap();
    assert_eq!(storage.probe().await.unwrap(), SchemaState::Pending);
    let applied = storage.migrate_up().await.unwrap();
    let schema = schema(&storage).await;
    assert_eq!(storage.migrate_up().await.unwrap(), [""; 0], "nothing is left to do");

    assert_eq!(storage.migrate_down(Some(1)).await.unwrap(), applied[applied.len() - 1..]);
    assert_eq!(storage.migration_status().await.unwrap().pending, applied[applied.len() - 1..]);
    assert_eq!(storage.migrate_down(None).await.unwrap(), applied[..applied.len() - 1]);
    assert_eq!(storage.migrate_up().await.unwrap(), applied);
    assert_eq!(self::schema(&storage).await, schema);
}

#[tokio::test]
async fn a_newer_database_is_refused_in_those_words() {
    let storage = migrated(&settings("sqlite::memory:")).await;
    let writer = storage.inner().pools().writer.clone();
    writer.execute_unprepared("INSERT INTO seaql_migrations VALUES ('m29991231_000001_later', 0)").await.unwrap();

    assert_eq!(storage.probe().await.unwrap(), SchemaState::Newer);
    for result in [storage.migrate_up().await, storage.migrate_down(None).await] {
        let error = result.unwrap_err();
        assert!(matches!(&error, MigrateError::Newer { unknown } if unknown == &["m29991231_000001_later"]));
        assert!(error.to_string().starts_with("the database is newer than this program"), "{error}");
    }
}

#[tokio::test]
async fn several_processes_that_start_at_once_migrate_once() {
    let folder = TempDir::new().unwrap();
    let settings = file_in(&folder);
    let first = SqliteStorage::connect(&settings).await.unwrap();
    let mut others = Vec::new();
    for _ in 0..5 {
        others.push(SqliteStorage::connect(&settings).await.unwrap());
    }
    let migrate = async |storage: &SqliteStorage| storage.migrate_up().await.unwrap().len();
    let applied = tokio::join!(
        migrate(&first),
        migrate(&others[0]),
        migrate(&others[1]),
        migrate(&others[2]),
        migrate(&others[3]),
        migrate(&others[4])
    );
    let applied = [applied.0, applied.1, applied.2, applied.3, applied.4, applied.5];
    assert_eq!(applied.iter().filter(|count| **count > 0).count(), 1, "{applied:?}");
    assert_eq!(first.probe().await.unwrap(), SchemaState::Current);
}

#[tokio::test]
async fn a_unit_that_waits_for_another_process_in_vain_is_to_be_tried_again() {
    let folder = TempDir::new().unwrap();
    let settings = file_in(&folder);
    let storage = migrated(&settings).await;
    let another = SqliteStorage::connect(&settings).await.unwrap();
    let unit = another.begin().await.unwrap();
    assert_eq!(storage.begin().await.err().map(|error| error.fault()), Some(StorageFault::Retryable));
    drop(unit);
    assert!(storage.begin().await.is_ok());
}

#[tokio::test]
async fn where_nothing_is_pending_no_other_process_is_waited_for() {
    let folder = TempDir::new().unwrap();
    let settings = file_in(&folder);
    let storage = migrated(&settings).await;
    let another = SqliteStorage::connect(&settings).await.unwrap();
    let _unit = another.begin().await.unwrap();
    assert_eq!(storage.migrate_up().await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn a_reader_that_does_not_end_does_not_keep_the_writer_open() {
    let folder = TempDir::new().unwrap();
    let storage = migrated(&file_in(&folder)).await;
    let pools = storage.inner().pools();
    let _reading = pools.reader.begin().await.unwrap();
    storage.close().await;
    assert!(pools.writer.execute_unprepared("DELETE FROM users").await.is_err());
}

async fn schema(storage: &SqliteStorage) -> Vec<String> {
    let db = &storage.inner().pools().reader;
    let sql = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name";
    let rows = db.query_all_raw(sea_orm::Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| row.try_get("", "sql").unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_close_the_file_alone_is_the_whole_database() {
    for round in 0..20 {
        let folder = TempDir::new().unwrap();
        let storage = migrated(&file_in(&folder)).await;
        let list = ListUsers { limit: 1, ..ListUsers::default() };
        let (one, other) = tokio::join!(storage.list(&list), storage.list(&list));
        assert!(one.is_ok() && other.is_ok());
        storage.close().await;
        let files: Vec<_> =
            std::fs::read_dir(folder.path().join("a/b")).unwrap().map(|file| file.unwrap().path()).collect();
        assert_eq!(files, [folder.path().join("a/b/usermgmt.db")], "round {round}");
    }
}
