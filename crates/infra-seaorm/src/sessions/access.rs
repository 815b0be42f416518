//! A session with its user: what a request with an access token asks when it is not in memory.

use chrono::NaiveDateTime;
use domain::session::SessionAccess;
use domain::values::{SessionId, UserId, UserUuid};
use sea_orm::{DbBackend, FromQueryResult, Statement};
use uuid::Uuid;

use crate::faults::Defect;
use crate::moments::from_stored;
use crate::users::role;

/// Constant, because building a SELECT costs a fifth of the whole read.
macro_rules! select_by {
    ($id:literal) => {
        concat!(
            "SELECT sessions.id AS session_id, sessions.expires_at, sessions.revoked_at, users.id, users.uuid, \
             users.username, users.role, users.is_active, users.deleted_at, users.auth_epoch, \
             users.must_change_password \
             FROM sessions INNER JOIN users ON users.uuid = sessions.user_uuid WHERE sessions.id = ",
            $id
        )
    };
}

/// The statement behind [`SessionQueries::find_access`](domain::ports::SessionQueries::find_access).
pub(super) fn access_statement(backend: DbBackend, session: SessionId) -> Statement {
    Statement::from_sql_and_values(backend, access_sql(backend), [session.get().into()])
}

pub(crate) fn access_sql(backend: DbBackend) -> &'static str {
    if backend == DbBackend::Postgres { select_by!("$1") } else { select_by!("?") }
}

#[derive(Debug, FromQueryResult)]
pub(super) struct AccessRow {
    session_id: Uuid,
    expires_at: NaiveDateTime,
    revoked_at: Option<NaiveDateTime>,
    id: i64,
    uuid: Uuid,
    username: String,
    role: String,
    is_active: bool,
    deleted_at: Option<NaiveDateTime>,
    auth_epoch: i64,
    must_change_password: bool,
}

impl TryFrom<AccessRow> for SessionAccess {
    type Error = Defect;

    fn try_from(row: AccessRow) -> Result<Self, Defect> {
        let is_usable = row.is_active && row.deleted_at.is_none() && row.revoked_at.is_none();
        Ok(Self {
            session: SessionId::new(row.session_id),
            user: UserUuid::new(row.uuid),
            user_id: UserId::new(row.id),
            role: role(row.id, &row.role)?,
            username: row.username,
            auth_epoch: row.auth_epoch,
            must_change_password: row.must_change_password,
            usable_until: is_usable.then(|| from_stored(row.expires_at)),
        })
    }
}
