//! What is kept about a person, and taking it away.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::ports::{ErasureRepository, SaveUserError, StorageError};
use domain::session::Session;
use domain::user::User;
use domain::values::{SessionId, UserRef, UserUuid};
use sea_orm::{DbBackend, Statement};
use uuid::Uuid;

use crate::faults::unreadable;
use crate::idempotency::FORGET_OUTCOMES;
use crate::moments::to_stored;
use crate::statements::statement;
use crate::unit::Unit;
use crate::{logins, one_time_tokens, sessions};

#[async_trait]
impl ErasureRepository for Unit {
    async fn erase(&mut self, user: &User, now: DateTime<Utc>) -> Result<(), SaveUserError> {
        let (id, uuid) = (user.id().get(), user.uuid().get());
        if !self.counts.knows(id) {
            self.find_locked(UserRef::Id(user.id())).await?;
        }
        self.enter()?;
        // As a sign-in does: it waits for this unit or this one for it, on a cluster too.
        logins::touch(self, user.uuid()).await?;
        let version = user.stored_version();
        if self.execute(statement(self.backend(), DELETE_USER, [id.into(), version.into()])).await? == 0 {
            return Err(SaveUserError::StaleVersion);
        }
        self.counts.forget(id);
        sessions::forget(self, user.uuid()).await?;
        self.execute(statement(self.backend(), DELETE_LOGIN_STATE, [id.into()])).await?;
        for forget in [FORGET_NETWORKS, one_time_tokens::FORGET, FORGET_OUTCOMES, FORGET_KEY] {
            self.execute(statement(self.backend(), forget, [uuid.into()])).await?;
        }
        let values = [id.into(), uuid.into(), to_stored(now).into()];
        self.execute(statement(self.backend(), INSERT_TOMBSTONE, values)).await?;
        self.succeed();
        Ok(())
    }

    async fn deleted_before(&mut self, moment: DateTime<Utc>, limit: u32) -> Result<Vec<UserUuid>, StorageError> {
        self.enter()?;
        let rows = self.rows(deleted_before(self.backend(), moment, limit)).await?;
        let uuids: Vec<Uuid> =
            rows.iter().map(|row| row.try_get("", "uuid")).collect::<Result<_, _>>().map_err(unreadable)?;
        self.succeed();
        Ok(uuids.into_iter().map(UserUuid::new).collect())
    }

    async fn kept_sessions(
        &mut self,
        person: UserUuid,
        before: Option<SessionId>,
        limit: u32,
    ) -> Result<Vec<Session>, StorageError> {
        self.enter()?;
        let kept = sessions::kept(self, person, before, limit).await?;
        self.succeed();
        Ok(kept)
    }

    async fn count_networks(&mut self, person: UserUuid) -> Result<u64, StorageError> {
        self.enter()?;
        let rows = self.rows(statement(self.backend(), COUNT_NETWORKS, [person.get().into()])).await?;
        let count: Option<i64> = rows.first().map(|row| row.try_get("", "networks")).transpose().map_err(unreadable)?;
        self.succeed();
        Ok(count.and_then(|count| u64::try_from(count).ok()).unwrap_or_default())
    }
}

pub(crate) fn deleted_before(backend: DbBackend, moment: DateTime<Utc>, limit: u32) -> Statement {
    let sql = "SELECT uuid FROM users WHERE deleted_at < ? ORDER BY deleted_at, id LIMIT ?";
    statement(backend, sql, [to_stored(moment).into(), i64::from(limit).into()])
}

const DELETE_USER: &str = "DELETE FROM users WHERE id = ? AND version = ?";
const DELETE_LOGIN_STATE: &str = "DELETE FROM login_states WHERE user_id = ?";
const COUNT_NETWORKS: &str = "SELECT COUNT(*) AS networks FROM known_networks WHERE user_uuid = ?";
const FORGET_NETWORKS: &str = "DELETE FROM known_networks WHERE user_uuid = ?";
const FORGET_KEY: &str = "DELETE FROM subject_keys WHERE subject_id = ?";
const INSERT_TOMBSTONE: &str = "INSERT INTO erased_users (id, uuid, erased_at) VALUES (?, ?, ?)";
