//! The tables `sessions` and `refresh_tokens`.

mod access;
mod clean_up;
mod kept;
mod mapping;
mod queries;
mod repository;
mod tokens;

use chrono::{DateTime, Utc};
use domain::values::{Digest, SessionId, UserUuid};
use sea_orm::{DbBackend, Statement};

pub(crate) use access::access_sql;
pub(crate) use clean_up::forget;
pub(crate) use kept::kept;

/// Each with the index that it reads.
pub(crate) fn statements(
    backend: DbBackend,
    user: UserUuid,
    session: SessionId,
    token: Digest,
    now: DateTime<Utc>,
) -> Vec<(&'static str, Statement)> {
    vec![
        ("uq_users_uuid", access::access_statement(backend, session)),
        ("ix_sessions_user", queries::live_statement(backend, user, now)),
        ("", queries::token_statement(backend, token)),
        ("uq_refresh_tokens_parent", repository::spent_successor(backend, token)),
        ("ix_sessions_expires_at", clean_up::expired(backend, now, 10)),
        ("ix_sessions_revoked_at", clean_up::revoked(backend, now, 10)),
        ("ix_refresh_tokens_session", clean_up::delete_tokens(backend, &[session.get()])),
        ("", clean_up::delete_sessions(backend, &[session.get()])),
    ]
}
