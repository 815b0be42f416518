//! A listing of events as a statement: one range of one index, newest first.

use domain::audit::{EventFilter, ListEvents};
use domain::values::UserUuid;
use sea_orm::{DbBackend, Statement, Value};

use super::row::event_columns;
use crate::moments::to_stored;
use crate::statements::statement;

/// Its place is beside each event that has one.
const SELECT: &str = concat!(
    "SELECT ",
    event_columns!(),
    ", position, hash FROM audit_events LEFT JOIN audit_chain ON audit_chain.event_id = audit_events.id"
);

/// The statement behind [`AuditQueries::list`](domain::ports::AuditQueries::list).
///
/// Every index goes on in the order of the listing. The first of the filter's columns finds the events, in the order of
/// how few each may have; the others are tested row by row, because databases that keep no statistics (SQLite) would
/// choose any.
pub(super) fn listing(backend: DbBackend, query: &ListEvents) -> Statement {
    let conditions = equal(&query.filter).into_iter().chain(times(backend, query));
    let (texts, values): (Vec<_>, Vec<_>) = conditions.unzip();
    let restricted = if texts.is_empty() { String::new() } else { format!(" WHERE {}", texts.join(" AND ")) };
    let sql = format!("{SELECT}{restricted} ORDER BY recorded_at DESC, id DESC LIMIT ?");
    let limit = Value::from(i64::from(query.limit));
    statement(backend, &sql, values.into_iter().flatten().chain([limit]))
}

/// A condition, and its values.
type Bound = (String, Vec<Value>);

fn equal(filter: &EventFilter) -> Vec<Bound> {
    // Every field by name, so that a new one cannot be forgotten here or in `times`.
    let EventFilter { actor, target, subject, action, from: _, to: _ } = filter;
    let uuid = |user: &Option<UserUuid>| user.map(UserUuid::get).map(Value::from);
    let columns = [
        ("target_id", target.map(Value::from)),
        ("subject_id", uuid(subject)),
        ("actor_id", uuid(actor)),
        ("action", action.as_deref().map(Value::from)),
    ];
    let given = columns.into_iter().filter_map(|(column, value)| Some((column, value?)));
    let condition = |(place, (column, value)): (usize, (&str, Value))| {
        let text = if place == 0 { format!("{column} = ?") } else { format!("({column} = ?) = TRUE") };
        (text, vec![value])
    };
    given.enumerate().map(condition).collect()
}

/// No bound twice, as SQLite reads a range with one and tests the other row by row.
fn times(backend: DbBackend, query: &ListEvents) -> Vec<Bound> {
    let EventFilter { from, to, .. } = query.filter;
    let before = query.before.filter(|before| to.is_none_or(|to| before.recorded_at < to));
    let until = to.filter(|_| before.is_none());
    let position = before.map(|before| {
        let (at, id) = (Value::from(to_stored(before.recorded_at)), Value::from(before.id));
        if backend == DbBackend::MySql {
            // MySQL and MariaDB read no range for a comparison of rows.
            ("(recorded_at < ? OR (recorded_at = ? AND id < ?))".to_owned(), vec![at.clone(), at, id])
        } else {
            ("(recorded_at, id) < (?, ?)".to_owned(), vec![at, id])
        }
    });
    let at = |text: &str, at| (text.to_owned(), vec![Value::from(to_stored(at))]);
    [from.map(|from| at("recorded_at >= ?", from)), until.map(|until| at("recorded_at < ?", until)), position]
        .into_iter()
        .flatten()
        .collect()
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};
    use domain::audit::EventPosition;
    use uuid::Uuid;

    use super::*;

    fn restriction(query: &ListEvents) -> String {
        let sql = listing(DbBackend::Sqlite, query).sql;
        let (_, after) = sql.split_once(" WHERE ").unwrap();
        after.split_once(" ORDER BY ").unwrap().0.to_owned()
    }

    #[test]
    fn the_first_condition_finds_the_events_and_the_others_are_tested() {
        let filter = EventFilter {
            actor: Some(UserUuid::new(Uuid::from_u128(1))),
            target: Some(Uuid::from_u128(2)),
            action: Some("user.created".to_owned()),
            ..EventFilter::default()
        };
        let query = ListEvents { filter, before: None, limit: 10 };
        assert_eq!(restriction(&query), "target_id = ? AND (actor_id = ?) = TRUE AND (action = ?) = TRUE");
    }

    #[test]
    fn of_two_ends_the_earlier_one_is_asked_for() {
        let at = DateTime::from_timestamp_micros(1_700_000_000_000_001).unwrap();
        let until = |to, before| {
            let before = EventPosition { recorded_at: before, id: Uuid::from_u128(3) };
            let filter = EventFilter { to: Some(to), ..EventFilter::default() };
            restriction(&ListEvents { filter, before: Some(before), limit: 10 })
        };
        let later = at + TimeDelta::microseconds(1);
        assert_eq!(until(later, at), "(recorded_at, id) < (?, ?)");
        assert_eq!(until(at, later), "recorded_at < ?");
        assert_eq!(until(at, at), "recorded_at < ?", "nothing before the end has its time");
    }
}
