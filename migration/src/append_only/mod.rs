//! Tables whose rows are only ever added: what the database refuses, so that not even plain SQL changes them.
//!
//! What refuses is looked for in the database's catalogue, and what is missing or was altered is made again at the end of
//! each [`up`](crate::up), whether or not a migration was pending: a server that forbade it yesterday may allow it today.
//! [`missing`] tells it to others.
//!
//! It is a fence and not a wall: whoever may drop a trigger may change the rows. The chain shows that they did.

mod mysql;
mod postgres;
mod sqlite;
mod trial;

use sea_orm_migration::SchemaManager;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, TransactionTrait};

use crate::faults::{Refusal, refusal};

/// An append-only table.
struct Table {
    name: &'static str,
    /// Its primary key, and that column's type on MySQL.
    key: (&'static str, &'static str),
    /// What a new row could take the place of an old one by, on SQLite.
    unique: &'static [&'static str],
}

const TABLES: [Table; 4] = [
    Table { name: "audit_events", key: ("id", "BINARY(16)"), unique: &["id", "rowid"] },
    Table { name: "audit_chain", key: ("position", "BIGINT"), unique: &["position", "event_id"] },
    Table { name: "audit_checkpoints", key: ("position", "BIGINT"), unique: &["position"] },
    Table { name: "erased_users", key: ("id", "BIGINT"), unique: &["id", "uuid"] },
];

/// One thing that refuses to change a table.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Protection {
    name: String,
    table: &'static str,
    refuses: Refuses,
    /// As the catalogue tells it.
    definition: String,
    /// What makes it, also where another of this name stands in the way.
    made_by: Vec<String>,
}

/// What is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refuses {
    Update,
    Delete,
    Truncate,
    Replace,
    /// UPDATE and DELETE.
    Change,
}

/// The triggers and constraints that should refuse to change append-only tables and that are missing, switched off, or
/// other than they should be, by name.
///
/// MySQL shows triggers only to those who may change them, and MariaDB to all others their names. For these it is tried, in
/// a transaction that is given up.
///
/// # Errors
///
/// [`DbErr`] if the database failed.
pub async fn missing<C: ConnectionTrait + TransactionTrait>(db: &C) -> Result<Vec<String>, DbErr> {
    let missing = lacking(db).await?;
    Ok(missing.into_iter().map(|protection| protection.name).collect())
}

/// Makes what is missing, and returns its names. Where the server or the privileges forbid it, says so and goes on.
///
/// # Errors
///
/// [`DbErr`] if the database failed, and on PostgreSQL, whose transaction ends with the first error, if it was forbidden.
pub(crate) async fn protect<C: ConnectionTrait + TransactionTrait>(db: &C) -> Result<Vec<String>, DbErr> {
    let missing = lacking(db).await?;
    let (mut made, mut forbidden) = (Vec::new(), Vec::new());
    let mut reason = None;
    for protection in missing {
        match make(db, &protection).await {
            Ok(()) => made.push(protection.name),
            Err(error) if db.get_database_backend() == DbBackend::MySql && is_forbidden(&error) => {
                forbidden.push(protection.name);
                reason = Some(error);
            }
            Err(error) => return Err(error),
        }
    }
    if let Some(reason) = reason {
        warn(&forbidden, &reason);
    }
    Ok(made)
}

/// Says what is missing, and why; what that means, and what to do, [`missing`] lets others say.
pub(crate) fn warn(missing: &[String], reason: &DbErr) {
    tracing::warn!(error = %reason, "what protects the audit trail could not be made: {}", missing.join(", "));
}

/// Whether it was not the statement, but who asked.
pub(crate) fn is_forbidden(error: &DbErr) -> bool {
    matches!(refusal(error), Some(Refusal::Denied | Refusal::NoTriggers))
}

/// Takes away what keeps the table from being dropped.
pub(crate) async fn unpin(manager: &SchemaManager<'_>, table: &str) -> Result<(), DbErr> {
    if manager.get_database_backend() == DbBackend::MySql {
        manager.get_connection().execute_unprepared(&mysql::unpin(table)).await?;
    }
    Ok(())
}

/// Takes away what the triggers of all tables share, after the last of these.
pub(crate) async fn forget(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    if manager.get_database_backend() == DbBackend::Postgres {
        manager.get_connection().execute_unprepared(postgres::FORGET).await?;
    }
    Ok(())
}

async fn make<C: ConnectionTrait>(db: &C, protection: &Protection) -> Result<(), DbErr> {
    for statement in &protection.made_by {
        db.execute_unprepared(statement).await?;
    }
    Ok(())
}

async fn lacking<C: ConnectionTrait + TransactionTrait>(db: &C) -> Result<Vec<Protection>, DbErr> {
    let backend = db.get_database_backend();
    let (catalogue, wanted) = match backend {
        DbBackend::MySql => (mysql::CATALOGUE, TABLES.iter().flat_map(mysql::protections).collect::<Vec<_>>()),
        DbBackend::Postgres => (postgres::CATALOGUE, TABLES.iter().flat_map(postgres::protections).collect()),
        _ => (sqlite::CATALOGUE, TABLES.iter().flat_map(sqlite::protections).collect()),
    };
    let mut there = Vec::new();
    for row in db.query_all_raw(Statement::from_string(backend, catalogue)).await? {
        there.push((row.try_get::<String>("", "name")?, row.try_get::<Option<String>>("", "definition")?));
    }
    let mut lacking = Vec::new();
    for wanted in wanted {
        let found = there.iter().find(|(name, _)| *name == wanted.name);
        let is_there = match found.and_then(|(_, definition)| definition.as_ref()) {
            Some(definition) => *definition == wanted.definition,
            None => backend == DbBackend::MySql && trial::is_refused(db, &wanted).await?,
        };
        if !is_there {
            lacking.push(wanted);
        }
    }
    Ok(lacking)
}
