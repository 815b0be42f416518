//! How long the database is waited for.

use std::time::Duration;

use sea_orm::DbErr;

use crate::faults::Failure;

/// How long one answer of the database is waited for, so that a caller knows within two seconds.
pub const PATIENCE: Duration = Duration::from_millis(1_800);

/// The answer, or [`Failure::Silence`] after [`PATIENCE`].
pub(crate) async fn in_time<T>(answer: impl Future<Output = Result<T, DbErr>>) -> Result<T, Failure> {
    match tokio::time::timeout(PATIENCE, answer).await {
        Ok(answer) => answer.map_err(Failure::Database),
        Err(_) => Err(Failure::Silence),
    }
}
