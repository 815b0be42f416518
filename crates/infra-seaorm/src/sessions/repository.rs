//! Loading and saving sessions and their tokens within a unit of work.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::ports::{SessionRepository, StorageError};
use domain::session::{RefreshToken, Session};
use domain::values::{Digest, SessionId, UserUuid};
use sea_orm::{ConnectionTrait as _, DbBackend, FromQueryResult as _, Statement, Value};

use super::mapping;
use super::tokens::{self, TokenRow};
use super::{clean_up, queries};
use crate::digests::to_stored_digest;
use crate::faults::unreadable;
use crate::logins;
use crate::moments::to_stored;
use crate::statements::{list_of, locking, statement};
use crate::unit::Unit;

#[async_trait]
impl SessionRepository for Unit {
    async fn find(&mut self, session: SessionId) -> Result<Option<Session>, StorageError> {
        self.enter()?;
        let select = format!("SELECT {} FROM sessions WHERE id = ?{}", mapping::COLUMNS, locking(self.backend()));
        let found = self.sessions_by(&select, [session.get().into()]).await?.pop();
        self.succeed();
        Ok(found)
    }

    async fn find_live(&mut self, user: UserUuid, now: DateTime<Utc>) -> Result<Vec<Session>, StorageError> {
        self.enter()?;
        logins::touch(self, user).await?;
        // Locked too, because a refresh changes a session without a look at its user.
        let select = format!("{}{}", queries::live("created_at, id"), locking(self.backend()));
        let live = self.sessions_by(&select, queries::live_values(user, now)).await?;
        self.succeed();
        Ok(live)
    }

    async fn insert(&mut self, session: &Session) -> Result<(), StorageError> {
        self.enter()?;
        logins::touch(self, session.user()).await?;
        let sql = format!("INSERT INTO sessions ({}) VALUES ({})", mapping::COLUMNS, list_of(10));
        self.execute(statement(self.backend(), &sql, mapping::values(session))).await?;
        self.succeed();
        Ok(())
    }

    async fn update(&mut self, sessions: &[Session]) -> Result<(), StorageError> {
        self.enter()?;
        for session in sessions {
            let record = session.record();
            let values = [
                to_stored(record.last_used_at).into(),
                to_stored(record.expires_at).into(),
                to_stored(record.ends_at).into(),
                record.revoked_at.map(to_stored).into(),
                record.id.get().into(),
            ];
            self.execute(statement(self.backend(), UPDATE, values)).await?;
        }
        self.succeed();
        Ok(())
    }

    async fn find_token(&mut self, digest: Digest) -> Result<Option<RefreshToken>, StorageError> {
        self.enter()?;
        let select = format!("SELECT {} FROM refresh_tokens WHERE digest = ?", tokens::COLUMNS);
        let rows = self.rows(statement(self.backend(), &select, [to_stored_digest(digest)])).await?;
        let row = rows.first().map(|row| TokenRow::from_query_result(row, "")).transpose().map_err(unreadable)?;
        let token = row.map(RefreshToken::try_from).transpose()?;
        self.succeed();
        Ok(token)
    }

    async fn is_successor_spent(&mut self, digest: Digest) -> Result<bool, StorageError> {
        self.enter()?;
        let spent = self.rows(spent_successor(self.backend(), digest)).await?;
        self.succeed();
        Ok(!spent.is_empty())
    }

    async fn insert_token(&mut self, token: &RefreshToken) -> Result<(), StorageError> {
        self.enter()?;
        let sql = format!("INSERT INTO refresh_tokens ({}) VALUES ({})", tokens::COLUMNS, list_of(6));
        let insert = statement(self.backend(), &sql, tokens::values(token));
        // On a cluster another node may have given out the same successor while this one looked.
        let inserted = self.ask(|transaction| async move { transaction.execute_raw(insert).await }).await;
        inserted.map_err(|failure| self.race_error(failure))?;
        self.succeed();
        Ok(())
    }

    async fn spend_token(&mut self, digest: Digest, now: DateTime<Utc>) -> Result<bool, StorageError> {
        self.enter()?;
        let values = [to_stored(now).into(), to_stored_digest(digest)];
        let spent = self.execute(statement(self.backend(), SPEND, values)).await?;
        self.succeed();
        Ok(spent == 1)
    }

    async fn clean_up(&mut self, ended_before: DateTime<Utc>, limit: u32) -> Result<u64, StorageError> {
        self.enter()?;
        let deleted = clean_up::sessions(self, ended_before, limit).await?;
        self.succeed();
        Ok(deleted)
    }
}

pub(super) fn spent_successor(backend: DbBackend, digest: Digest) -> Statement {
    let sql = "SELECT digest FROM refresh_tokens WHERE parent = ? AND spent_at IS NOT NULL";
    statement(backend, sql, [to_stored_digest(digest)])
}

/// Nothing takes a revocation back, whatever the writer knew of it.
const UPDATE: &str = "UPDATE sessions SET last_used_at = ?, expires_at = ?, ends_at = ?, \
                      revoked_at = COALESCE(revoked_at, ?) WHERE id = ?";
const SPEND: &str = "UPDATE refresh_tokens SET spent_at = ? WHERE digest = ? AND spent_at IS NULL";

impl Unit {
    async fn sessions_by(
        &self,
        select: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<Vec<Session>, StorageError> {
        let rows = self.rows(statement(self.backend(), select, values)).await?;
        queries::sessions_in(&rows)
    }
}
