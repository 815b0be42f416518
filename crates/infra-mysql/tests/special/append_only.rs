//! Tables whose rows are only ever added.

use domain::ports::{SchemaState, StorageInspection, StorageProbe};
use infra_mysql::{MySqlSettings, MySqlStorage};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use storage_contract::server::ServerDatabase;

use crate::server::Schema;

const ROWS: [&str; 4] = [
    "INSERT INTO audit_events (id, recorded_at, action, actor_type, target_type, target_id, fields, mac) VALUES \
     (REPEAT('a', 16), NOW(6), 'x', 'system', 'user', REPEAT('t', 16), '', REPEAT('m', 32)), \
     (REPEAT('b', 16), NOW(6), 'x', 'system', 'user', REPEAT('t', 16), '', REPEAT('m', 32))",
    "INSERT INTO audit_chain VALUES (1, REPEAT('a', 16), REPEAT('h', 32)), (2, REPEAT('b', 16), REPEAT('h', 32))",
    "INSERT INTO audit_checkpoints VALUES (2, REPEAT('h', 32), NOW(6), 'k', REPEAT('s', 64))",
    "INSERT INTO erased_users VALUES (7, REPEAT('u', 16), NOW(6))",
];

/// The table, a column, and a row that would take the place of one that is there.
const TABLES: [(&str, &str, &str); 4] = [
    (
        "audit_events",
        "action",
        "(id, recorded_at, action, actor_type, target_type, target_id, fields, mac) VALUES \
         (REPEAT('a', 16), NOW(6), 'y', 'system', 'user', REPEAT('t', 16), '', REPEAT('m', 32))",
    ),
    ("audit_chain", "hash", "VALUES (3, REPEAT('a', 16), REPEAT('0', 32))"),
    ("audit_checkpoints", "hash", "VALUES (2, REPEAT('0', 32), NOW(6), 'k', REPEAT('s', 64))"),
    ("erased_users", "uuid", "VALUES (7, REPEAT('0', 16), NOW(6))"),
];

pub(crate) async fn what_an_append_only_table_holds_is_not_changed_by_sql(schema: &Schema) {
    let db = db(&schema.migrated().await);
    fill(&db).await;
    for (table, column, row) in TABLES {
        let before = contents(&db, table).await;
        let other = format!("SET {column} = REVERSE({column})");
        for change in [
            format!("UPDATE {table} {other}"),
            format!("UPDATE IGNORE {table} {other}"),
            format!("UPDATE {table} JOIN guards ON TRUE {other}"),
            format!("UPDATE {table} {other} ORDER BY {column} LIMIT 1"),
            format!("DELETE FROM {table}"),
            format!("DELETE IGNORE FROM {table} LIMIT 1"),
            format!("DELETE {table} FROM {table} JOIN guards ON TRUE"),
            format!("TRUNCATE {table}"),
            format!("DROP TABLE {table}"),
            format!("REPLACE INTO {table} {row}"),
            format!("INSERT INTO {table} {row} ON DUPLICATE KEY UPDATE {column} = VALUES({column})"),
        ] {
            let error = db.execute_unprepared(&change).await.expect_err(&change).to_string();
            let expected = if change.starts_with("TRUNCATE") || change.starts_with("DROP") {
                "foreign key constraint"
            } else {
                "is append-only"
            };
            assert!(error.contains(expected), "{change}: {error}");
        }
        db.execute_unprepared(&format!("INSERT IGNORE INTO {table} {row}")).await.unwrap();
        assert_eq!(contents(&db, table).await, before, "{table}");
    }
}

pub(crate) async fn what_was_taken_away_or_altered_is_named_and_made_again(schema: &Schema) {
    let storage = schema.migrated().await;
    let db = db(&storage);
    fill(&db).await;
    let (tables, none) = (Schema::tables(&storage).await.unwrap(), Vec::<String>::new());
    assert_eq!(storage.missing_protections().await.unwrap(), none);
    for statement in [
        "DROP TRIGGER audit_chain_no_delete",
        "DROP TRIGGER audit_events_no_update",
        // It refuses, but not everything.
        "CREATE TRIGGER audit_events_no_update BEFORE UPDATE ON audit_events FOR EACH ROW \
         IF NEW.action = OLD.action THEN SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = 1644, MESSAGE_TEXT = 'x'; END IF",
        "DROP TABLE erased_users_pin",
    ] {
        db.execute_unprepared(statement).await.unwrap();
    }
    let missing = ["audit_events_no_update", "audit_chain_no_delete", "fk_erased_users_pin"];
    assert_eq!(storage.missing_protections().await.unwrap(), missing);
    assert!(storage.migrate_up().await.unwrap().is_empty(), "no migration is pending");
    assert_eq!(storage.missing_protections().await.unwrap(), none);
    assert_eq!(Schema::tables(&storage).await.unwrap(), tables);
}

pub(crate) async fn a_user_to_whom_no_trigger_is_shown_finds_out_by_trying(schema: &Schema) {
    let storage = schema.migrated().await;
    let limited = User::new(schema, "SELECT, INSERT, UPDATE, DELETE").await;
    let none = Vec::<String>::new();
    let seen = limited.storage.missing_protections().await.unwrap();
    db(&storage).execute_unprepared("DROP TRIGGER audit_chain_no_update").await.unwrap();
    db(&storage).execute_unprepared("DROP TRIGGER erased_users_no_delete").await.unwrap();
    let missed = limited.storage.missing_protections().await.unwrap();
    let migrated = limited.storage.migrate_up().await;
    let still_missed = limited.storage.missing_protections().await.unwrap();
    storage.migrate_up().await.unwrap();
    let in_the_end = limited.storage.missing_protections().await.unwrap();
    limited.drop(schema).await;
    assert_eq!(seen, none);
    assert_eq!(missed, ["audit_chain_no_update", "erased_users_no_delete"]);
    assert!(migrated.unwrap().is_empty(), "it goes on with what there is");
    assert_eq!((still_missed, in_the_end), (missed, none));
    for (table, ..) in TABLES {
        assert_eq!(count(&db(&storage), table).await, 0, "nothing is left of the trials in {table}");
    }
}

pub(crate) async fn where_triggers_are_forbidden_all_else_is_made_and_they_follow_when_they_are_allowed(
    schema: &Schema,
) {
    let admin = db(&schema.connect().await);
    let user = User::new(schema, "ALL PRIVILEGES").await;
    let settings = "SELECT @@log_bin AND NOT @@log_bin_trust_function_creators AS n";
    let is_forbidden = number(&admin, settings).await == 1;
    let applied = user.storage.migrate_up().await;
    let state = user.storage.probe().await;
    let missing = user.storage.missing_protections().await;
    let again = user.storage.migrate_up().await;
    if is_forbidden {
        admin.execute_unprepared("SET GLOBAL log_bin_trust_function_creators = 1").await.unwrap();
    }
    let mended = user.storage.migrate_up().await;
    let in_the_end = user.storage.missing_protections().await;
    if is_forbidden {
        admin.execute_unprepared("SET GLOBAL log_bin_trust_function_creators = 0").await.unwrap();
    }
    user.drop(schema).await;
    assert!(!applied.unwrap().is_empty());
    assert_eq!(state.unwrap(), SchemaState::Current);
    assert!(again.unwrap().is_empty() && mended.unwrap().is_empty());
    let expected: Vec<_> =
        TABLES.iter().flat_map(|(table, ..)| ["update", "delete"].map(|event| format!("{table}_no_{event}"))).collect();
    assert_eq!(missing.unwrap(), if is_forbidden { expected } else { Vec::new() });
    assert_eq!(in_the_end.unwrap(), Vec::<String>::new());
}

/// A user of the server with some privileges on one database, and what it sees there.
struct User {
    storage: MySqlStorage,
}

impl User {
    async fn new(schema: &Schema, privileges: &str) -> Self {
        let admin = db(&schema.connect().await);
        let name = &schema.name;
        admin.execute_unprepared(&format!("CREATE USER {name}@'%' IDENTIFIED BY 'pw'")).await.unwrap();
        admin.execute_unprepared(&format!("GRANT {privileges} ON {name}.* TO {name}@'%'")).await.unwrap();
        let url = format!("mysql://{name}:pw@{}/{name}", schema.address());
        Self { storage: MySqlStorage::connect(&MySqlSettings { url, ..schema.settings() }).await.unwrap() }
    }

    async fn drop(&self, schema: &Schema) {
        let admin = db(&schema.connect().await);
        admin.execute_unprepared(&format!("DROP USER {}@'%'", schema.name)).await.unwrap();
    }
}

async fn fill(db: &DatabaseConnection) {
    for rows in ROWS {
        db.execute_unprepared(rows).await.unwrap();
    }
}

async fn number(db: &DatabaseConnection, sql: &str) -> i64 {
    let sql = format!("SELECT CAST(n AS SIGNED) AS n FROM ({sql}) AS asked");
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    row.unwrap().try_get("", "n").unwrap()
}

async fn count(db: &DatabaseConnection, table: &str) -> i64 {
    number(db, &format!("SELECT COUNT(*) AS n FROM {table}")).await
}

async fn contents(db: &DatabaseConnection, table: &str) -> String {
    let sql = format!("CHECKSUM TABLE {table}");
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap().unwrap();
    format!("{} rows, {:?}", count(db, table).await, row.try_get::<Option<i64>>("", "Checksum"))
}

fn db(storage: &MySqlStorage) -> DatabaseConnection {
    storage.inner().pools().writer
}
