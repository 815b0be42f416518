//! What the errors of MySQL and MariaDB mean.

use infra_seaorm::Fault;
use sea_orm::{SqlxError, SqlxMySqlError};

infra_seaorm::server_dialect! {
    /// MySQL and MariaDB.
    MySql, statement: fault_of_driver, connection: fault_of_driver
}

fn fault_of_driver(error: &SqlxError) -> Fault {
    match error {
        SqlxError::Database(error) => error
            .try_downcast_ref::<SqlxMySqlError>()
            .map_or(Fault::Other, |error| fault(error.number(), error.message())),
        SqlxError::PoolTimedOut | SqlxError::PoolClosed | SqlxError::WorkerCrashed => Fault::Unavailable,
        SqlxError::Io(_) | SqlxError::Protocol(_) | SqlxError::Tls(_) => Fault::Interrupted,
        _ => Fault::Other,
    }
}

/// By number: the SQLSTATE of a lock wait is that of any error.
fn fault(number: u16, message: &str) -> Fault {
    match number {
        // ER_DUP_ENTRY
        1062 => index_of(message).map_or(Fault::Other, |index| Fault::Unique(index.to_owned())),
        // ER_LOCK_WAIT_TIMEOUT; ER_LOCK_DEADLOCK, which is also a cluster's failed certification; ER_CHECKREAD;
        // ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION, where a cluster put an end to the transaction and told nobody
        1205 | 1213 | 1020 | 1792 => Fault::Retry,
        // ER_PARSE_ERROR of a trigger that MariaDB was reading when a cluster put an end to the transaction
        1064 if message.starts_with(TRIGGER_WAS_NOT_READ) => Fault::Retry,
        // ER_SERVER_SHUTDOWN, ER_CONNECTION_KILLED, ER_CLIENT_INTERACTION_TIMEOUT: what is said to whoever uses a
        // connection next that the server has ended
        1053 | 1927 | 4031 => Fault::Interrupted,
        // ER_CON_COUNT_ERROR, ER_TOO_MANY_USER_CONNECTIONS and ER_USER_LIMIT_REACHED; ER_HOST_IS_BLOCKED;
        // ER_UNKNOWN_COM_ERROR (a cluster node without quorum); ER_DISK_FULL, ER_RECORD_FILE_FULL
        1040 | 1203 | 1226 | 1129 | 1047 | 1021 | 1114
        // ER_TABLEACCESS_DENIED_ERROR, ER_COLUMNACCESS_DENIED_ERROR;
        | 1142 | 1143
        // ER_QUERY_INTERRUPTED; ER_STATEMENT_TIMEOUT of MariaDB and ER_QUERY_TIMEOUT of MySQL;
        // ER_OPTION_PREVENTS_STATEMENT and ER_READ_ONLY_MODE (read-only); ER_NO_SUCH_TABLE, before the migrations
        | 1317 | 1969 | 3024 | 1290 | 1836 | 1146 => Fault::Unavailable,
        _ => Fault::Other,
    }
}

const TRIGGER_WAS_NOT_READ: &str = "Unknown trigger has an error in its body: 'Query was empty'";

/// `Duplicate entry 'V' for key 'table.index'`, on MariaDB without the table. The value may hold anything, also what
/// looks like the rest, so the message is read from the right.
fn index_of(message: &str) -> Option<&str> {
    let (_, key) = message.strip_suffix('\'')?.rsplit_once("' for key '")?;
    Some(key.rsplit_once('.').map_or(key, |(_, index)| index))
}

#[cfg(test)]
mod tests {
    use infra_seaorm::Dialect as _;
    use sea_orm::{DbErr, RuntimeErr};

    use super::*;

    #[test]
    fn the_index_is_read_from_both_servers() {
        for message in [
            "Duplicate entry 'ann' for key 'uq_users_username_key'",
            "Duplicate entry 'ann' for key 'users.uq_users_username_key'",
        ] {
            assert_eq!(fault(1062, message), Fault::Unique("uq_users_username_key".to_owned()));
        }
    }

    #[test]
    fn a_value_that_looks_like_an_index_is_not_believed() {
        let message = "Duplicate entry 'y' for key 'users.uq_users_email_key' for key 'users.uq_users_username_key'";
        assert_eq!(index_of(message), Some("uq_users_username_key"));
    }

    #[test]
    fn lost_races_are_tried_again_and_a_broken_conversation_is_not() {
        assert_eq!(fault(1213, ""), Fault::Retry);
        assert_eq!(fault(1205, ""), Fault::Retry);
        assert_eq!(fault(1792, ""), Fault::Retry);
        assert_eq!(fault(1064, "Unknown trigger has an error in its body: 'Query was empty'"), Fault::Retry);
        assert_eq!(fault(1064, "You have an error in your SQL syntax"), Fault::Other);
        for number in [1053, 1927, 4031] {
            assert_eq!(fault(number, ""), Fault::Interrupted, "{number}");
        }
        let broken = SqlxError::Io(std::io::Error::from(std::io::ErrorKind::ConnectionReset));
        assert_eq!(fault_of_driver(&broken), Fault::Interrupted);
    }

    #[test]
    fn a_server_without_room_takes_no_work() {
        for number in [1040, 1203, 1226, 1021, 1114, 1129, 1317] {
            assert_eq!(fault(number, ""), Fault::Unavailable, "{number}");
        }
    }

    #[test]
    fn a_connection_that_was_never_made_broke_nothing_off() {
        let unreachable = || SqlxError::Io(std::io::Error::from(std::io::ErrorKind::HostUnreachable));
        for error in [unreachable(), SqlxError::Protocol(String::new())] {
            let error = DbErr::Conn(RuntimeErr::SqlxError(error.into()));
            assert_eq!(MySql::AtStart.fault(&error), Fault::Unavailable);
            assert_eq!(MySql::Running.fault(&error), Fault::Unavailable);
        }
        let untrusted = DbErr::Conn(RuntimeErr::SqlxError(SqlxError::Tls("unknown issuer".into()).into()));
        assert_eq!(MySql::AtStart.fault(&untrusted), Fault::Other, "no waiting helps");
        assert_eq!(MySql::Running.fault(&untrusted), Fault::Unavailable);
        let sent = DbErr::Query(RuntimeErr::SqlxError(unreachable().into()));
        assert_eq!(MySql::Running.fault(&sent), Fault::Interrupted);
    }
}
