//! Users in an SQLite file, made by a few statements: `bare fill` does the same on MariaDB.

use std::str::FromStr as _;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _};

use super::{Failure, sums};

/// Users for each statement, so that none has to remember all of them.
const BLOCK: u32 = 100_000;

const INSERT: &str = "WITH RECURSIVE numbers (i) AS (SELECT ? UNION ALL SELECT i + 1 FROM numbers WHERE i < ?) \
     INSERT INTO users (id, uuid, username, email, username_key, email_key, email_canonical, username_folded, \
     email_folded, full_name, full_name_folded, password_hash, password_changed_at, must_change_password, role, is_active, \
     user_metadata, app_metadata, version, auth_epoch, created_at, updated_at) \
     SELECT i, unhex(printf('019000000000700080%014x', i)), 'person' || i, 'person' || i || '@example.com', 'person' || i, \
     'person' || i || '@example.com', 'person' || i || '@example.com', 'person' || i, 'person' || i || '@example.com', \
     'Person Number ' || i, 'person number ' || i, '$2b$04$abcdefghijklmnopqrstuuTlVsOuVp3UoiKhKt2Ah6n3bVbZjv5Jq', \
     '2026-01-01 00:00:00', FALSE, 'user', TRUE, '{}', '{}', 1, 0, '2026-01-01 00:00:00', '2026-01-01 00:00:00' FROM numbers";

/// Puts users with the ids `first` to `last` into the table of a migrated file that holds those before them.
pub(crate) async fn sqlite(url: &str, first: u32, last: u32) -> Result<String, Failure> {
    let options = SqliteConnectOptions::from_str(url)?.journal_mode(SqliteJournalMode::Wal);
    // Nobody keeps this file, so it need not survive a power cut; a larger cache keeps the indexes at hand.
    let options = options.synchronous(SqliteSynchronous::Off).pragma("cache_size", "-500000");
    let mut connection = options.connect().await?;
    for begin in (first..=last).step_by(BLOCK as usize) {
        let end = begin.saturating_add(BLOCK - 1).min(last);
        sqlx::query(INSERT).bind(begin).bind(end).execute(&mut connection).await?;
    }
    sqlx::raw_sql("DELETE FROM user_sums").execute(&mut connection).await?;
    sqlx::raw_sql(sums::COUNT).execute(&mut connection).await?;
    let users: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM users").fetch_one(&mut connection).await?;
    sqlx::raw_sql("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut connection).await?;
    connection.close().await?;
    Ok(format!("rows={users}"))
}
