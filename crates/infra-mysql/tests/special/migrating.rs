//! Migrating a server's database.

use infra_mysql::{MigrateError, MySqlStorage};
use sea_orm::{ConnectionTrait, DatabaseConnection, TransactionTrait};
use storage_contract::SqlDatabase as _;
use storage_contract::server::ServerDatabase;
use storage_contract::server::migrating::robbed;

use crate::server::Schema;

pub(crate) use storage_contract::server::migrating::{
    a_newer_database_is_refused, down_and_up_again_leads_to_the_same_schema,
    several_processes_that_start_at_once_migrate_once, the_lease_of_a_killed_process_ends,
    where_nothing_is_pending_no_lease_is_waited_for,
};

pub(crate) async fn tables_that_are_laid_for_a_case_are_those_of_the_migrations(schema: &Schema) {
    let migrated = schema.migrated().await;
    let tables = described(&migrated).await;
    // At least the second to be laid on this server, and so by what was written down.
    for _ in 0..2 {
        migrated.close().await;
        schema.drop().await.unwrap();
        schema.create().await.unwrap();
        let storage = schema.connect().await;
        schema.lay_tables(&storage).await.unwrap();
        assert_eq!(described(&storage).await, tables);
        assert!(storage.migrate_up().await.unwrap().is_empty(), "nothing is left to do");
        storage.close().await;
    }
}

/// As MySQL describes them, which says of a column whether its character set was named.
async fn described(storage: &MySqlStorage) -> Vec<String> {
    let tables = Schema::tables(storage).await.unwrap();
    tables.iter().map(|table| table.replace("CHARACTER SET utf8mb4 COLLATE", "COLLATE")).collect()
}

pub(crate) async fn a_run_that_was_killed_half_way_is_finished_by_the_next(schema: &Schema) {
    let storage = schema.migrated().await;
    let tables = Schema::tables(&storage).await.unwrap();
    let db = db(&storage);
    for statement in [
        // What made the first trail, and is not there any more, cannot have been forgotten.
        "DELETE FROM seaql_migrations WHERE version NOT LIKE '%_audit_events' AND version NOT LIKE '%_change_log'",
        "ALTER TABLE users DROP INDEX uq_users_external_id, DROP INDEX ix_users_role",
        "DROP TABLE guards",
        "DROP TABLE refresh_tokens",
        "ALTER TABLE login_attempts DROP INDEX ix_login_attempts_over_at",
        "ALTER TABLE audit_events DROP INDEX ix_audit_events_subject, DROP COLUMN seq",
        "DROP TRIGGER audit_events_no_delete",
        "DROP TABLE audit_chain_pin, audit_chain",
        "ALTER TABLE erased_users DROP INDEX uq_erased_users_uuid",
        "DROP TABLE subject_keys, idempotency_outcomes",
    ] {
        db.execute_unprepared(statement).await.unwrap();
    }
    storage.migrate_up().await.unwrap();
    let sorted = |tables: &[String]| {
        tables
            .iter()
            .flat_map(|sql| sql.lines())
            .map(|line| line.trim_end_matches(',').to_owned())
            .collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(sorted(&Schema::tables(&storage).await.unwrap()), sorted(&tables), "in another order");
}

pub(crate) async fn a_run_that_lost_its_lease_stops(schema: &Schema) {
    let storage = schema.migrated().await;
    // Its tables cannot be dropped while a transaction reads them.
    let reader = db(&storage).begin().await.unwrap();
    reader.execute_unprepared("SELECT n FROM guards").await.unwrap();
    let error = robbed::<Schema>(&storage).await;
    assert!(matches!(error.downcast_ref(), Some(MigrateError::LeaseLost)), "{error:?}");
    reader.rollback().await.unwrap();
    let status = storage.migration_status().await.unwrap();
    assert!(!status.applied.is_empty(), "the rest was not taken back: {status:?}");
}

pub(crate) async fn what_was_forgotten_and_is_still_there_is_applied_again(schema: &Schema) {
    let storage = schema.migrated().await;
    let (db, tables) = (db(&storage), Schema::tables(&storage).await.unwrap());
    // The server refuses to drop the table, as if the run had been killed just before.
    let pin = "CREATE TABLE pin (seq BIGINT, CONSTRAINT fk_pin FOREIGN KEY (seq) REFERENCES audit_events (seq))";
    db.execute_unprepared(pin).await.unwrap();
    let applied = storage.migration_status().await.unwrap().applied;
    let later = applied.iter().rev().position(|name| name.ends_with("_audit_trail")).unwrap();
    let steps = u32::try_from(later + 1).unwrap();
    assert!(matches!(storage.migrate_down(Some(steps)).await, Err(MigrateError::Database(_))));
    assert_eq!(storage.migration_status().await.unwrap().pending.len(), later + 1, "it does not count as applied");
    db.execute_unprepared("DROP TABLE pin").await.unwrap();
    assert_eq!(storage.migrate_up().await.unwrap().len(), later + 1);
    assert_eq!(Schema::tables(&storage).await.unwrap(), tables);
}

fn db(storage: &MySqlStorage) -> DatabaseConnection {
    storage.inner().pools().writer
}
