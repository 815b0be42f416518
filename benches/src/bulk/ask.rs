//! Statements to MariaDB itself: its version, and which statements were slow.

use sqlx::{AssertSqlSafe, Connection as _, MySqlConnection, Row as _};

use super::Failure;

/// Runs these, one after the other, and returns the texts of the last one's first row.
pub(crate) async fn mariadb(url: &str, statements: &[String]) -> Result<String, Failure> {
    let mut connection = MySqlConnection::connect(url).await?;
    let mut texts = String::new();
    for statement in statements {
        let rows = sqlx::raw_sql(AssertSqlSafe(statement.clone())).fetch_all(&mut connection).await?;
        texts.clear();
        if let Some(row) = rows.first() {
            let cells: Result<Vec<String>, _> = (0..row.len()).map(|number| row.try_get(number)).collect();
            texts = cells?.join("\t");
        }
    }
    connection.close().await?;
    Ok(texts)
}
