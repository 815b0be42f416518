//! Migrating a server's database.

use std::time::Duration;

use infra_postgres::{MigrateError, PostgresSettings, PostgresStorage};
use sea_orm::{ConnectionTrait, DatabaseConnection, TransactionTrait};
use storage_contract::Wire;
use storage_contract::server::migrating::robbed;
use storage_contract::server::{ServerDatabase, create_user};
use tokio::time::Instant;

use crate::server::Schema;

pub(crate) use storage_contract::server::migrating::{
    a_newer_database_is_refused, down_and_up_again_leads_to_the_same_schema,
    several_processes_that_start_at_once_migrate_once, the_lease_of_a_killed_process_ends,
    where_nothing_is_pending_no_lease_is_waited_for,
};

pub(crate) async fn a_run_that_fails_half_way_leaves_nothing(schema: &Schema) {
    let storage = schema.connect().await;
    // Somebody else's table stands in the way of the last one.
    db(&storage).execute_unprepared("CREATE TABLE user_counts (mine TEXT)").await.unwrap();
    let Err(MigrateError::InTheWay(reason)) = storage.migrate_up().await else { panic!("it goes on") };
    assert!(reason.contains("there is a table user_counts, without the column block"), "{reason}");
    assert!(storage.migration_status().await.unwrap().applied.is_empty());
    assert!(db(&storage).execute_unprepared("SELECT 1 FROM users").await.is_err(), "its table was taken back too");
    db(&storage).execute_unprepared("DROP TABLE user_counts").await.unwrap();
    storage.migrate_up().await.unwrap();
}

pub(crate) async fn a_user_who_may_not_change_tables_hears_so_at_once(schema: &Schema) {
    let admin = db(&schema.connect().await);
    let settings = schema.settings();
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
    schema.migrated().await;
    let unread = limited.migrate_up().await;
    for grant in ["SELECT, INSERT, UPDATE, DELETE ON ALL TABLES", "USAGE ON ALL SEQUENCES"] {
        admin.execute_unprepared(&format!("GRANT {grant} IN SCHEMA public TO {database}")).await.unwrap();
    }
    let migrated = limited.migrate_up().await;
    let created = create_user(&limited).await;
    limited.close().await;
    admin.execute_unprepared(&format!("DROP OWNED BY {database}; DROP ROLE {database}")).await.unwrap();
    assert!(matches!(refused, Err(MigrateError::Denied(_))), "{refused:?}");
    assert!(took < Duration::from_secs(2), "{took:?}");
    let Err(MigrateError::InTheWay(reason)) = unread else { panic!("tables that it sees not count as missing") };
    assert!(reason.contains("may not read the tables: GRANT SELECT"), "{reason}");
    assert!(migrated.unwrap().is_empty(), "nothing is left that it would need the privilege for");
    created.expect("what the service does with users needs no more than rows");
}

pub(crate) async fn a_run_that_lost_its_lease_changes_nothing(schema: &Schema) {
    let storage = schema.migrated().await;
    // Its tables cannot be dropped while a transaction reads them.
    let reader = db(&storage).begin().await.unwrap();
    reader.execute_unprepared("SELECT n FROM guards").await.unwrap();
    let error = robbed::<Schema>(&storage).await;
    assert!(matches!(error.downcast_ref(), Some(MigrateError::LeaseLost)), "{error:?}");
    reader.rollback().await.unwrap();
    let status = storage.migration_status().await.unwrap();
    assert!(status.pending.is_empty(), "nothing was taken back: {status:?}");
}

pub(crate) async fn a_process_that_froze_in_the_middle_keeps_others_waiting_no_longer_than_its_lease(schema: &Schema) {
    let migrated = schema.migrated().await;
    let all = migrated.migration_status().await.unwrap().applied.len();
    migrated.close().await;
    let wire = Wire::to(schema.address()).await.unwrap();
    let frozen = schema.open(&wire.address().to_string(), 8).await.unwrap();
    let storage = schema.connect().await;
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
        tokio::join!(tokio::time::timeout(Duration::from_secs(1), frozen.migrate_down(None)), freeze);
    assert_eq!(taken_back, all, "what the frozen one did was rolled back");
    assert!(took < Duration::from_secs(25), "{took:?}");
}

pub(crate) async fn tables_in_another_schema_are_not_made_again(schema: &Schema) {
    let storage = schema.migrated().await;
    db(&storage).execute_unprepared("CREATE SCHEMA postgres").await.unwrap();
    let Err(MigrateError::InTheWay(reason)) = schema.connect().await.migrate_up().await else { panic!("it goes on") };
    assert!(reason.contains("the tables are in the schema public, and new ones would be made in postgres"), "{reason}");
    let mut settings = schema.settings();
    settings.url.push_str("?options=-c%20search_path%3Dpublic");
    assert!(PostgresStorage::connect(&settings).await.unwrap().migrate_up().await.unwrap().is_empty());
}

pub(crate) async fn the_migrations_of_another_program_are_told_from_newer_ones(schema: &Schema) {
    let storage = schema.connect().await;
    let theirs = "CREATE TABLE seaql_migrations (version VARCHAR PRIMARY KEY, applied_at BIGINT NOT NULL)";
    db(&storage).execute_unprepared(theirs).await.unwrap();
    let theirs = "INSERT INTO seaql_migrations VALUES ('m20220101_000001_create_posts', 0)";
    db(&storage).execute_unprepared(theirs).await.unwrap();
    let Err(MigrateError::InTheWay(reason)) = storage.migrate_up().await else { panic!("it goes on") };
    assert!(reason.contains("m20220101_000001_create_posts"), "{reason}");
}

fn db(storage: &PostgresStorage) -> DatabaseConnection {
    storage.inner().pools().writer
}
