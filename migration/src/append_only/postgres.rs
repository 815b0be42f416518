//! PostgreSQL: a trigger for each row that is changed, which upserts and MERGE run into as well, and one against TRUNCATE,
//! with CASCADE or without.

use super::{Protection, Refuses, Table};

/// A trigger's kind in bits, whether it is switched on, its condition and columns, and what its function does.
pub(super) const CATALOGUE: &str = "\
    SELECT CAST(t.tgname AS TEXT) AS name, \
    concat_ws(' ', t.tgtype, t.tgenabled, t.tgqual IS NULL, CAST(t.tgattr AS TEXT) = '', c.relname, p.prosrc) AS definition \
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid \
    WHERE NOT t.tgisinternal AND c.oid IN (to_regclass('audit_events'), to_regclass('audit_chain'), \
    to_regclass('audit_checkpoints'), to_regclass('erased_users'))";

const BODY: &str =
    " BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END ";

pub(super) const FORGET: &str = "DROP FUNCTION IF EXISTS refuse_change()";

// The bits of `pg_trigger.tgtype`.
const ROW: u16 = 1;
const BEFORE: u16 = 2;
const DELETE: u16 = 8;
const UPDATE: u16 = 16;
const TRUNCATE: u16 = 32;

pub(super) fn protections(table: &Table) -> [Protection; 2] {
    [
        trigger(table.name, Refuses::Change, "UPDATE OR DELETE", "ROW", ROW | BEFORE | UPDATE | DELETE),
        trigger(table.name, Refuses::Truncate, "TRUNCATE", "STATEMENT", BEFORE | TRUNCATE),
    ]
}

fn trigger(table: &'static str, refuses: Refuses, events: &str, each: &str, kind: u16) -> Protection {
    let name = format!("{table}_no_{}", if refuses == Refuses::Truncate { "truncate" } else { "change" });
    let made_by = vec![
        format!("CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $${BODY}$$"),
        format!(
            "CREATE OR REPLACE TRIGGER {name} BEFORE {events} ON {table} FOR EACH {each} EXECUTE FUNCTION refuse_change()"
        ),
        // Also in sessions that replicate.
        format!("ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}"),
    ];
    Protection { name, table, refuses, definition: format!("{kind} A t t {table} {BODY}"), made_by }
}
