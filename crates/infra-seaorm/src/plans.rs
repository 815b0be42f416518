//! The statements that must never read a whole table, so that adapters can look at their plans.

use chrono::{DateTime, Utc};
use domain::values::{Digest, SessionId, UserId, UserUuid};
use sea_orm::{DbBackend, Statement};
use uuid::Uuid;

use crate::{audit, erasure, idempotency, logins, one_time_tokens, sessions, subject_keys, users};

/// What most requests ask: a session with its user, and a user by number and by UUID. A server prepares them once for each
/// connection, and so that no request waits for that, whoever makes connections may have them prepared before.
pub fn everyday_statements(backend: DbBackend) -> [&'static str; 3] {
    let [by_id, by_uuid] = users::find_sql(backend);
    [sessions::access_sql(backend), by_id, by_uuid]
}

/// Statements, each with the index that it reads, or nothing where it goes by the keys of tables.
///
/// They ask for some user, session and digest, and clean up what ended before `now`, ten rows at a time.
pub fn sign_in_statements(backend: DbBackend, now: DateTime<Utc>) -> Vec<(&'static str, Statement)> {
    let (user, session) = (UserUuid::new(Uuid::from_u128(1)), SessionId::new(Uuid::from_u128(2)));
    let digest = Digest::new([3; 32]);
    let by_number = if backend == DbBackend::Sqlite { "" } else { "uq_audit_events_seq" };
    let [newest, after] = audit::change_log_statements(backend, 4_000, 10);
    let log = [(by_number, newest), (by_number, after)];
    sessions::statements(backend, user, session, digest, now)
        .into_iter()
        .chain(logins::statements(backend, user, digest, now))
        .chain(one_time_tokens::statements(backend, user, digest, now))
        .chain(log)
        .collect()
}

/// The same for the audit trail, its chain, and what is done once, imported, exported and erased.
pub fn trail_statements(backend: DbBackend, now: DateTime<Utc>) -> Vec<(&'static str, Statement)> {
    let user = UserUuid::new(Uuid::from_u128(1));
    audit::statements(backend, user, now)
        .into_iter()
        .chain(subject_keys::statements(backend, user))
        .chain(idempotency::statements(backend, now))
        .chain(users::import_statements(backend, user))
        .chain([
            ("ix_users_deleted_at", erasure::deleted_before(backend, now, 10)),
            ("", users::export(backend, UserId::new(4_000), 10)),
        ])
        .collect()
}

/// Listings of events by every combination of conditions, each with the index that it reads in order.
pub fn event_listing_statements(backend: DbBackend, now: DateTime<Utc>) -> Vec<(&'static str, Statement)> {
    audit::listing_statements(backend, now)
}
