//! What is known of a name and a network before a try.

use chrono::NaiveDateTime;
use domain::login::{LoginStanding, Place};
use domain::ports::StorageError;
use domain::values::{Digest, UserUuid};
use sea_orm::{DbBackend, FromQueryResult, QueryResult, Statement};
use uuid::Uuid;

use super::run::{place, run};
use crate::digests::to_stored_digest;
use crate::faults::unreadable;
use crate::statements::statement;

/// Three rows by their keys, each of which may be missing.
const STANDING: &str = "SELECT here.failures AS here_failures, here.last_failed_at AS here_last_failed_at, \
     here.wait_until AS here_wait_until, anywhere.failures AS anywhere_failures, \
     anywhere.last_failed_at AS anywhere_last_failed_at, anywhere.wait_until AS anywhere_wait_until, \
     known_networks.last_seen_at FROM (SELECT 1 AS one) AS asked \
     LEFT JOIN login_attempts AS here ON here.name = ? AND here.place = ? \
     LEFT JOIN login_attempts AS anywhere ON anywhere.name = ? AND anywhere.place = ? \
     LEFT JOIN known_networks ON known_networks.user_uuid = ? AND known_networks.network = ?";

/// The statement behind [`SessionQueries::login_standing`](domain::ports::SessionQueries::login_standing). Without a user it looks for the networks of one that nobody is.
pub(crate) fn standing_statement(
    backend: DbBackend,
    name: Digest,
    network: Digest,
    user: Option<UserUuid>,
) -> Statement {
    let name = to_stored_digest(name);
    let values = [
        name.clone(),
        place(Place::Network(network)),
        name,
        place(Place::Anywhere),
        user.map_or(Uuid::nil(), UserUuid::get).into(),
        to_stored_digest(network),
    ];
    statement(backend, STANDING, values)
}

#[derive(Debug, FromQueryResult)]
struct StandingRow {
    here_failures: Option<i64>,
    here_last_failed_at: Option<NaiveDateTime>,
    here_wait_until: Option<NaiveDateTime>,
    anywhere_failures: Option<i64>,
    anywhere_last_failed_at: Option<NaiveDateTime>,
    anywhere_wait_until: Option<NaiveDateTime>,
    last_seen_at: Option<NaiveDateTime>,
}

/// The answer to [`standing_statement`].
pub(crate) fn standing_in(rows: &[QueryResult]) -> Result<LoginStanding, StorageError> {
    let row = rows.first().map(|row| StandingRow::from_query_result(row, "")).transpose().map_err(unreadable)?;
    Ok(row.map_or_else(LoginStanding::default, |row| LoginStanding {
        here: run(row.here_failures, row.here_last_failed_at, row.here_wait_until),
        anywhere: run(row.anywhere_failures, row.anywhere_last_failed_at, row.anywhere_wait_until),
        is_known_network: row.last_seen_at.is_some(),
    }))
}
