//! Every session that is kept of somebody, live or not.

use domain::ports::StorageError;
use domain::session::Session;
use domain::values::{SessionId, UserUuid};
use sea_orm::Value;

use super::mapping::COLUMNS;
use super::queries::sessions_in;
use crate::statements::statement;
use crate::unit::Unit;

/// The newest first, as ids grow with time.
pub(crate) async fn kept(
    unit: &Unit,
    user: UserUuid,
    before: Option<SessionId>,
    limit: u32,
) -> Result<Vec<Session>, StorageError> {
    let condition = if before.is_some() { " AND id < ?" } else { "" };
    let sql = format!("SELECT {COLUMNS} FROM sessions WHERE user_uuid = ?{condition} ORDER BY id DESC LIMIT ?");
    let before = before.map(|before| Value::from(before.get()));
    let values = [user.get().into()].into_iter().chain(before).chain([i64::from(limit).into()]);
    sessions_in(&unit.rows(statement(unit.backend(), &sql, values)).await?)
}
