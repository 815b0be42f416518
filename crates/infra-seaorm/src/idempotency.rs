//! The tables `idempotency_keys` and `idempotency_outcomes`.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDateTime, Utc};
use domain::ports::{IdempotencyRepository, KeptOutcome, Reservation, StorageError};
use domain::values::{Digest, UserUuid};
use sea_orm::{DbBackend, FromQueryResult, QueryResult, Statement, Value};
use uuid::Uuid;

use crate::digests::{from_stored_digest, to_stored_digest};
use crate::faults::unreadable;
use crate::moments::{from_stored, to_stored};
use crate::statements::{delete_some, list_of, locking, statement};
use crate::unit::Unit;

#[async_trait]
impl IdempotencyRepository for Unit {
    async fn find(&mut self, key: Digest) -> Result<Option<Reservation>, StorageError> {
        self.enter()?;
        let rows = self.rows(statement(self.backend(), FIND, [to_stored_digest(key)])).await?;
        let found = rows.first().map(|row| reservation(key, row)).transpose()?;
        self.succeed();
        Ok(found)
    }

    async fn insert(&mut self, reservation: &Reservation) -> Result<(), StorageError> {
        self.enter()?;
        let values = [to_stored_digest(reservation.key)].into_iter().chain(values(reservation));
        let inserted = self.try_execute(statement(self.backend(), INSERT, values)).await;
        inserted.map_err(|failure| self.race_error(failure))?;
        self.succeed();
        Ok(())
    }

    async fn take_over(&mut self, ticket: Uuid, to: &Reservation) -> Result<bool, StorageError> {
        let sql = format!("{TAKE_OVER} {STILL_OPEN}");
        self.change(&sql, values(to).into_iter().chain(open(to.key, ticket))).await
    }

    async fn complete(&mut self, key: Digest, ticket: Uuid, now: DateTime<Utc>) -> Result<bool, StorageError> {
        let sql = format!("UPDATE idempotency_keys SET completed_at = ? {STILL_OPEN}");
        self.change(&sql, [to_stored(now).into()].into_iter().chain(open(key, ticket))).await
    }

    async fn keep(&mut self, key: Digest, ticket: Uuid, outcome: &KeptOutcome) -> Result<bool, StorageError> {
        self.enter()?;
        // Locked, so that nobody takes the request over before the outcome is seen.
        let lock = format!("SELECT ticket FROM idempotency_keys {STILL_OPEN}{}", locking(self.backend()));
        let is_open = !self.rows(statement(self.backend(), &lock, open(key, ticket))).await?.is_empty();
        if is_open {
            let KeptOutcome { part, subject, outcome } = outcome;
            let subject = subject.map(UserUuid::get);
            let values = [to_stored_digest(key), (*part).into(), subject.into(), outcome.as_str().into()];
            let kept = self.try_execute(statement(self.backend(), KEEP, values)).await;
            kept.map_err(|failure| self.race_error(failure))?;
        }
        self.succeed();
        Ok(is_open)
    }

    async fn outcomes(&mut self, key: Digest) -> Result<Vec<KeptOutcome>, StorageError> {
        self.enter()?;
        let rows = self.rows(statement(self.backend(), OUTCOMES, [to_stored_digest(key)])).await?;
        let kept = rows.iter().map(outcome).collect::<Result<_, _>>()?;
        self.succeed();
        Ok(kept)
    }

    async fn release(&mut self, key: Digest, ticket: Uuid) -> Result<(), StorageError> {
        let sql = format!("DELETE FROM idempotency_keys {STILL_OPEN} AND {WITHOUT_OUTCOMES}");
        self.change(&sql, open(key, ticket)).await.map(|_| ())
    }

    async fn clean_up(&mut self, created_before: DateTime<Utc>, limit: u32) -> Result<u64, StorageError> {
        self.enter()?;
        let rows = self.rows(old(self.backend(), created_before, limit)).await?;
        let keys: Vec<Vec<u8>> =
            rows.iter().map(|row| row.try_get("", "key_digest")).collect::<Result<_, _>>().map_err(unreadable)?;
        let deleted = if keys.is_empty() { 0 } else { self.delete_reservations(keys).await? };
        self.succeed();
        Ok(deleted)
    }
}

impl Unit {
    /// Whether the statement changed the one row that it is about.
    async fn change(&mut self, sql: &str, values: impl IntoIterator<Item = Value>) -> Result<bool, StorageError> {
        self.enter()?;
        let changed = self.execute(statement(self.backend(), sql, values)).await?;
        self.succeed();
        Ok(changed == 1)
    }

    /// Reservations of which there are outcomes left stay for the next time.
    async fn delete_reservations(&self, mut keys: Vec<Vec<u8>>) -> Result<u64, StorageError> {
        // Two that clean up at once take the rows in one order.
        keys.sort_unstable();
        for _ in 0..STATEMENTS_AT_ONCE {
            if self.execute(delete_outcomes(self.backend(), &keys)).await? < OUTCOMES_AT_ONCE {
                break;
            }
        }
        self.execute(delete_keys(self.backend(), &keys)).await
    }
}

/// A request in bulk has a thousand outcomes. So many are deleted by one statement, which has to end in time, and so many
/// statements in one unit of work.
const OUTCOMES_AT_ONCE: u64 = 2_000;
const STATEMENTS_AT_ONCE: u32 = 10;

fn old(backend: DbBackend, before: DateTime<Utc>, limit: u32) -> Statement {
    let sql = "SELECT key_digest FROM idempotency_keys WHERE created_at < ? ORDER BY created_at LIMIT ?";
    statement(backend, sql, [to_stored(before).into(), i64::from(limit).into()])
}

fn delete_outcomes(backend: DbBackend, keys: &[Vec<u8>]) -> Statement {
    let of_these = format!("key_digest IN ({})", list_of(keys.len()));
    let sql = delete_some(backend, "idempotency_outcomes", "key_digest, part", &of_these, "key_digest");
    statement(backend, &sql, keys.iter().cloned().map(Value::from).chain([OUTCOMES_AT_ONCE.into()]))
}

fn delete_keys(backend: DbBackend, keys: &[Vec<u8>]) -> Statement {
    let these = list_of(keys.len());
    let sql = format!("DELETE FROM idempotency_keys WHERE key_digest IN ({these}) AND {WITHOUT_OUTCOMES}");
    statement(backend, &sql, keys.iter().cloned().map(Value::from))
}

/// Every column but the key.
fn values(reservation: &Reservation) -> [Value; 5] {
    [
        to_stored_digest(reservation.fingerprint),
        reservation.ticket.into(),
        to_stored(reservation.leased_until).into(),
        reservation.completed_at.map(to_stored).into(),
        to_stored(reservation.created_at).into(),
    ]
}

/// The values of [`STILL_OPEN`].
fn open(key: Digest, ticket: Uuid) -> [Value; 2] {
    [to_stored_digest(key), ticket.into()]
}

fn reservation(key: Digest, row: &QueryResult) -> Result<Reservation, StorageError> {
    let row = ReservationRow::from_query_result(row, "").map_err(unreadable)?;
    Ok(Reservation {
        key,
        fingerprint: from_stored_digest(&row.fingerprint)?,
        ticket: row.ticket,
        leased_until: from_stored(row.leased_until),
        completed_at: row.completed_at.map(from_stored),
        created_at: from_stored(row.created_at),
    })
}

fn outcome(row: &QueryResult) -> Result<KeptOutcome, StorageError> {
    let OutcomeRow { part, subject_id, outcome } = OutcomeRow::from_query_result(row, "").map_err(unreadable)?;
    Ok(KeptOutcome { part, subject: subject_id.map(UserUuid::new), outcome })
}

#[derive(Debug, FromQueryResult)]
struct ReservationRow {
    fingerprint: Vec<u8>,
    ticket: Uuid,
    leased_until: NaiveDateTime,
    completed_at: Option<NaiveDateTime>,
    created_at: NaiveDateTime,
}

#[derive(Debug, FromQueryResult)]
struct OutcomeRow {
    part: i32,
    subject_id: Option<Uuid>,
    outcome: String,
}

/// Each with the index that it reads.
pub(crate) fn statements(backend: DbBackend, now: DateTime<Utc>) -> Vec<(&'static str, Statement)> {
    let keys = [vec![1; 32]];
    vec![
        ("ix_idempotency_keys_created_at", old(backend, now, 10)),
        ("", delete_outcomes(backend, &keys)),
        ("", delete_keys(backend, &keys)),
        ("ix_idempotency_outcomes_subject", statement(backend, FORGET_OUTCOMES, [Uuid::nil().into()])),
    ]
}

/// For erasing a person.
pub(crate) const FORGET_OUTCOMES: &str = "DELETE FROM idempotency_outcomes WHERE subject_id = ?";
const FIND: &str = "SELECT fingerprint, ticket, leased_until, completed_at, created_at FROM idempotency_keys \
                    WHERE key_digest = ?";
const INSERT: &str = "INSERT INTO idempotency_keys \
                      (key_digest, fingerprint, ticket, leased_until, completed_at, created_at) \
                      VALUES (?, ?, ?, ?, ?, ?)";
const TAKE_OVER: &str = "UPDATE idempotency_keys \
                         SET fingerprint = ?, ticket = ?, leased_until = ?, completed_at = ?, created_at = ?";
const STILL_OPEN: &str = "WHERE key_digest = ? AND ticket = ? AND completed_at IS NULL";
const WITHOUT_OUTCOMES: &str = "NOT EXISTS (SELECT 1 FROM idempotency_outcomes \
                                WHERE idempotency_outcomes.key_digest = idempotency_keys.key_digest)";
const KEEP: &str = "INSERT INTO idempotency_outcomes (key_digest, part, subject_id, outcome) VALUES (?, ?, ?, ?)";
const OUTCOMES: &str = "SELECT part, subject_id, outcome FROM idempotency_outcomes WHERE key_digest = ? ORDER BY part";
