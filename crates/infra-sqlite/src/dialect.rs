//! What SQLite's errors mean.

use infra_seaorm::{Dialect, Fault};
use sea_orm::sqlx::error::DatabaseError;
use sea_orm::{DbErr, RuntimeErr, SqliteTransactionMode, SqlxError, TransactionOptions};

/// SQLite.
pub(crate) struct Sqlite;

impl Dialect for Sqlite {
    fn fault(&self, error: &DbErr) -> Fault {
        match error {
            DbErr::ConnectionAcquire(_) => Fault::Unavailable,
            DbErr::Exec(RuntimeErr::SqlxError(error))
            | DbErr::Query(RuntimeErr::SqlxError(error))
            | DbErr::Conn(RuntimeErr::SqlxError(error)) => fault_of_driver(error),
            _ => Fault::Other,
        }
    }

    fn transaction(&self) -> TransactionOptions {
        // A transaction that becomes a writer later fails at once, however long it would wait.
        TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..Default::default() }
    }
}

fn fault_of_driver(error: &SqlxError) -> Fault {
    match error {
        SqlxError::Database(error) => fault_of_sqlite(&**error),
        SqlxError::PoolTimedOut | SqlxError::PoolClosed | SqlxError::WorkerCrashed => Fault::Unavailable,
        SqlxError::Io(_) => Fault::Interrupted,
        _ => Fault::Other,
    }
}

/// By result code, <https://sqlite.org/rescode.html>; the lowest byte is the primary one.
fn fault_of_sqlite(error: &dyn DatabaseError) -> Fault {
    let Some(code) = error.code().and_then(|code| code.parse::<i32>().ok()) else {
        return Fault::Other;
    };
    match (code, code & 0xff) {
        // SQLITE_CONSTRAINT_UNIQUE, SQLITE_CONSTRAINT_PRIMARYKEY
        (2067 | 1555, _) => index_of(error.message()).map_or(Fault::Other, Fault::Unique),
        // SQLITE_CONSTRAINT_TRIGGER: on append-only tables a trigger says so before the index would
        (1811, _) if error.message().starts_with("UNIQUE constraint failed: ") => {
            index_of(error.message()).map_or(Fault::Other, Fault::Unique)
        }
        // SQLITE_BUSY, SQLITE_LOCKED
        (_, 5 | 6) => Fault::Retry,
        // SQLITE_IOERR
        (_, 10) => Fault::Interrupted,
        // SQLITE_READONLY, SQLITE_FULL, SQLITE_CANTOPEN
        (_, 8 | 13 | 14) => Fault::Unavailable,
        // SQLITE_ERROR before the migrations
        (1, _) if error.message().starts_with("no such table: ") => Fault::Unavailable,
        _ => Fault::Other,
    }
}

/// SQLite tells the columns (`UNIQUE constraint failed: users.email_key`), of which our indexes have their names.
fn index_of(message: &str) -> Option<String> {
    let (_, column) = message.rsplit_once(": ")?;
    Some(format!("uq_{}", column.replace('.', "_")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_name_the_index() {
        let index = index_of("UNIQUE constraint failed: users.email_key");
        assert_eq!(index.as_deref(), Some("uq_users_email_key"));
    }

    #[test]
    fn a_pool_without_connections_is_unavailable() {
        let error = DbErr::Conn(RuntimeErr::SqlxError(SqlxError::PoolTimedOut.into()));
        assert_eq!(Sqlite.fault(&error), Fault::Unavailable);
    }
}
