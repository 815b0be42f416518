//! Statements as text: what is the same on every database is written once.

use sea_orm::{DbBackend, Statement, Value};

/// So many rows are written by one statement, or so many values listed in one: few sizes, as every one is a statement of
/// its own that connections keep prepared. 512 users have 15,872 values; SQLite takes 32,766.
const SIZES: [usize; 9] = [512, 128, 32, 16, 8, 4, 3, 2, 1];

/// So many bytes of values at most go into one statement of several rows: a quarter of what MariaDB takes unless told.
const BYTES_AT_ONCE: usize = 4 * 1024 * 1024;

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

/// What follows a SELECT whose rows nobody else shall change until the unit ends.
///
/// SQLite has no row locks and needs none: there, a unit of work is the only writer.
pub(crate) fn locking(backend: DbBackend) -> &'static str {
    if backend == DbBackend::Sqlite { "" } else { " FOR UPDATE" }
}

/// A list of so many values.
pub(crate) fn list_of(count: usize) -> String {
    vec!["?"; count].join(", ")
}

/// So many rows of so many values each, to follow VALUES.
pub(crate) fn rows_of(count: usize, columns: usize) -> String {
    vec![format!("({})", list_of(columns)); count].join(", ")
}

/// Parts of a few sizes, each of which one statement writes; `bytes` says about how long a row's texts are.
pub(crate) fn parts<T>(mut rest: &[T], bytes: impl Fn(&T) -> usize) -> Vec<&[T]> {
    let mut parts = Vec::new();
    while !rest.is_empty() {
        let fits = |part: &[T]| part.len() == 1 || part.iter().map(&bytes).sum::<usize>() <= BYTES_AT_ONCE;
        let size = SIZES.into_iter().find(|size| rest.get(..*size).is_some_and(fits)).unwrap_or(1);
        let (part, others) = rest.split_at(size);
        parts.push(part);
        rest = others;
    }
    parts
}

/// Lists of a few lengths that hold all the values; the last value may stand in one several times.
pub(crate) fn lists<T: Clone>(all: &[T]) -> Vec<Vec<T>> {
    let longest = SIZES.into_iter().max().unwrap_or(1);
    let padded = |part: &[T]| {
        let length = SIZES.into_iter().filter(|size| *size >= part.len()).min().unwrap_or(longest);
        let mut list = part.to_vec();
        list.extend(part.last().cloned().into_iter().cycle().take(length - part.len()));
        list
    };
    all.chunks(longest).map(padded).collect()
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

    #[test]
    fn rows_are_written_in_parts_of_a_few_sizes_and_in_order() {
        let sizes = |count| parts(&vec![(); count], |()| 1).iter().map(|part| part.len()).collect::<Vec<_>>();
        assert!(sizes(0).is_empty());
        assert_eq!(sizes(3), [3]);
        assert_eq!(sizes(1_000), [512, 128, 128, 128, 32, 32, 32, 8]);
        let numbers: Vec<_> = (0..700).collect();
        assert_eq!(parts(&numbers, |_| 1).concat(), numbers);
    }

    #[test]
    fn long_rows_are_written_few_at_a_time_and_the_longest_alone() {
        let sizes = |rows: &[usize]| parts(rows, |bytes| *bytes).iter().map(|part| part.len()).collect::<Vec<_>>();
        assert_eq!(sizes(&[BYTES_AT_ONCE / 8; 16]), [8, 8]);
        assert_eq!(sizes(&[BYTES_AT_ONCE * 2; 2]), [1, 1]);
    }

    #[test]
    fn values_are_listed_in_a_few_lengths_and_none_is_left_out() {
        let lengths = |count| lists(&vec![0; count]).iter().map(Vec::len).collect::<Vec<_>>();
        assert!(lengths(0).is_empty());
        assert_eq!(lengths(5), [8]);
        assert_eq!(lengths(513), [512, 1]);
        assert_eq!(lists(&[1, 2, 3, 4, 5]), [[1, 2, 3, 4, 5, 5, 5, 5]]);
    }
}
