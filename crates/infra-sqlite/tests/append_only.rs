//! Tables whose rows are only ever added.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use domain::ports::StorageInspection;
use infra_sqlite::{SqliteSettings, SqliteStorage};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use tempfile::TempDir;

const ROWS: &str = "
    INSERT INTO audit_events (id, recorded_at, action, actor_type, target_type, target_id, fields, mac) VALUES
      (x'a1', '1', 'x', 'system', 'user', x'b1', '', x'00'), (x'a2', '1', 'x', 'system', 'user', x'b1', '', x'00');
    INSERT INTO audit_chain VALUES (1, x'a1', x'00'), (2, x'a2', x'00');
    INSERT INTO audit_checkpoints VALUES (2, x'00', '1', 'k', x'00');
    INSERT INTO erased_users VALUES (7, x'c1', '1');";

const EVENT: &str = "recorded_at, action, actor_type, target_type, target_id, fields, mac) VALUES";

/// The table, a column, and rows that would take the place of one that is there, with what they have in common with it.
type Table = (&'static str, &'static str, Vec<(&'static str, String)>);

fn tables() -> [Table; 4] {
    let event = |columns: &str, values: &str| {
        format!("({columns}, {EVENT} ({values}, '2', 'y', 'system', 'user', x'b1', '', x'00')")
    };
    let row = |values: &str| format!("VALUES ({values})");
    [
        (
            "audit_events",
            "action",
            vec![
                ("id", event("id", "x'a1'")),
                ("rowid", event("rowid, id", "1, x'a9'")),
                ("rowid", event("oid, id", "2, x'a9'")),
                ("id", event("_rowid_, id", "9, x'a2'")),
            ],
        ),
        ("audit_chain", "hash", vec![("position", row("1, x'a9', x'11'")), ("event_id", row("3, x'a1', x'11'"))]),
        ("audit_checkpoints", "hash", vec![("position", row("2, x'11', '2', 'k', x'00'"))]),
        ("erased_users", "erased_at", vec![("id", row("7, x'c9', '2'")), ("uuid", row("8, x'c1', '2'"))]),
    ]
}

async fn open(folder: &TempDir) -> SqliteStorage {
    let url = format!("sqlite://{}/usermgmt.db?mode=rwc", folder.path().display());
    let settings = SqliteSettings { url, pool_size: 2, acquire_timeout: Duration::from_secs(2) };
    SqliteStorage::connect(&settings).await.unwrap()
}

#[tokio::test]
async fn what_an_append_only_table_holds_is_not_changed_by_sql() {
    let folder = TempDir::new().unwrap();
    let storage = open(&folder).await;
    storage.migrate_up().await.unwrap();
    let db = storage.inner().pools().writer;
    db.execute_unprepared(ROWS).await.unwrap();
    for recursive in ["ON", "OFF"] {
        db.execute_unprepared(&format!("PRAGMA recursive_triggers = {recursive}")).await.unwrap();
        for (table, column, rows) in tables() {
            let before = contents(&db, table).await;
            let other = format!("SET {column} = x'99'");
            for change in [
                format!("UPDATE {table} {other}"),
                format!("UPDATE OR IGNORE {table} {other}"),
                format!("UPDATE OR REPLACE {table} SET rowid = rowid + 1"),
                format!("UPDATE {table} {other} FROM guards"),
                format!("DELETE FROM {table}"),
                format!("DELETE FROM {table} WHERE rowid = (SELECT MAX(rowid) FROM {table})"),
            ] {
                refused(&db, &change, &format!("{table} is append-only")).await;
            }
            for (same, row) in rows {
                let expected = format!("UNIQUE constraint failed: {table}.{same}");
                for verb in ["REPLACE", "INSERT OR REPLACE", "INSERT OR IGNORE", "INSERT OR FAIL", "INSERT"] {
                    refused(&db, &format!("{verb} INTO {table} {row}"), &expected).await;
                }
                let upsert = format!("INSERT INTO {table} {row} ON CONFLICT DO UPDATE SET {column} = x'99'");
                refused(&db, &upsert, &expected).await;
            }
            assert_eq!(contents(&db, table).await, before, "{table}");
        }
    }
}

#[tokio::test]
async fn many_rows_of_one_statement_are_added() {
    let folder = TempDir::new().unwrap();
    let storage = open(&folder).await;
    storage.migrate_up().await.unwrap();
    let db = storage.inner().pools().writer;
    let numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)";
    let events = format!(
        "{numbers} INSERT INTO audit_events (id, {} SELECT i, '1', 'x', 'system', 'user', x'b1', '', x'00' FROM n",
        EVENT.replace(" VALUES", "")
    );
    assert_eq!(db.execute_unprepared(&events).await.unwrap().rows_affected(), 1000);
    let twice = format!("{numbers} INSERT INTO audit_chain SELECT 1, i, x'00' FROM n");
    refused(&db, &twice, "UNIQUE constraint failed: audit_chain.position").await;
    assert_eq!(contents(&db, "audit_chain").await, Vec::<i64>::new());
}

#[tokio::test]
async fn what_was_taken_away_or_altered_is_named_and_made_again() {
    let folder = TempDir::new().unwrap();
    let storage = open(&folder).await;
    storage.migrate_up().await.unwrap();
    let db = storage.inner().pools().writer;
    let (made, none) = (triggers(&db).await, Vec::<String>::new());
    assert_eq!((made.len(), storage.missing_protections().await.unwrap()), (15, none.clone()));
    let change = "DROP TRIGGER audit_chain_no_delete; DROP TRIGGER erased_users_no_replace; \
                  DROP TRIGGER audit_events_no_update; \
                  CREATE TRIGGER audit_events_no_update BEFORE UPDATE ON audit_events WHEN OLD.action = 'x' \
                  BEGIN SELECT RAISE(ABORT, 'audit_events is append-only'); END;";
    db.execute_unprepared(change).await.unwrap();
    let missing = ["audit_events_no_update", "audit_chain_no_delete", "erased_users_no_replace"];
    assert_eq!(storage.missing_protections().await.unwrap(), missing);
    assert!(storage.migrate_up().await.unwrap().is_empty(), "no migration is pending");
    assert_eq!((triggers(&db).await, storage.missing_protections().await.unwrap()), (made, none));
}

#[tokio::test]
async fn down_and_up_again_leads_to_the_same_triggers() {
    let folder = TempDir::new().unwrap();
    let storage = open(&folder).await;
    let applied = storage.migrate_up().await.unwrap();
    let db = storage.inner().pools().writer;
    db.execute_unprepared(ROWS).await.unwrap();
    let made = triggers(&db).await;
    for steps in 1..=applied.len() {
        storage.migrate_down(Some(u32::try_from(steps).unwrap())).await.unwrap();
        assert_eq!(storage.migrate_up().await.unwrap(), applied[applied.len() - steps..]);
        assert_eq!(triggers(&db).await, made, "after {steps} steps down and up");
    }
}

async fn refused(db: &DatabaseConnection, change: &str, expected: &str) {
    let error = db.execute_unprepared(change).await.expect_err(change).to_string();
    assert!(error.contains(expected), "{change}: {error}");
}

/// A number for each row that tells it from others.
async fn contents(db: &DatabaseConnection, table: &str) -> Vec<i64> {
    let column = tables().iter().find(|(name, ..)| *name == table).unwrap().1;
    numbers(db, &format!("SELECT rowid * 1000 + length({column}) + unicode(hex({column})) AS n FROM {table}")).await
}

async fn triggers(db: &DatabaseConnection) -> Vec<String> {
    let ask = "SELECT sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name";
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), ask)).await.unwrap();
    rows.iter().map(|row| row.try_get("", "sql").unwrap()).collect()
}

async fn numbers(db: &DatabaseConnection, sql: &str) -> Vec<i64> {
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| row.try_get("", "n").unwrap()).collect()
}
