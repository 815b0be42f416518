//! Statements as text: what is the same on every database is written once.

use sea_orm::{DbBackend, Statement, Value};

/// The statement with these values, each of which the text has a `?` for.
pub(crate) fn statement(backend: DbBackend, sql: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    let sql = if backend == DbBackend::Postgres { numbered(sql) } else { sql.to_owned() };
    Statement::from_sql_and_values(backend, sql, values)
}

/// PostgreSQL knows values by their numbers.
fn numbered(sql: &str) -> String {
    let mut numbered = String::with_capacity(sql.len() + 16);
    for (number, part) in sql.split('?').enumerate() {
        if number > 0 {
            numbered.push('$');
            numbered.push_str(&number.to_string());
        }
        numbered.push_str(part);
    }
    numbered
}

/// What follows an INSERT that changes the row that has the key already.
pub(crate) fn upsert(backend: DbBackend, insert: &str, key: &str, changes: &str) -> String {
    match backend {
        // Whichever unique index the row has in common with another.
        DbBackend::MySql => format!("{insert} ON DUPLICATE KEY UPDATE {changes}"),
        _ => format!("{insert} ON CONFLICT ({key}) DO UPDATE SET {changes}"),
    }
}

/// Deletes the first rows that meet the condition, in the order of a column; a last value says how many.
pub(crate) fn delete_some(backend: DbBackend, table: &str, key: &str, condition: &str, order: &str) -> String {
    match backend {
        // MariaDB reads the whole table where a DELETE names its rows by a subquery.
        DbBackend::MySql => format!("DELETE FROM {table} WHERE {condition} ORDER BY {order} LIMIT ?"),
        _ => format!(
            "DELETE FROM {table} WHERE ({key}) IN \
             (SELECT {key} FROM {table} WHERE {condition} ORDER BY {order} LIMIT ?)"
        ),
    }
}

/// A list of so many values.
pub(crate) fn list_of(count: usize) -> String {
    vec!["?"; count].join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postgresql_numbers_its_values() {
        let sql = |backend| statement(backend, "UPDATE t SET a = ? WHERE b = ?", [1.into(), 2.into()]).sql;
        assert_eq!(sql(DbBackend::Postgres), "UPDATE t SET a = $1 WHERE b = $2");
        assert_eq!(sql(DbBackend::MySql), "UPDATE t SET a = ? WHERE b = ?");
    }
}
