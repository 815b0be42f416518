//! Tables whose rows are only ever added.

use domain::ports::StorageInspection;
use infra_postgres::{PostgresSettings, PostgresStorage};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use storage_contract::server::ServerDatabase;

use crate::server::Schema;

const ROWS: &str = "
    INSERT INTO audit_events (id, recorded_at, action, actor_type, target_type, target_id, fields, mac) VALUES
      ('00000000-0000-7000-8000-000000000001', now(), 'x', 'system', 'user', gen_random_uuid(), '', ''),
      ('00000000-0000-7000-8000-000000000002', now(), 'x', 'system', 'user', gen_random_uuid(), '', '');
    INSERT INTO audit_chain SELECT seq, id, '' FROM audit_events;
    INSERT INTO audit_checkpoints VALUES (2, '', now(), 'k', '');
    INSERT INTO erased_users VALUES (7, gen_random_uuid(), now());
    CREATE TABLE of_events (id UUID REFERENCES audit_events (id));
    CREATE TABLE of_chain (id BIGINT REFERENCES audit_chain (position));
    CREATE TABLE of_checkpoints (id BIGINT REFERENCES audit_checkpoints (position));
    CREATE TABLE of_erased (id BIGINT REFERENCES erased_users (id))";

/// The table, its key, a column, and a row that would take the place of one that is there.
const TABLES: [(&str, &str, &str, &str); 4] = [
    (
        "audit_events",
        "id",
        "mac",
        "(id, recorded_at, action, actor_type, target_type, target_id, fields, mac) VALUES \
         ('00000000-0000-7000-8000-000000000001', now(), 'y', 'system', 'user', gen_random_uuid(), '', '')",
    ),
    ("audit_chain", "position", "hash", "VALUES (1, gen_random_uuid(), '')"),
    ("audit_checkpoints", "position", "hash", "VALUES (2, '', now(), 'k', '')"),
    ("erased_users", "id", "erased_at", "VALUES (7, gen_random_uuid(), now())"),
];

pub(crate) async fn what_an_append_only_table_holds_is_not_changed_by_sql(schema: &Schema) {
    let db = db(&schema.migrated().await);
    db.execute_unprepared(ROWS).await.unwrap();
    for (table, key, column, row) in TABLES {
        let before = contents(&db, table).await;
        for change in [
            format!("UPDATE {table} SET {column} = {column}"),
            format!("UPDATE ONLY {table} SET {column} = {column} FROM guards"),
            format!("DELETE FROM {table}"),
            format!("DELETE FROM {table} USING guards"),
            format!("WITH gone AS (DELETE FROM {table} RETURNING *) SELECT * FROM gone"),
            format!("TRUNCATE ONLY {table}"),
            format!("TRUNCATE {table} CASCADE"),
            format!("TRUNCATE guards, {table} RESTART IDENTITY CASCADE"),
            format!("INSERT INTO {table} {row} ON CONFLICT ({key}) DO UPDATE SET {column} = excluded.{column}"),
            // As a session does that replicates. The two are one transaction.
            format!("SET session_replication_role = replica; DELETE FROM {table}"),
        ] {
            let error = db.execute_unprepared(&change).await.expect_err(&change).to_string();
            assert!(
                error.contains(&format!("{table} is append-only")) || error.contains("referenced in a foreign key"),
                "{change}: {error}"
            );
        }
        db.execute_unprepared(&format!("INSERT INTO {table} {row} ON CONFLICT DO NOTHING")).await.unwrap();
        assert_eq!(contents(&db, table).await, before, "{table}");
    }
}

pub(crate) async fn what_was_taken_away_or_altered_is_named_and_made_again(schema: &Schema) {
    let storage = schema.migrated().await;
    let db = db(&storage);
    let (tables, none) = (Schema::tables(&storage).await.unwrap(), Vec::<String>::new());
    assert_eq!(storage.missing_protections().await.unwrap(), none);
    for (statements, missing) in [
        (
            "DROP TRIGGER audit_chain_no_change ON audit_chain; \
             ALTER TABLE audit_events DISABLE TRIGGER audit_events_no_change; \
             ALTER TABLE erased_users ENABLE TRIGGER erased_users_no_truncate; \
             CREATE OR REPLACE TRIGGER audit_checkpoints_no_change BEFORE UPDATE OR DELETE ON audit_checkpoints \
             FOR EACH ROW WHEN (OLD.position > 9) EXECUTE FUNCTION refuse_change()",
            vec![
                "audit_events_no_change",
                "audit_chain_no_change",
                "audit_checkpoints_no_change",
                "erased_users_no_truncate",
            ],
        ),
        (
            "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'",
            vec![
                "audit_events_no_change",
                "audit_events_no_truncate",
                "audit_chain_no_change",
                "audit_chain_no_truncate",
                "audit_checkpoints_no_change",
                "audit_checkpoints_no_truncate",
                "erased_users_no_change",
                "erased_users_no_truncate",
            ],
        ),
    ] {
        db.execute_unprepared(statements).await.unwrap();
        assert_eq!(storage.missing_protections().await.unwrap(), missing);
        assert!(storage.migrate_up().await.unwrap().is_empty(), "no migration is pending");
        assert_eq!(storage.missing_protections().await.unwrap(), none);
        assert_eq!(Schema::tables(&storage).await.unwrap(), tables);
    }
}

pub(crate) async fn where_triggers_may_not_be_made_the_service_goes_on(schema: &Schema) {
    let storage = schema.migrated().await;
    let (admin, settings) = (db(&storage), schema.settings());
    let (before, database) = settings.url.rsplit_once('/').expect("a URL names a database");
    let (_, address) = before.rsplit_once('@').expect("a URL names a user");
    let role = format!(
        "DROP TRIGGER audit_chain_no_change ON audit_chain; REVOKE CREATE ON SCHEMA public FROM PUBLIC; \
         CREATE ROLE {database} LOGIN PASSWORD 'pw'; \
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {database}"
    );
    admin.execute_unprepared(&role).await.unwrap();
    let url = format!("postgres://{database}:pw@{address}/{database}");
    let limited = PostgresStorage::connect(&PostgresSettings { url, ..settings.clone() }).await.unwrap();
    let migrated = limited.migrate_up().await;
    let missing = limited.missing_protections().await;
    limited.close().await;
    admin.execute_unprepared(&format!("DROP OWNED BY {database}; DROP ROLE {database}")).await.unwrap();
    assert!(migrated.unwrap().is_empty(), "it goes on with what there is");
    assert_eq!(missing.unwrap(), ["audit_chain_no_change"]);
}

async fn contents(db: &DatabaseConnection, table: &str) -> String {
    let sql = format!("SELECT CAST(array_agg(t ORDER BY t) AS TEXT) AS rows FROM {table} t");
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    row.unwrap().try_get("", "rows").unwrap()
}

fn db(storage: &PostgresStorage) -> DatabaseConnection {
    storage.inner().pools().writer
}
