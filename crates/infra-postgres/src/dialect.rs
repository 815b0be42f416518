//! What PostgreSQL's errors mean.

use infra_seaorm::Fault;
use sea_orm::{SqlxError, SqlxPostgresError};

infra_seaorm::server_dialect! {
    /// PostgreSQL.
    Postgres, statement: fault_of_statement, connection: fault_of_driver
}

fn fault_of_statement(error: &SqlxError) -> Fault {
    match fault_of_driver(error) {
        // Of a table; to whom the database itself is closed, a connection says so.
        Fault::Other if is_denied(error) => Fault::Unavailable,
        fault => fault,
    }
}

fn fault_of_driver(error: &SqlxError) -> Fault {
    match error {
        SqlxError::Database(error) => error
            .try_downcast_ref::<SqlxPostgresError>()
            .map_or(Fault::Other, |error| fault(error.code(), error.constraint(), error.message())),
        SqlxError::PoolTimedOut | SqlxError::PoolClosed | SqlxError::WorkerCrashed => Fault::Unavailable,
        SqlxError::Io(_) | SqlxError::Protocol(_) | SqlxError::Tls(_) => Fault::Interrupted,
        _ => Fault::Other,
    }
}

/// By SQLSTATE; see the appendix "PostgreSQL Error Codes" of its manual.
fn fault(code: &str, constraint: Option<&str>, message: &str) -> Fault {
    match code {
        // feature_not_supported, of which this is the one that a prepared statement meets after an ALTER TABLE
        "0A000" if message.contains("cached plan") => Fault::Outdated,
        // unique_violation
        "23505" => constraint.map_or(Fault::Other, |index| Fault::Unique(index.to_owned())),
        // serialization_failure; deadlock_detected; lock_not_available (lock_timeout)
        "40001" | "40P01" | "55P03" => Fault::Retry,
        // admin_shutdown, crash_shutdown, database_dropped; idle_session_timeout, idle_in_transaction_session_timeout,
        // transaction_timeout: what is said to whoever uses a connection next that the server has ended
        "57P01" | "57P02" | "57P04" | "57P05" | "25P03" | "25P04" => Fault::Interrupted,
        // query_canceled (statement_timeout); cannot_connect_now; read_only_sql_transaction (a standby);
        // undefined_table, before the migrations; io_error
        "57014" | "57P03" | "25006" | "42P01" | "58030" => Fault::Unavailable,
        // protocol_violation: a pooler that does not know a parameter. No waiting helps.
        "08P01" => Fault::Other,
        // Connections, and no room: disk, memory, too_many_connections.
        _ if code.starts_with("08") || code.starts_with("53") => Fault::Unavailable,
        _ => Fault::Other,
    }
}

/// `insufficient_privilege`
fn is_denied(error: &SqlxError) -> bool {
    error.as_database_error().is_some_and(|error| error.code().as_deref() == Some("42501"))
}

#[cfg(test)]
mod tests {
    use infra_seaorm::Dialect as _;
    use sea_orm::{DbErr, RuntimeErr};

    use super::*;

    #[test]
    fn the_constraint_is_what_the_server_says() {
        assert_eq!(fault("23505", Some("uq_users_email_key"), ""), Fault::Unique("uq_users_email_key".to_owned()));
        assert_eq!(fault("23505", None, ""), Fault::Other);
    }

    #[test]
    fn lost_races_are_tried_again_and_a_broken_conversation_is_not() {
        for code in ["40001", "40P01", "55P03"] {
            assert_eq!(fault(code, None, ""), Fault::Retry, "{code}");
        }
        let broken = SqlxError::Io(std::io::Error::from(std::io::ErrorKind::ConnectionReset));
        assert_eq!(fault_of_driver(&broken), Fault::Interrupted);
    }

    #[test]
    fn a_connection_that_the_server_has_ended_broke_the_conversation_off() {
        for code in ["57P01", "57P04", "25P03", "25P04"] {
            assert_eq!(fault(code, None, ""), Fault::Interrupted, "{code}");
        }
    }

    #[test]
    fn a_statement_prepared_for_another_table_is_outdated() {
        assert_eq!(fault("0A000", None, "cached plan must not change result type"), Fault::Outdated);
        assert_eq!(fault("0A000", None, "cannot insert into a view"), Fault::Other);
    }

    #[test]
    fn a_server_without_room_takes_no_work() {
        for code in ["53100", "53200", "53300", "57P03", "57014", "25006", "08006"] {
            assert_eq!(fault(code, None, ""), Fault::Unavailable, "{code}");
        }
    }

    #[test]
    fn a_statement_that_is_wrong_is_our_failure() {
        for code in ["42703", "22001", "23514", "28P01", "3D000", "08P01"] {
            assert_eq!(fault(code, None, ""), Fault::Other, "{code}");
        }
    }

    #[test]
    fn a_connection_that_was_never_made_broke_nothing_off() {
        let unreachable = || SqlxError::Io(std::io::Error::from(std::io::ErrorKind::HostUnreachable));
        for error in [unreachable(), SqlxError::Protocol(String::new())] {
            let error = DbErr::Conn(RuntimeErr::SqlxError(error.into()));
            assert_eq!(Postgres::AtStart.fault(&error), Fault::Unavailable);
            assert_eq!(Postgres::Running.fault(&error), Fault::Unavailable);
        }
        let untrusted = DbErr::Conn(RuntimeErr::SqlxError(SqlxError::Tls("unknown issuer".into()).into()));
        assert_eq!(Postgres::AtStart.fault(&untrusted), Fault::Other, "no waiting helps");
        assert_eq!(Postgres::Running.fault(&untrusted), Fault::Unavailable);
        let sent = DbErr::Query(RuntimeErr::SqlxError(unreachable().into()));
        assert_eq!(Postgres::Running.fault(&sent), Fault::Interrupted);
    }
}
