//! Migrating a server's database.

use std::time::Duration;

use domain::ports::{SchemaState, StorageProbe};
use infra_mysql::{MigrateError, MySqlStorage};
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

pub(crate) async fn a_run_that_was_killed_half_way_is_finished_by_the_next(fixture: &Fixture) {
    let storage = fixture.migrated().await;
    let schema = schema(&storage).await;
    let db = db(&storage);
    for statement in [
        "DELETE FROM seaql_migrations",
        "ALTER TABLE users DROP INDEX uq_users_external_id, DROP INDEX ix_users_role",
        "DROP TABLE guards",
    ] {
        db.execute_unprepared(statement).await.unwrap();
    }
    storage.migrate_up().await.unwrap();
    let sorted = |schema: &[String]| {
        schema
            .iter()
            .flat_map(|sql| sql.lines())
            .map(|line| line.trim_end_matches(',').to_owned())
            .collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(sorted(&self::schema(&storage).await), sorted(&schema), "in another order");
}

pub(crate) async fn the_lease_of_a_killed_process_ends(fixture: &Fixture) {
    let storage = fixture.migrated().await;
    storage.migrate_down(Some(1)).await.unwrap();
    let lease = "INSERT INTO migration_lease VALUES ('migrate', 'killed', UNIX_TIMESTAMP() + 2)";
    db(&storage).execute_unprepared(lease).await.unwrap();
    let start = Instant::now();
    storage.migrate_up().await.unwrap();
    assert!((1..10).contains(&start.elapsed().as_secs()), "it waited for the end of the lease: {:?}", start.elapsed());
}

pub(crate) async fn where_nothing_is_pending_no_lease_is_waited_for(fixture: &Fixture) {
    let storage = fixture.migrated().await;
    let lease = "INSERT INTO migration_lease VALUES ('migrate', 'another', UNIX_TIMESTAMP() + 600)";
    db(&storage).execute_unprepared(lease).await.unwrap();
    assert!(storage.migrate_up().await.unwrap().is_empty());
}

pub(crate) async fn a_run_that_lost_its_lease_stops(fixture: &Fixture) {
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
    assert!(!status.applied.is_empty(), "the rest was not taken back: {status:?}");
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

pub(crate) async fn what_was_forgotten_and_is_still_there_is_applied_again(fixture: &Fixture) {
    let storage = fixture.migrated().await;
    let (db, schema) = (db(&storage), schema(&storage).await);
    // The server refuses to drop the last table, as if the run had been killed just before.
    let pin = "CREATE TABLE pin (block BIGINT, CONSTRAINT fk_pin FOREIGN KEY (block) REFERENCES user_counts (block))";
    db.execute_unprepared("ALTER TABLE user_counts ADD UNIQUE uq_pinned (block)").await.unwrap();
    db.execute_unprepared(pin).await.unwrap();
    assert!(matches!(storage.migrate_down(Some(1)).await, Err(MigrateError::Database(_))));
    assert_eq!(storage.migration_status().await.unwrap().pending.len(), 1, "it does not count as applied");
    db.execute_unprepared("DROP TABLE pin").await.unwrap();
    db.execute_unprepared("ALTER TABLE user_counts DROP INDEX uq_pinned").await.unwrap();
    assert_eq!(storage.migrate_up().await.unwrap().len(), 1);
    assert_eq!(self::schema(&storage).await, schema);
}

fn db(storage: &MySqlStorage) -> DatabaseConnection {
    storage.inner().pools().writer
}

/// How the server would make the tables.
async fn schema(storage: &MySqlStorage) -> Vec<String> {
    let db = db(storage);
    let mut schema = Vec::new();
    for table in ["users", "audit_events", "guards", "user_counts"] {
        let show = Statement::from_string(db.get_database_backend(), format!("SHOW CREATE TABLE {table}"));
        let row = db.query_one_raw(show).await.unwrap().expect("the table is there");
        schema.push(row.try_get("", "Create Table").unwrap());
    }
    schema
}
