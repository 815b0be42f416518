//! Reading about sessions and sign-ins, outside any unit of work.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::login::{LoginName, LoginStanding};
use domain::ports::{SessionQueries, StorageError};
use domain::session::{Session, SessionAccess};
use domain::user::User;
use domain::values::{Digest, SessionId, UserUuid};
use sea_orm::{ConnectionTrait as _, DbBackend, FromQueryResult as _, QueryResult, Statement, Value};

use super::access::{AccessRow, access_statement};
use super::mapping::{COLUMNS, SessionRow};
use crate::digests::to_stored_digest;
use crate::faults::unreadable;
use crate::logins;
use crate::moments::to_stored;
use crate::statements::statement;
use crate::storage::SeaOrmStorage;
use crate::users;

#[async_trait]
impl SessionQueries for SeaOrmStorage {
    async fn find_login(&self, name: &LoginName) -> Result<Option<User>, StorageError> {
        let name = name.clone();
        let row = self.read(move |db| users::find_login(db, name.clone())).await?;
        Ok(row.map(users::to_user).transpose()?)
    }

    async fn login_standing(
        &self,
        name: Digest,
        network: Digest,
        user: Option<UserUuid>,
    ) -> Result<LoginStanding, StorageError> {
        let select = logins::standing_statement(self.backend(), name, network, user);
        logins::standing_in(&self.rows_of(select).await?)
    }

    async fn find_access(&self, session: SessionId) -> Result<Option<SessionAccess>, StorageError> {
        let rows = self.rows_of(access_statement(self.backend(), session)).await?;
        let row = rows.first().map(|row| AccessRow::from_query_result(row, "")).transpose().map_err(unreadable)?;
        Ok(row.map(SessionAccess::try_from).transpose()?)
    }

    async fn find_token_session(&self, token: Digest) -> Result<Option<SessionId>, StorageError> {
        let rows = self.rows_of(token_statement(self.backend(), token)).await?;
        let id = rows.first().map(|row| row.try_get("", "session_id")).transpose().map_err(unreadable)?;
        Ok(id.map(SessionId::new))
    }

    async fn sessions_of(&self, user: UserUuid, now: DateTime<Utc>) -> Result<Vec<Session>, StorageError> {
        sessions_in(&self.rows_of(live_statement(self.backend(), user, now)).await?)
    }
}

impl SeaOrmStorage {
    pub(crate) async fn rows_of(&self, select: Statement) -> Result<Vec<QueryResult>, StorageError> {
        self.read(move |db| {
            let select = select.clone();
            async move { db.query_all_raw(select).await }
        })
        .await
    }
}

pub(super) fn live_statement(backend: DbBackend, user: UserUuid, now: DateTime<Utc>) -> Statement {
    statement(backend, &live("created_at DESC, id DESC"), live_values(user, now))
}

pub(super) fn token_statement(backend: DbBackend, token: Digest) -> Statement {
    statement(backend, "SELECT session_id FROM refresh_tokens WHERE digest = ?", [to_stored_digest(token)])
}

/// The live sessions of a user, in this order.
pub(super) fn live(order: &str) -> String {
    format!(
        "SELECT {COLUMNS} FROM sessions \
         WHERE user_uuid = ? AND revoked_at IS NULL AND expires_at > ? ORDER BY {order}"
    )
}

pub(super) fn live_values(user: UserUuid, now: DateTime<Utc>) -> [Value; 2] {
    [user.get().into(), to_stored(now).into()]
}

pub(super) fn sessions_in(rows: &[QueryResult]) -> Result<Vec<Session>, StorageError> {
    let session = |row| Ok(SessionRow::from_query_result(row, "").map_err(unreadable)?.try_into()?);
    rows.iter().map(session).collect()
}
