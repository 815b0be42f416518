//! Sign-ins and failures within a unit of work.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDateTime, Utc};
use domain::login::{FailureRun, LoginKey};
use domain::ports::{LoginRepository, StorageError};
use domain::values::{Digest, UserUuid};
use sea_orm::{DbBackend, FromQueryResult, Statement, Value};

use super::run::{key, run};
use crate::digests::to_stored_digest;
use crate::faults::unreadable;
use crate::moments::{FIRST, to_stored};
use crate::statements::{delete_some, statement, upsert};
use crate::unit::Unit;

#[async_trait]
impl LoginRepository for Unit {
    async fn failures(&mut self, key: LoginKey) -> Result<Option<FailureRun>, StorageError> {
        self.enter()?;
        // A row that is not there cannot be locked, so there is one always. One without failures is over.
        let lock = upsert(self.backend(), ATTEMPT, KEY, "failures = login_attempts.failures");
        let empty: [Value; 4] = [0_i64.into(), FIRST.into(), FIRST.into(), false.into()];
        self.execute(statement(self.backend(), &lock, self::key(key).into_iter().chain(empty))).await?;
        let rows = self.rows(statement(self.backend(), RUN, self::key(key))).await?;
        let row = rows.first().map(|row| RunRow::from_query_result(row, "")).transpose().map_err(unreadable)?;
        self.succeed();
        Ok(row.and_then(|row| run(Some(row.failures), Some(row.last_failed_at), row.wait_until)))
    }

    async fn set_failures(&mut self, key: LoginKey, run: FailureRun) -> Result<(), StorageError> {
        self.enter()?;
        let values: [Value; 4] = [
            i64::from(run.failures).into(),
            to_stored(run.last_failed_at).into(),
            run.wait_until.map(to_stored).into(),
            to_stored(run.over_at()).into(),
        ];
        let set = statement(self.backend(), SET, values.into_iter().chain([false.into()]).chain(self::key(key)));
        self.execute(set).await?;
        self.succeed();
        Ok(())
    }

    async fn note_delay(&mut self, key: LoginKey) -> Result<bool, StorageError> {
        self.enter()?;
        let noted = self.execute(statement(self.backend(), NOTE, note_values(key))).await?;
        self.succeed();
        Ok(noted == 1)
    }

    async fn forget_failures(&mut self, key: LoginKey) -> Result<(), StorageError> {
        self.enter()?;
        let forget = "DELETE FROM login_attempts WHERE name = ? AND place = ?";
        self.execute(statement(self.backend(), forget, self::key(key))).await?;
        self.succeed();
        Ok(())
    }

    async fn forget_name(&mut self, name: Digest) -> Result<bool, StorageError> {
        self.enter()?;
        let forget = "DELETE FROM login_attempts WHERE name = ? AND failures > 0";
        let forgotten = self.execute(statement(self.backend(), forget, [to_stored_digest(name)])).await?;
        self.succeed();
        Ok(forgotten > 0)
    }

    async fn signed_in(&mut self, user: UserUuid, network: Digest, now: DateTime<Utc>) -> Result<(), StorageError> {
        self.enter()?;
        let now = to_stored(now);
        let state = upsert(self.backend(), STATE, "user_id", LATER_LOGIN);
        let values = [now.into(), user.get().into(), now.into(), now.into()];
        self.execute(statement(self.backend(), &state, values)).await?;
        let seen = upsert(self.backend(), SEEN, "user_uuid, network", LATER_SIGHT);
        let values = [user.get().into(), to_stored_digest(network), now.into(), now.into(), now.into()];
        self.execute(statement(self.backend(), &seen, values)).await?;
        self.succeed();
        Ok(())
    }

    async fn clean_up(
        &mut self,
        now: DateTime<Utc>,
        networks_before: DateTime<Utc>,
        limit: u32,
    ) -> Result<u64, StorageError> {
        self.enter()?;
        let runs = self.execute(delete_runs(self.backend(), now, limit)).await?;
        let networks = self.execute(delete_networks(self.backend(), networks_before, limit)).await?;
        self.succeed();
        Ok(runs + networks)
    }
}

pub(super) fn delete_runs(backend: DbBackend, now: DateTime<Utc>, limit: u32) -> Statement {
    let sql = delete_some(backend, "login_attempts", KEY, "over_at <= ?", "over_at");
    statement(backend, &sql, [to_stored(now).into(), u64::from(limit).into()])
}

pub(super) fn delete_networks(backend: DbBackend, before: DateTime<Utc>, limit: u32) -> Statement {
    let sql = delete_some(backend, "known_networks", "user_uuid, network", "last_seen_at < ?", "last_seen_at");
    statement(backend, &sql, [to_stored(before).into(), u64::from(limit).into()])
}

const KEY: &str = "name, place";
const ATTEMPT: &str = "INSERT INTO login_attempts (name, place, failures, last_failed_at, over_at, delay_noted) \
                       VALUES (?, ?, ?, ?, ?, ?)";
const RUN: &str = "SELECT failures, last_failed_at, wait_until FROM login_attempts WHERE name = ? AND place = ?";
const SET: &str = "UPDATE login_attempts SET failures = ?, last_failed_at = ?, wait_until = ?, over_at = ?, \
                   delay_noted = ? WHERE name = ? AND place = ?";
const NOTE: &str = "UPDATE login_attempts SET delay_noted = ? \
                    WHERE name = ? AND place = ? AND failures > 0 AND delay_noted = ?";

/// The row that [`touch`](super::touch) changes too.
const STATE: &str = "INSERT INTO login_states (user_id, last_login_at, generation) SELECT id, ?, 0 FROM users \
                     WHERE uuid = ?";
const LATER_LOGIN: &str = "generation = login_states.generation + 1, last_login_at = \
                           CASE WHEN login_states.last_login_at > ? THEN login_states.last_login_at ELSE ? END";
const SEEN: &str = "INSERT INTO known_networks (user_uuid, network, last_seen_at) VALUES (?, ?, ?)";
const LATER_SIGHT: &str = "last_seen_at = \
                           CASE WHEN known_networks.last_seen_at > ? THEN known_networks.last_seen_at ELSE ? END";

#[derive(Debug, FromQueryResult)]
struct RunRow {
    failures: i64,
    last_failed_at: NaiveDateTime,
    wait_until: Option<NaiveDateTime>,
}

fn note_values(key: LoginKey) -> Vec<Value> {
    [true.into()].into_iter().chain(self::key(key)).chain([false.into()]).collect()
}
