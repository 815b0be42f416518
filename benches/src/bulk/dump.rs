//! Every user in a file: one SELECT, as a stream.

use std::fmt::Display;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Instant;

use chrono::NaiveDateTime;
use futures_util::TryStreamExt as _;
use sqlx::{Connection as _, MySqlConnection, Row as _, SqliteConnection};
use uuid::Uuid;

use super::Failure;

const SELECT: &str = "SELECT id, uuid, username, email, full_name, first_name, last_name, role, is_active, email_verified_at, \
     external_id, locale, user_metadata, app_metadata, suspended_until, created_at, updated_at \
     FROM users WHERE deleted_at IS NULL ORDER BY id";

/// The rows of a connection, written as CSV. The drivers' rows have no type in common.
macro_rules! dump {
    ($connection:ty, $url:expr, $file:expr) => {{
        let mut connection = <$connection>::connect($url).await?;
        let begun = Instant::now();
        let mut out = BufWriter::new(File::create($file)?);
        let mut rows = sqlx::query(SELECT).fetch(&mut connection);
        let mut count = 0_u64;
        while let Some(row) = rows.try_next().await? {
            write!(out, "{},{}", row.try_get::<i64, _>(0)?, row.try_get::<Uuid, _>(1)?)?;
            for column in [2, 3] {
                cell(&mut out, row.try_get(column)?)?;
            }
            for column in [4, 5, 6] {
                cell(&mut out, row.try_get::<Option<&str>, _>(column)?.unwrap_or_default())?;
            }
            cell(&mut out, row.try_get(7)?)?;
            write!(out, ",{}", row.try_get::<bool, _>(8)?)?;
            moment(&mut out, row.try_get(9)?)?;
            for column in [10, 11] {
                cell(&mut out, row.try_get::<Option<&str>, _>(column)?.unwrap_or_default())?;
            }
            for column in [12, 13] {
                cell(&mut out, row.try_get_unchecked::<&str, _>(column)?)?;
            }
            for column in [14, 15, 16] {
                moment(&mut out, row.try_get(column)?)?;
            }
            out.write_all(b"\r\n")?;
            count += 1;
        }
        out.into_inner().map_err(|error| error.into_error())?.sync_all()?;
        Ok(format!("rows={count} seconds={:.3}", begun.elapsed().as_secs_f64()))
    }};
}

pub(crate) async fn mariadb(url: &str, file: &Path) -> Result<String, Failure> {
    dump!(MySqlConnection, url, file)
}

pub(crate) async fn sqlite(url: &str, file: &Path) -> Result<String, Failure> {
    dump!(SqliteConnection, url, file)
}

fn cell(out: &mut impl Write, text: &str) -> std::io::Result<()> {
    if text.contains(['"', ',', '\n', '\r']) {
        write!(out, ",\"{}\"", text.replace('"', "\"\""))
    } else {
        write!(out, ",{text}")
    }
}

fn moment(out: &mut impl Write, at: Option<NaiveDateTime>) -> std::io::Result<()> {
    let at = at.map(|at| at.format("%Y-%m-%dT%H:%M:%S%.6fZ"));
    write!(out, ",{}", at.as_ref().map_or(&"" as &dyn Display, |at| at))
}
