//! MySQL, MariaDB and Galera: a trigger each against UPDATE and DELETE, which REPLACE and upserts run into as well, and a
//! foreign key against TRUNCATE, which passes triggers by.

use super::{Protection, Refuses, Table};

/// Triggers are shown to those who may change them, foreign keys to everybody who may do anything with the table.
pub(super) const CATALOGUE: &str = "\
    SELECT CAST(TRIGGER_NAME AS CHAR) AS name, \
    CAST(CONCAT(ACTION_TIMING, ' ', EVENT_MANIPULATION, ' ON ', EVENT_OBJECT_TABLE, ' FOR EACH ROW ', ACTION_STATEMENT) AS CHAR) \
    AS definition FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE() \
    UNION ALL \
    SELECT CAST(CONSTRAINT_NAME AS CHAR), CAST(CONCAT(TABLE_NAME, ' TO ', REFERENCED_TABLE_NAME) AS CHAR) \
    FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = DATABASE()";

pub(super) fn protections(table: &Table) -> [Protection; 3] {
    [trigger(table.name, Refuses::Update, "update"), trigger(table.name, Refuses::Delete, "delete"), pin(table)]
}

fn trigger(table: &'static str, refuses: Refuses, event: &str) -> Protection {
    let name = format!("{table}_no_{event}");
    let definition = format!(
        "BEFORE {} ON {table} FOR EACH ROW \
         SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = 1644, MESSAGE_TEXT = '{table} is append-only'",
        event.to_uppercase()
    );
    let made_by = vec![format!("DROP TRIGGER IF EXISTS {name}"), format!("CREATE TRIGGER {name} {definition}")];
    Protection { name, table, refuses, definition, made_by }
}

/// A table without rows that could refer to this one stops TRUNCATE, and DROP TABLE too.
fn pin(table: &Table) -> Protection {
    let Table { name: table, key: (key, kind), .. } = table;
    let name = format!("fk_{table}_pin");
    let create = format!(
        "CREATE TABLE {table}_pin ({key} {kind} NULL, \
         CONSTRAINT {name} FOREIGN KEY ({key}) REFERENCES {table} ({key})) ENGINE = InnoDB"
    );
    let definition = format!("{table}_pin TO {table}");
    Protection { name, table, refuses: Refuses::Truncate, definition, made_by: vec![unpin(table), create] }
}

pub(super) fn unpin(table: &str) -> String {
    format!("DROP TABLE IF EXISTS {table}_pin")
}
