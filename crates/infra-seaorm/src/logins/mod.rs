//! The tables `login_states`, `login_attempts` and `known_networks`.

mod repository;
mod run;
mod standing;

use chrono::{DateTime, Utc};
use domain::ports::StorageError;
use domain::values::{Digest, UserUuid};
use sea_orm::{DbBackend, Statement};

use crate::statements::{statement, upsert};
use crate::unit::Unit;

pub(crate) use standing::{standing_in, standing_statement};

/// Changes the user's row, so that every other unit that does so waits for this one, or fails.
///
/// A lock alone would not do, see [`guards`](crate::guards). Of somebody who is not there nothing is kept.
pub(crate) async fn touch(unit: &Unit, user: UserUuid) -> Result<(), StorageError> {
    let insert = "INSERT INTO login_states (user_id, generation) SELECT id, 0 FROM users WHERE uuid = ?";
    let sql = upsert(unit.backend(), insert, "user_id", "generation = login_states.generation + 1");
    unit.execute(statement(unit.backend(), &sql, [user.get().into()])).await.map(|_| ())
}

/// Each with the index that it reads.
pub(crate) fn statements(
    backend: DbBackend,
    user: UserUuid,
    digest: Digest,
    now: DateTime<Utc>,
) -> Vec<(&'static str, Statement)> {
    vec![
        ("", standing_statement(backend, digest, digest, Some(user))),
        ("ix_login_attempts_over_at", repository::delete_runs(backend, now, 10)),
        ("ix_known_networks_last_seen_at", repository::delete_networks(backend, now, 10)),
    ]
}
