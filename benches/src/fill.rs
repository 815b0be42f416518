//! A database of its own with many users in it, made by a few statements.

use std::ops::RangeInclusive;
use std::str::FromStr as _;

use sqlx::mysql::MySqlConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, MySqlConnection};

use crate::sums;

type Failure = Box<dyn std::error::Error>;

/// Makes the database that `url` names; it must not exist.
pub(crate) async fn create_database(url: &str) -> Result<(), Failure> {
    on_database(url, "CREATE DATABASE").await
}

/// Drops it.
pub(crate) async fn drop_database(url: &str) -> Result<(), Failure> {
    on_database(url, "DROP DATABASE IF EXISTS").await
}

async fn on_database(url: &str, statement: &str) -> Result<(), Failure> {
    let options = MySqlConnectOptions::from_str(url)?;
    let name = options.get_database().ok_or("the URL names no database")?;
    // A name cannot be bound as a value.
    if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Err(format!("{name:?} is not a name for a database of a benchmark").into());
    }
    let sql = format!("{statement} {name}");
    let mut connection = options.clone().database("").connect().await?;
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await?;
    connection.close().await?;
    Ok(())
}

/// Users for each statement: large enough to be quick, small enough for the default size of a packet and of a transaction.
const BLOCK: u32 = 10_000;

/// Ids are given, as those that the server gives to the rows of one statement have gaps. Digits joined with each other count from 0 to 9,999 on every version of both servers.
const INSERT: &str = "INSERT INTO users (id, uuid, username, email, username_key, email_key, email_canonical, username_folded, \
     email_folded, full_name, full_name_folded, password_hash, password_changed_at, must_change_password, role, is_active, \
     user_metadata, app_metadata, version, auth_epoch, created_at, updated_at) \
     SELECT i, UNHEX(CONCAT('0190000000007000', LPAD(HEX(i), 16, '8000000000000000'))), \
     CONCAT('person', i), CONCAT('person', i, '@example.com'), CONCAT('person', i), CONCAT('person', i, '@example.com'), \
     CONCAT('person', i, '@example.com'), CONCAT('person', i), CONCAT('person', i, '@example.com'), \
     CONCAT('Person Number ', i), \
     CONCAT('person number ', i), '$2b$04$abcdefghijklmnopqrstuuTlVsOuVp3UoiKhKt2Ah6n3bVbZjv5Jq', \
     '2026-01-01', FALSE, IF(i <= ?, IF(i <= 10, 'admin', 'moderator'), 'user'), TRUE, '{}', '{}', 1, 0, '2026-01-01', '2026-01-01' \
     FROM (SELECT ? + a.d + 10 * b.d + 100 * c.d + 1000 * e.d AS i FROM digits a, digits b, digits c, digits e) numbers \
     WHERE i <= ? ORDER BY i";

/// Puts users with the ids `first` to `users` into the table of a migrated database that holds those before them; those up to
/// `moderators` may read everybody, and the first ten of them do anything.
pub(crate) async fn fill(url: &str, first: u32, users: u32, moderators: u32) -> Result<(), Failure> {
    let mut connection = MySqlConnection::connect(url).await?;
    sqlx::raw_sql(
        "CREATE TABLE digits (d INT PRIMARY KEY); INSERT INTO digits VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)",
    )
    .execute(&mut connection)
    .await?;
    for begin in (first..=users).step_by(BLOCK as usize) {
        sqlx::query(INSERT).bind(moderators).bind(begin).bind(users).execute(&mut connection).await?;
    }
    sqlx::raw_sql("DELETE FROM user_sums").execute(&mut connection).await?;
    sqlx::raw_sql(sums::COUNT).execute(&mut connection).await?;
    sqlx::raw_sql("DROP TABLE digits; ANALYZE TABLE users").execute(&mut connection).await?;
    connection.close().await?;
    Ok(())
}

/// Gives these users a password, by its hash.
pub(crate) async fn set_passwords(url: &str, ids: RangeInclusive<u32>, hash: &str) -> Result<(), Failure> {
    let mut connection = MySqlConnection::connect(url).await?;
    let statement = sqlx::query("UPDATE users SET password_hash = ? WHERE id BETWEEN ? AND ?");
    statement.bind(hash).bind(ids.start()).bind(ids.end()).execute(&mut connection).await?;
    connection.close().await?;
    Ok(())
}
