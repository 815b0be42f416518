//! Migrating a server's database.

use std::time::Duration;

use domain::ports::{SchemaState, StorageProbe};
use infra_postgres::{MigrateError, PostgresSettings, PostgresStorage};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement, TransactionTrait};
use tokio::time::Instant;

use crate::Fixture;

pub(crate) async fn down_and_up_again_leads_to_the_same_schema(fixture: &Fixture) {
    let storage = fixture.connect().await;
    assert_eq!(storage.probe().await.unwrap(), SchemaState::Pending);
    let applied = storage.migrate_up().await.unwrap();
    let schema = schema(&storage).await;
    assert!(storage.migrate_up().await.unwrap().is_empty(), "nothing is left to do");

    assert_eq!(storage.migrate_down(Some(1)).await.unwrap(), applied[applied.len() - 1..]);
    assert_eq!(storage.probe().await.unwrap(), SchemaState::Pending);
    assert_eq!(storage.migrate_down(None).await.unwrap(), applied[..applied.len() - 1]);
    assert_eq!(storage.migrate_up().await.unwrap(), applied);
    assert_eq!(self::schema(&storage).await, schema);
}

pub(crate) async fn several_processes_that_start_at_once_migrate_once(fixture: &Fixture) {
    for round in 0..20 {
        let mut processes = tokio::task::JoinSet::new();
        for _ in 0..5 {
            let storage = fixture.connect().await;
            processes.spawn(async move { storage.migrate_up().await.unwrap().len() });
        }
        let applied = processes.join_all().await;
        assert_eq!(applied.iter().filter(|count| **count > 0).count(), 1, "in round {round}: {applied:?}");
        let storage = fixture.connect().await;
        assert_eq!(storage.probe().await.unwrap(), SchemaState::Current, "in round {round}");
        // An empty database and an old one in turns.
        storage.migrate_down((round % 2 == 0).then_some(2)).await.unwrap();
    }
}

pub(crate) async fn a_run_that_fails_half_way_leaves_nothing(fixture: &Fixture) {
    let storage = fixture.connect().await;
    // Somebody else's table stands in the way of the last one.
    db(&storage).execute_unprepared("CREATE TABLE user_counts (mine TEXT)").await.unwrap();
    let Err(MigrateError::InTheWay(reason)) = storage.migrate_up().await else { panic!("it goes on") };
    assert!(reason.contains("there is a table user_counts, without the column block"), "{reason}");
    assert!(storage.migration_status().await.unwrap().applied.is_empty());
    assert!(db(&storage).execute_unprepared("SELECT 1 FROM users").await.is_err(), "its table was taken back too");
    db(&storage).execute_unprepared("DROP TABLE user_counts").await.unwrap();
    storage.migrate_up().await.unwrap();
}

pub(crate) async fn a_user_who_may_not_change_tables_hears_so_at_once(fixture: &Fixture) {
    let admin = db(&fixture.connect().await);
    let settings = fixture.schema.settings();
    let (before, database) = settings.url.rsplit_once('/').expect("a URL names a database");
    let (_, address) = before.rsplit_once('@').expect("a URL names a user");
    admin.execute_unprepared(&format!("CREATE ROLE {database} LOGIN PASSWORD 'pw'")).await.unwrap();
    // PostgreSQL 14 lets everybody make tables there.
    admin.execute_unprepared("REVOKE CREATE ON SCHEMA public FROM PUBLIC").await.unwrap();
    let url = format!("postgres://{database}:pw@{address}/{database}");
    let limited = PostgresStorage::connect(&PostgresSettings { url, ..settings.clone() }).await.unwrap();
    let start = Instant::now();
    let refused = limited.migrate_up().await;
    let took = start.elapsed();
    limited.close().await;
    admin.execute_unprepared(&format!("DROP ROLE {database}")).await.unwrap();
    assert!(matches!(refused, Err(MigrateError::Denied(_))), "{refused:?}");
    assert!(took < Duration::from_secs(2), "{took:?}");
}

pub(crate) async fn the_lease_of_a_killed_process_ends(fixture: &Fixture) {
    let storage = fixture.migrated().await;
    storage.migrate_down(Some(1)).await.unwrap();
    let lease = "INSERT INTO migration_lease VALUES ('migrate', 'killed', EXTRACT(EPOCH FROM now()) + 2)";
    db(&storage).execute_unprepared(lease).await.unwrap();
    let start = Instant::now();
    storage.migrate_up().await.unwrap();
    assert!((1..10).contains(&start.elapsed().as_secs()), "it waited for the end of the lease: {:?}", start.elapsed());
}

pub(crate) async fn where_nothing_is_pending_no_lease_is_waited_for(fixture: &Fixture) {
    let storage = fixture.migrated().await;
    let lease = "INSERT INTO migration_lease VALUES ('migrate', 'another', EXTRACT(EPOCH FROM now()) + 600)";
    db(&storage).execute_unprepared(lease).await.unwrap();
    assert!(storage.migrate_up().await.unwrap().is_empty());
}

pub(crate) async fn a_run_that_lost_its_lease_changes_nothing(fixture: &Fixture) {
    let storage = fixture.migrated().await;
    let db = db(&storage);
    // Its tables cannot be dropped while a transaction reads them.
    let reader = db.begin().await.unwrap();
    reader.execute_unprepared("SELECT n FROM guards").await.unwrap();
    let steal = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        db.execute_unprepared("UPDATE migration_lease SET owner = 'another'").await.unwrap().rows_affected()
    };
    let (run, stolen) = tokio::join!(storage.migrate_down(None), steal);
    assert_eq!(stolen, 1, "there is a lease");
    assert!(matches!(run, Err(MigrateError::LeaseLost)), "{run:?}");
    reader.rollback().await.unwrap();
    let status = storage.migration_status().await.unwrap();
    assert!(status.pending.is_empty(), "nothing was taken back: {status:?}");
}

pub(crate) async fn a_newer_database_is_refused(fixture: &Fixture) {
    let storage = fixture.migrated().await;
    let later = "INSERT INTO seaql_migrations VALUES ('m29991231_000001_later', 0)";
    db(&storage).execute_unprepared(later).await.unwrap();
    assert_eq!(storage.probe().await.unwrap(), SchemaState::Newer);
    for result in [storage.migrate_up().await, storage.migrate_down(None).await] {
        assert!(matches!(result, Err(MigrateError::Newer { unknown }) if unknown == ["m29991231_000001_later"]));
    }
}

fn db(storage: &PostgresStorage) -> DatabaseConnection {
    storage.inner().pools().writer
}

/// Every column, index and constraint, as the server tells them.
async fn schema(storage: &PostgresStorage) -> Vec<String> {
    let db = db(storage);
    let mut schema = Vec::new();
    for sql in [
        "SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || \
         coalesce(' ' || collation_name, '') || coalesce(' ' || column_default, '') AS line \
         FROM information_schema.columns WHERE table_schema = current_schema() ORDER BY 1",
        "SELECT indexdef AS line FROM pg_indexes WHERE schemaname = current_schema() ORDER BY 1",
        "SELECT conname || ' ' || pg_get_constraintdef(oid) AS line FROM pg_constraint ORDER BY 1",
    ] {
        let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
        schema.extend(rows.iter().map(|row| row.try_get::<String>("", "line").unwrap()));
    }
    schema
}
