//! The same rows, by what each database has for that: `LOAD DATA` on MariaDB, on SQLite long INSERTs in one transaction.

use std::path::Path;
use std::str::FromStr as _;
use std::time::{Duration, Instant};

use futures_util::TryStreamExt as _;
use sqlx::mysql::MySqlConnectOptions;
use sqlx::sqlite::{
    SqliteArguments, SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteRow, SqliteSynchronous,
};
use sqlx::{
    Arguments as _, AssertSqlSafe, Column as _, ConnectOptions as _, Connection as _, MySqlConnection, Row as _,
    TypeInfo as _, ValueRef as _,
};

use super::Failure;

/// All that an import writes to.
const TABLES: [&str; 7] =
    ["subject_keys", "users", "user_sums", "audit_events", "audit_chain", "audit_checkpoints", "imports"];

/// The server writes its rows to files, which does not count, and reads them into the other tables, which does.
pub(crate) async fn mariadb(from: &str, to: &str, directory: &Path) -> Result<String, Failure> {
    let mut source = MySqlConnection::connect(from).await?;
    let database = MySqlConnectOptions::from_str(from)?.get_database().unwrap_or_default().to_owned();
    for table in TABLES {
        let file = directory.join(table);
        let select = format!("SELECT * INTO OUTFILE '{}' CHARACTER SET binary FROM {database}.{table}", file.display());
        sqlx::raw_sql(AssertSqlSafe(select)).execute(&mut source).await?;
    }
    let mut target = MySqlConnection::connect(to).await?;
    let begun = Instant::now();
    for table in TABLES {
        let file = directory.join(table);
        let load = format!("LOAD DATA INFILE '{}' INTO TABLE {table} CHARACTER SET binary", file.display());
        sqlx::raw_sql(AssertSqlSafe(load)).execute(&mut target).await?;
    }
    let users: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM users").fetch_one(&mut target).await?;
    Ok(format!("rows={users} seconds={:.3}", begun.elapsed().as_secs_f64()))
}

/// So many values are bound to a statement at most.
const VALUES: usize = 30_000;
/// So many rows are inserted by one: more make it no quicker.
const ROWS: usize = 500;

/// Reading the rows does not count.
pub(crate) async fn sqlite(from: &str, to: &str) -> Result<String, Failure> {
    let mut source = SqliteConnectOptions::from_str(from)?.read_only(true).connect().await?;
    // As the product opens it.
    let options = SqliteConnectOptions::from_str(to)?.journal_mode(SqliteJournalMode::Wal);
    let mut target = options.synchronous(SqliteSynchronous::Full).foreign_keys(true).connect().await?;
    let users: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM users").fetch_one(&mut source).await?;
    let begun = Instant::now();
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut target).await?;
    let mut spent = begun.elapsed();
    for table in TABLES {
        spent += copy(&mut source, &mut target, table).await?;
    }
    let begun = Instant::now();
    sqlx::raw_sql("COMMIT").execute(&mut target).await?;
    target.close().await?;
    Ok(format!("rows={users} seconds={:.3}", (spent + begun.elapsed()).as_secs_f64()))
}

async fn copy(source: &mut SqliteConnection, target: &mut SqliteConnection, table: &str) -> Result<Duration, Failure> {
    let mut rows = sqlx::query(AssertSqlSafe(format!("SELECT * FROM {table}"))).fetch(source);
    let mut spent = Duration::ZERO;
    loop {
        let mut part = Vec::with_capacity(ROWS);
        while part.len() < ROWS
            && let Some(row) = rows.try_next().await?
        {
            part.push(row);
        }
        let Some(first) = part.first() else { return Ok(spent) };
        let columns: Vec<_> = first.columns().iter().map(|column| column.name().to_owned()).collect();
        let begun = Instant::now();
        for rows in part.chunks((VALUES / columns.len()).min(ROWS)) {
            insert(target, table, &columns, rows).await?;
        }
        spent += begun.elapsed();
    }
}

async fn insert(
    target: &mut SqliteConnection,
    table: &str,
    columns: &[String],
    rows: &[SqliteRow],
) -> Result<(), Failure> {
    let row = format!("({})", vec!["?"; columns.len()].join(", "));
    let values = vec![row; rows.len()].join(", ");
    let sql = format!("INSERT INTO {table} ({}) VALUES {values}", columns.join(", "));
    let mut arguments = SqliteArguments::default();
    for row in rows {
        for column in 0..columns.len() {
            let value = row.try_get_raw(column)?;
            let added = match (value.is_null(), value.type_info().name()) {
                (true, _) => arguments.add(None::<i64>),
                (false, "INTEGER" | "BOOLEAN") => arguments.add(row.try_get_unchecked::<i64, _>(column)?),
                (false, "BLOB") => arguments.add(row.try_get_unchecked::<Vec<u8>, _>(column)?),
                (false, "REAL") => arguments.add(row.try_get_unchecked::<f64, _>(column)?),
                (false, _) => arguments.add(row.try_get_unchecked::<String, _>(column)?),
            };
            added.map_err(|error| format!("{table}: {error}"))?;
        }
    }
    sqlx::query_with(AssertSqlSafe(sql), arguments).execute(target).await?;
    Ok(())
}
