//! The table `one_time_tokens`.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::ports::{OneTimePurpose, OneTimeTokenRepository, StorageError};
use domain::values::{Digest, UserUuid};
use sea_orm::{DbBackend, Statement, Value};

use crate::digests::to_stored_digest;
use crate::faults::unreadable;
use crate::moments::to_stored;
use crate::statements::{delete_some, statement, upsert};
use crate::unit::Unit;

#[async_trait]
impl OneTimeTokenRepository for Unit {
    async fn replace(
        &mut self,
        purpose: OneTimePurpose,
        user: UserUuid,
        digest: Digest,
        expires_at: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        self.enter()?;
        let replace = upsert(self.backend(), INSERT, "user_uuid, purpose", "digest = ?, expires_at = ?");
        let token: [Value; 2] = [to_stored_digest(digest), to_stored(expires_at).into()];
        let owner: [Value; 2] = [purpose.as_str().into(), user.get().into()];
        let values = owner.into_iter().chain(token.clone()).chain(token);
        self.execute(statement(self.backend(), &replace, values)).await?;
        self.succeed();
        Ok(())
    }

    async fn take(
        &mut self,
        purpose: OneTimePurpose,
        digest: Digest,
        now: DateTime<Utc>,
    ) -> Result<Option<UserUuid>, StorageError> {
        self.enter()?;
        let values: [Value; 3] = [purpose.as_str().into(), to_stored_digest(digest), to_stored(now).into()];
        let rows = self.rows(statement(self.backend(), FIND, values.clone())).await?;
        let user = rows.first().map(|row| row.try_get("", "user_uuid")).transpose().map_err(unreadable)?;
        let taken = self.execute(statement(self.backend(), TAKE, values)).await?;
        self.succeed();
        // Somebody else may have taken it in between.
        Ok(user.filter(|_| taken == 1).map(UserUuid::new))
    }

    async fn forget(&mut self, user: UserUuid) -> Result<(), StorageError> {
        self.enter()?;
        self.execute(statement(self.backend(), FORGET, [user.get().into()])).await?;
        self.succeed();
        Ok(())
    }

    async fn clean_up(&mut self, now: DateTime<Utc>, limit: u32) -> Result<u64, StorageError> {
        self.enter()?;
        let deleted = self.execute(delete_expired(self.backend(), now, limit)).await?;
        self.succeed();
        Ok(deleted)
    }
}

fn delete_expired(backend: DbBackend, now: DateTime<Utc>, limit: u32) -> Statement {
    let sql = delete_some(backend, "one_time_tokens", "purpose, digest", "expires_at <= ?", "expires_at");
    statement(backend, &sql, [to_stored(now).into(), u64::from(limit).into()])
}

/// Each with the index that it reads.
pub(crate) fn statements(
    backend: DbBackend,
    user: UserUuid,
    digest: Digest,
    now: DateTime<Utc>,
) -> Vec<(&'static str, Statement)> {
    let token = || -> [Value; 3] {
        [OneTimePurpose::ResetPassword.as_str().into(), to_stored_digest(digest), to_stored(now).into()]
    };
    vec![
        ("", statement(backend, FIND, token())),
        ("", statement(backend, TAKE, token())),
        ("uq_one_time_tokens_user", statement(backend, FORGET, [user.get().into()])),
        ("ix_one_time_tokens_expires_at", delete_expired(backend, now, 10)),
    ]
}

pub(crate) const FORGET: &str = "DELETE FROM one_time_tokens WHERE user_uuid = ?";
const INSERT: &str = "INSERT INTO one_time_tokens (purpose, user_uuid, digest, expires_at) VALUES (?, ?, ?, ?)";
const FIND: &str = "SELECT user_uuid FROM one_time_tokens WHERE purpose = ? AND digest = ? AND expires_at > ?";
const TAKE: &str = "DELETE FROM one_time_tokens WHERE purpose = ? AND digest = ? AND expires_at > ?";
