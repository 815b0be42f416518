//! What a database's refusals mean for migrating.

use sea_orm_migration::sea_orm::DbErr;

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
        // ER_DBACCESS_DENIED_ERROR, ER_TABLEACCESS_DENIED_ERROR, ER_COLUMNACCESS_DENIED_ERROR,
        // ER_SPECIFIC_ACCESS_DENIED_ERROR: their SQLSTATE is that of a syntax error too
        return Some(match error.number() {
            1044 | 1142 | 1143 | 1227 => Refusal::Denied,
            // ER_BINLOG_CREATE_ROUTINE_NEED_SUPER
            1419 => Refusal::NoTriggers,
            // ER_SIGNAL_EXCEPTION: no other trigger of ours signals.
            1644 => Refusal::AppendOnly,
            _ => Refusal::Other,
        });
    }
    // insufficient_privilege of PostgreSQL
    Some(if error.code().as_deref() == Some("42501") { Refusal::Denied } else { Refusal::Other })
}

/// Without a driver there is no server.
#[cfg(not(any(feature = "mysql", feature = "postgres", feature = "sqlite")))]
pub(crate) fn refusal(_: &DbErr) -> Option<Refusal> {
    None
}
