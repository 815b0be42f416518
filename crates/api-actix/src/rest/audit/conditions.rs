//! What a query string asks of the trail.

use application::audit::{ACTIONS, EventConditions, ListEventsCommand, PositionRange};
use domain::values::UserRef;

use crate::config::UserIdFormat;
use crate::problem::Problem;
use crate::query::Query;

/// The page size where none is asked for.
const DEFAULT_LIMIT: u32 = 50;

/// Reads conditions, cursor and limit.
///
/// # Errors
///
/// See [`Query`].
pub(crate) fn read_command(query: &str, ids: UserIdFormat) -> Result<ListEventsCommand, Problem> {
    let mut query = Query::parse(query)?;
    let user = |text: &str| {
        let parsed = match ids {
            UserIdFormat::Integer => UserRef::parse(text),
            UserIdFormat::Uuid => UserRef::parse_uuid(text),
        };
        parsed.map_err(|violation| (violation.code(), violation.detail().to_owned()))
    };
    let conditions = EventConditions {
        actor: query.read("actor", user),
        target: query.read("target", user),
        action: query.read("action", |text| {
            let known = ACTIONS.contains(&text).then(|| text.to_owned());
            known.ok_or_else(|| ("unknown_action", format!("It must be one of {}", ACTIONS.join(", "))))
        }),
        from: query.time("from"),
        to: query.time("to"),
    };
    let limit = limit(&mut query).unwrap_or(DEFAULT_LIMIT);
    let cursor = query.text("cursor");
    query.finish()?;
    Ok(ListEventsCommand { conditions, cursor, limit })
}

/// The parameter `limit`: at least one.
pub(crate) fn limit(query: &mut Query) -> Option<u32> {
    match query.count("limit") {
        Some(0) => {
            query.wrong("limit", "too_small", "It must be at least 1");
            None
        }
        count => count.map(|count| u32::try_from(count).unwrap_or(u32::MAX)),
    }
}

/// The parameters `from` and `to`: a part of the chain.
pub(super) fn read_range(query: &mut Query) -> PositionRange {
    let mut position = |name| query.count(name).map(|position| i64::try_from(position).unwrap_or(i64::MAX));
    let (from, to) = (position("from"), position("to"));
    PositionRange::new(from, to).unwrap_or_else(|error| {
        let name = if from.is_some_and(|from| from < 1) { "from" } else { "to" };
        query.wrong(name, "invalid_range", format!("It cannot be: {error}"));
        PositionRange::ALL
    })
}
