//! SQLite: a trigger each against UPDATE, against DELETE, and against rows that take the place of others, for which no
//! delete trigger fires.

use std::fmt::Write as _;

use super::{Protection, Refuses, Table};

pub(super) const CATALOGUE: &str = "SELECT name, sql AS definition FROM sqlite_master WHERE type = 'trigger'";

pub(super) fn protections(table: &Table) -> [Protection; 3] {
    let refuse = format!("SELECT RAISE(ABORT, '{} is append-only');", table.name);
    [
        trigger(table.name, Refuses::Update, "update", &format!("BEFORE UPDATE ON {} BEGIN {refuse} END", table.name)),
        trigger(table.name, Refuses::Delete, "delete", &format!("BEFORE DELETE ON {} BEGIN {refuse} END", table.name)),
        trigger(table.name, Refuses::Replace, "replace", &no_replace(table)),
    ]
}

/// Refuses what the unique indexes would, before OR REPLACE and upserts get to them, and says what these say.
fn no_replace(table: &Table) -> String {
    let mut sql = format!("BEFORE INSERT ON {} BEGIN", table.name);
    for column in table.unique {
        // A row's number that was not given is below zero here.
        let is_given = if *column == "rowid" { "NEW.rowid > 0 AND " } else { "" };
        let _ = write!(
            sql,
            " SELECT RAISE(ABORT, 'UNIQUE constraint failed: {table}.{column}') \
             WHERE {is_given}EXISTS (SELECT 1 FROM {table} WHERE {column} = NEW.{column});",
            table = table.name
        );
    }
    sql + " END"
}

fn trigger(table: &'static str, refuses: Refuses, event: &str, body: &str) -> Protection {
    let name = format!("{table}_no_{event}");
    let definition = format!("CREATE TRIGGER {name} {body}");
    let made_by = vec![format!("DROP TRIGGER IF EXISTS {name}"), definition.clone()];
    Protection { name, table, refuses, definition, made_by }
}
