//! Somebody has to be able to let others in.

use domain::ports::{StorageError, UserQueries};
use domain::query::{ListUsers, UserFilter};
use domain::values::Role;

/// How many administrators are active.
pub(crate) async fn active(queries: &dyn UserQueries) -> Result<u64, StorageError> {
    let filter = UserFilter { role: Some(Role::Admin), is_active: Some(true), ..Default::default() };
    let query = ListUsers { filter, limit: 0, ..Default::default() };
    Ok(queries.list(&query).await?.total.map_or(0, |total| total.count))
}
