//! The statements of the trail, for their plans.

use chrono::{DateTime, TimeDelta, Utc};
use domain::audit::{EventFilter, EventPosition, ListEvents};
use domain::values::UserUuid;
use sea_orm::{DbBackend, Statement};
use uuid::Uuid;

use super::listing::listing;
use super::{chain, queries};

/// Each with the index that it reads.
pub(crate) fn statements(backend: DbBackend, user: UserUuid, now: DateTime<Utc>) -> Vec<(&'static str, Statement)> {
    let by_number = if backend == DbBackend::Sqlite { "" } else { "uq_audit_events_seq" };
    vec![
        ("ix_audit_events_subject", queries::history(backend, user, Some(now), 4_000, 10)),
        ("ix_audit_events_subject", queries::history(backend, user, None, 0, 10)),
        ("", chain::last_sequenced(backend, 10)),
        (by_number, chain::next(backend, 4_000, i64::MAX)),
        (by_number, chain::unsequenced(backend, 4_000, 4_010, 10)),
        ("uq_audit_chain_event_id", chain::unsequenced(backend, 4_000, 4_010, 10)),
        ("", chain::links(backend, 4_000, 10)),
    ]
}

/// Every combination of conditions, with the index that goes on in the order of the listing.
pub(crate) fn listing_statements(backend: DbBackend, now: DateTime<Utc>) -> Vec<(&'static str, Statement)> {
    let (from, to) = (now - TimeDelta::hours(1), now);
    let within = EventPosition { recorded_at: now - TimeDelta::minutes(30), id: Uuid::from_u128(5) };
    let times = [(None, None, None), (Some(from), None, None), (None, Some(to), None), (Some(from), Some(to), None)]
        .into_iter()
        .chain([(None, None, Some(within)), (Some(from), None, Some(within)), (Some(from), Some(to), Some(within))]);
    let filters = (0..16).map(filter).collect::<Vec<_>>();
    let query = |(index, filter): &(&'static str, EventFilter), (from, to, before)| {
        let query = ListEvents { filter: EventFilter { from, to, ..filter.clone() }, before, limit: 10 };
        (*index, listing(backend, &query))
    };
    times.flat_map(|times| filters.iter().map(move |filter| query(filter, times))).collect()
}

/// One condition for each bit, and the index of the first.
fn filter(bits: u32) -> (&'static str, EventFilter) {
    let given = |bit: u32| bits & bit != 0;
    let person = UserUuid::new(Uuid::from_u128(1));
    let filter = EventFilter {
        target: given(1).then_some(Uuid::from_u128(1)),
        subject: given(2).then_some(person),
        actor: given(4).then_some(person),
        action: given(8).then(|| "user.deleted".to_owned()),
        ..EventFilter::default()
    };
    let index = match bits.trailing_zeros() {
        0 => "ix_audit_events_target",
        1 => "ix_audit_events_subject",
        2 => "ix_audit_events_actor",
        3 => "ix_audit_events_action",
        _ => "ix_audit_events_recorded_at",
    };
    (index, filter)
}
