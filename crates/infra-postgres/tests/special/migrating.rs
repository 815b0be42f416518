//! Migrating a server's database.

use std::time::Duration;

use domain::ports::{SaveUserError, SchemaState, Storage, StorageProbe};
use infra_postgres::{MigrateError, PostgresSettings, PostgresStorage};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement, TransactionTrait};
use storage_contract::Wire;
use testkit::user;
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
    fixture.migrated().await;
    for grant in ["SELECT, INSERT, UPDATE, DELETE ON ALL TABLES", "USAGE ON ALL SEQUENCES"] {
        admin.execute_unprepared(&format!("GRANT {grant} IN SCHEMA public TO {database}")).await.unwrap();
    }
    let migrated = limited.migrate_up().await;
    let created = create(&limited).await;
    limited.close().await;
    admin.execute_unprepared(&format!("DROP OWNED BY {database}; DROP ROLE {database}")).await.unwrap();
    assert!(matches!(refused, Err(MigrateError::Denied(_))), "{refused:?}");
    assert!(took < Duration::from_secs(2), "{took:?}");
    assert!(migrated.unwrap().is_empty(), "nothing is left that it would need the privilege for");
    created.expect("what the service does with users needs no more than rows");
}

async fn create(storage: &PostgresStorage) -> Result<(), SaveUserError> {
    let mut unit = storage.begin().await?;
    unit.users().count_administrators_exclusively().await?;
    unit.users().insert(user().build()).await?;
    #[expect(clippy::disallowed_methods, reason = "the test is of the port itself, not of a use case")]
    Ok(unit.commit().await?)
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

pub(crate) async fn a_process_that_froze_in_the_middle_keeps_others_waiting_no_longer_than_its_lease(
    fixture: &Fixture,
) {
    fixture.migrated().await.close().await;
    let wire = Wire::to(fixture.schema.address()).await.unwrap();
    let frozen = PostgresStorage::connect(&fixture.schema.settings_through(wire.address())).await.unwrap();
    let storage = fixture.connect().await;
    // It waits within its transaction, and never hears that it may go on.
    let reader = db(&storage).begin().await.unwrap();
    reader.execute_unprepared("SELECT n FROM user_counts").await.unwrap();
    let freeze = async {
        tokio::time::sleep(Duration::from_millis(700)).await;
        wire.set_silent(true);
        reader.rollback().await.unwrap();
        let start = Instant::now();
        let taken_back = storage.migrate_down(None).await.unwrap().len();
        (taken_back, start.elapsed())
    };
    let (_, (taken_back, took)) =
        tokio::join!(tokio::time::timeout(Duration::from_secs(1), frozen.migrate_down(Some(1))), freeze);
    assert_eq!(taken_back, 4, "what the frozen one did was rolled back");
    assert!(took < Duration::from_secs(25), "{took:?}");
}

pub(crate) async fn tables_in_another_schema_are_not_made_again(fixture: &Fixture) {
    let storage = fixture.migrated().await;
    db(&storage).execute_unprepared("CREATE SCHEMA postgres").await.unwrap();
    let Err(MigrateError::InTheWay(reason)) = fixture.connect().await.migrate_up().await else { panic!("it goes on") };
    assert!(reason.contains("the tables are in the schema public, and new ones would be made in postgres"), "{reason}");
    let mut settings = fixture.schema.settings();
    settings.url.push_str("?options=-c%20search_path%3Dpublic");
    assert!(PostgresStorage::connect(&settings).await.unwrap().migrate_up().await.unwrap().is_empty());
}

pub(crate) async fn the_migrations_of_another_program_are_told_from_newer_ones(fixture: &Fixture) {
    let storage = fixture.connect().await;
    let theirs = "CREATE TABLE seaql_migrations (version VARCHAR PRIMARY KEY, applied_at BIGINT NOT NULL)";
    db(&storage).execute_unprepared(theirs).await.unwrap();
    let theirs = "INSERT INTO seaql_migrations VALUES ('m20220101_000001_create_posts', 0)";
    db(&storage).execute_unprepared(theirs).await.unwrap();
    let Err(MigrateError::InTheWay(reason)) = storage.migrate_up().await else { panic!("it goes on") };
    assert!(reason.contains("m20220101_000001_create_posts"), "{reason}");
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
