//! What PostgreSQL's errors mean.

use infra_seaorm::{Dialect, Fault};
use sea_orm::{DbErr, RuntimeErr, SqlxError, SqlxPostgresError, TransactionOptions};

/// PostgreSQL.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Postgres {
    /// When the process has never connected: a server that refuses it has other settings.
    AtStart,
    /// Later a server that refuses is being changed or set up again.
    Running,
}

impl Dialect for Postgres {
    fn fault(&self, error: &DbErr) -> Fault {
        match error {
            DbErr::ConnectionAcquire(_) => Fault::Unavailable,
            DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)) => {
                fault_of_driver(error)
            }
            DbErr::Conn(RuntimeErr::SqlxError(error)) => match (fault_of_driver(error), self) {
                (Fault::Other, Self::AtStart) => Fault::Other,
                // No statement was sent yet, so none was broken off.
                _ => Fault::Unavailable,
            },
            _ => Fault::Other,
        }
    }

    fn transaction(&self) -> TransactionOptions {
        // The isolation level is set once a connection: in here it would cost a round trip each time.
        TransactionOptions::default()
    }
}

fn fault_of_driver(error: &SqlxError) -> Fault {
    match error {
        SqlxError::Database(error) => error
            .try_downcast_ref::<SqlxPostgresError>()
            .map_or(Fault::Other, |error| fault(error.code(), error.constraint())),
        SqlxError::PoolTimedOut | SqlxError::PoolClosed | SqlxError::WorkerCrashed => Fault::Unavailable,
        SqlxError::Io(_) | SqlxError::Protocol(_) | SqlxError::Tls(_) => Fault::Interrupted,
        _ => Fault::Other,
    }
}

/// By SQLSTATE; see the appendix "PostgreSQL Error Codes" of its manual.
fn fault(code: &str, constraint: Option<&str>) -> Fault {
    match code {
        // unique_violation
        "23505" => constraint.map_or(Fault::Other, |index| Fault::Unique(index.to_owned())),
        // serialization_failure; deadlock_detected; lock_not_available (lock_timeout)
        "40001" | "40P01" | "55P03" => Fault::Retry,
        // admin_shutdown, crash_shutdown; idle_session_timeout, idle_in_transaction_session_timeout: what is said to
        // whoever uses a connection next that the server has ended
        "57P01" | "57P02" | "57P05" | "25P03" => Fault::Interrupted,
        // query_canceled (statement_timeout); cannot_connect_now; read_only_sql_transaction (a standby);
        // undefined_table, before the migrations
        "57014" | "57P03" | "25006" | "42P01" => Fault::Unavailable,
        // Connections, and no room: disk, memory, too_many_connections.
        _ if code.starts_with("08") || code.starts_with("53") => Fault::Unavailable,
        _ => Fault::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_constraint_is_what_the_server_says() {
        assert_eq!(fault("23505", Some("uq_users_email_key")), Fault::Unique("uq_users_email_key".to_owned()));
        assert_eq!(fault("23505", None), Fault::Other);
    }

    #[test]
    fn lost_races_are_tried_again_and_a_broken_conversation_is_not() {
        for code in ["40001", "40P01", "55P03"] {
            assert_eq!(fault(code, None), Fault::Retry, "{code}");
        }
        let broken = SqlxError::Io(std::io::Error::from(std::io::ErrorKind::ConnectionReset));
        assert_eq!(fault_of_driver(&broken), Fault::Interrupted);
    }

    #[test]
    fn a_server_without_room_takes_no_work() {
        for code in ["53100", "53200", "53300", "57P03", "57014", "25006", "08006"] {
            assert_eq!(fault(code, None), Fault::Unavailable, "{code}");
        }
    }

    #[test]
    fn a_statement_that_is_wrong_is_our_failure() {
        for code in ["42703", "22001", "23514", "28P01", "3D000"] {
            assert_eq!(fault(code, None), Fault::Other, "{code}");
        }
    }

    #[test]
    fn a_connection_that_was_never_made_broke_nothing_off() {
        let unreachable = || SqlxError::Io(std::io::Error::from(std::io::ErrorKind::HostUnreachable));
        for error in [unreachable(), SqlxError::Protocol(String::new()), SqlxError::Tls("no".into())] {
            let error = DbErr::Conn(RuntimeErr::SqlxError(error.into()));
            assert_eq!(Postgres::AtStart.fault(&error), Fault::Unavailable);
            assert_eq!(Postgres::Running.fault(&error), Fault::Unavailable);
        }
        let sent = DbErr::Query(RuntimeErr::SqlxError(unreachable().into()));
        assert_eq!(Postgres::Running.fault(&sent), Fault::Interrupted);
    }
}
