//! Between a stored row of `login_attempts` and a [`FailureRun`].

use chrono::NaiveDateTime;
use domain::login::{FailureRun, LoginKey, Place};
use domain::values::Digest;
use sea_orm::Value;

use crate::digests::to_stored_digest;
use crate::moments::from_stored;

/// Stands for all places together. No HMAC is that.
const ANYWHERE: Digest = Digest::new([0; 32]);

pub(super) fn place(place: Place) -> Value {
    to_stored_digest(match place {
        Place::Network(network) => network,
        Place::Anywhere => ANYWHERE,
    })
}

/// The columns `name` and `place`.
pub(super) fn key(key: LoginKey) -> [Value; 2] {
    [to_stored_digest(key.name), place(key.place)]
}

/// The run in a row. One without failures was only made to be locked.
pub(super) fn run(
    failures: Option<i64>,
    last_failed_at: Option<NaiveDateTime>,
    wait_until: Option<NaiveDateTime>,
) -> Option<FailureRun> {
    let failures = u32::try_from(failures?).unwrap_or(u32::MAX);
    let last_failed_at = from_stored(last_failed_at?);
    (failures > 0).then(|| FailureRun { failures, last_failed_at, wait_until: wait_until.map(from_stored) })
}
