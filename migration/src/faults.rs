//! What a database's refusals mean for migrating.

use std::time::Duration;

use sea_orm_migration::sea_orm::DbErr;
use tokio::time::sleep;

/// Why a server that was reached did not do what it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    not(any(feature = "mysql", feature = "postgres", feature = "sqlite")),
    expect(dead_code, reason = "without a driver there is no server")
)]
pub(crate) enum Refusal {
    /// The user lacks a privilege.
    Denied,
    /// The server lets only users with SUPER make triggers.
    NoTriggers,
    /// The table is append-only.
    AppendOnly,
    /// It undid what it was asked, to make way for somebody else, and says to ask again: a deadlock, or on a node of a
    /// cluster a change from another, which reading meets too.
    MadeWay,
    /// It may do so when it is asked again. Others may have done the same just now: several `CREATE TABLE IF NOT EXISTS`
    /// make each other fail, and so do changes of one row, on the nodes of a cluster above all.
    Other,
}

#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
pub(crate) fn refusal(error: &DbErr) -> Option<Refusal> {
    use sea_orm_migration::sea_orm::RuntimeErr::SqlxError;
    let (DbErr::Exec(SqlxError(error)) | DbErr::Query(SqlxError(error))) = error else {
        return None;
    };
    let error = error.as_database_error()?;
    #[cfg(feature = "mysql")]
    if let Some(error) = error.try_downcast_ref::<sea_orm_migration::sea_orm::SqlxMySqlError>() {
        return Some(of_number(error.number()));
    }
    Some(of_state(error.code().as_deref()))
}

/// What MySQL or MariaDB means by an error: its SQLSTATE is that of a syntax error where a privilege lacks.
#[cfg(feature = "mysql")]
fn of_number(number: u16) -> Refusal {
    match number {
        // ER_DBACCESS_DENIED_ERROR, ER_TABLEACCESS_DENIED_ERROR, ER_COLUMNACCESS_DENIED_ERROR, ER_SPECIFIC_ACCESS_DENIED_ERROR
        1044 | 1142 | 1143 | 1227 => Refusal::Denied,
        // ER_BINLOG_CREATE_ROUTINE_NEED_SUPER
        1419 => Refusal::NoTriggers,
        // ER_SIGNAL_EXCEPTION: no other trigger of ours signals.
        1644 => Refusal::AppendOnly,
        // ER_LOCK_WAIT_TIMEOUT, which also tells of a node that has not caught up; ER_LOCK_DEADLOCK
        1205 | 1213 => Refusal::MadeWay,
        _ => Refusal::Other,
    }
}

/// What PostgreSQL means by an SQLSTATE. SQLite has none.
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
fn of_state(state: Option<&str>) -> Refusal {
    match state {
        // insufficient_privilege
        Some("42501") => Refusal::Denied,
        // serialization_failure, deadlock_detected
        Some("40001" | "40P01") => Refusal::MadeWay,
        _ => Refusal::Other,
    }
}

/// Without a driver there is no server.
#[cfg(not(any(feature = "mysql", feature = "postgres", feature = "sqlite")))]
pub(crate) fn refusal(_: &DbErr) -> Option<Refusal> {
    None
}

/// How long it takes until a database is asked again.
pub(crate) const PAUSE: Duration = Duration::from_millis(100);

/// Asks again, up to `attempts` times in all, as long as the answer says that it may do then.
pub(crate) async fn insist<T, Error: std::fmt::Display, Answer>(
    attempts: u32,
    may_do_then: impl Fn(&Error) -> bool,
    ask: impl Fn() -> Answer,
) -> Result<T, Error>
where
    Answer: Future<Output = Result<T, Error>>,
{
    for _ in 1..attempts {
        match ask().await {
            Err(error) if may_do_then(&error) => {
                tracing::debug!(%error, "the database is asked again while migrating");
                sleep(PAUSE).await;
            }
            answer => return answer,
        }
    }
    ask().await
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    /// What a database is answered with that makes way `times` times, and how often it is asked.
    async fn asked(times: u32, attempts: u32) -> (Result<(), &'static str>, u32) {
        let asked = AtomicU32::new(0);
        let answer = insist(
            attempts,
            |why| *why == "made way",
            || async { if asked.fetch_add(1, Ordering::Relaxed) < times { Err("made way") } else { Ok(()) } },
        );
        (answer.await, asked.load(Ordering::Relaxed))
    }

    #[cfg(feature = "mysql")]
    #[test]
    fn what_mysql_undid_for_others_is_told_from_what_it_refuses() {
        assert_eq!([1205, 1213].map(of_number), [Refusal::MadeWay; 2]);
        assert_eq!([1044, 1142, 1143, 1227].map(of_number), [Refusal::Denied; 4]);
        assert_eq!([1419, 1644, 1050].map(of_number), [Refusal::NoTriggers, Refusal::AppendOnly, Refusal::Other]);
    }

    #[cfg(feature = "postgres")]
    #[test]
    fn what_postgresql_undid_for_others_is_told_from_what_it_refuses() {
        assert_eq!(["40001", "40P01"].map(|state| of_state(Some(state))), [Refusal::MadeWay; 2]);
        assert_eq!(of_state(Some("42501")), Refusal::Denied);
        assert_eq!([of_state(Some("42P07")), of_state(None)], [Refusal::Other; 2]);
    }

    #[tokio::test]
    async fn who_is_told_to_ask_again_does() {
        assert_eq!(asked(0, 3).await, (Ok(()), 1));
        assert_eq!(asked(2, 3).await, (Ok(()), 3));
        assert_eq!(asked(3, 3).await, (Err("made way"), 3));
    }

    #[tokio::test]
    async fn another_refusal_is_final() {
        let asked = AtomicU32::new(0);
        let answer: Result<(), _> = insist(
            3,
            |why| *why == "made way",
            || async {
                asked.fetch_add(1, Ordering::Relaxed);
                Err("denied")
            },
        )
        .await;
        assert_eq!((answer, asked.load(Ordering::Relaxed)), (Err("denied"), 1));
    }
}
