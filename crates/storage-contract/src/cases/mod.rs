//! The promises, by what they are about.

mod access;
mod administrators;
mod audit;
mod chain;
mod changes;
mod clearing;
mod counters;
mod deep_pages;
mod ending;
mod erasing;
mod erasing_beside;
mod event_lists;
mod exporting;
mod failures;
mod filters;
mod first_user;
mod hashes;
mod history;
mod imports;
mod in_the_way;
mod inserting_many;
mod isolation;
mod kept_data;
mod key_fingerprints;
mod leases;
mod names;
mod networks;
mod numbers;
mod one_time_tokens;
mod outage;
mod paging;
mod probing;
mod races;
mod reading;
mod records;
mod recounting;
mod refreshing;
mod repeated_requests;
mod sealed_events;
mod searching;
mod searching_inside;
mod sequencing;
mod sessions;
mod signing_in;
mod sorting;
mod spelling;
mod subject_keys;
mod suspensions;
mod totals;
mod units;
mod updating;
mod values;
mod walking;

use crate::case::Case;

/// Every case, in the order in which they are worth making pass.
pub(crate) fn all() -> impl Iterator<Item = &'static Case> {
    [
        probing::CASES,
        units::CASES,
        numbers::CASES,
        records::CASES,
        values::CASES,
        reading::CASES,
        updating::CASES,
        names::CASES,
        spelling::CASES,
        audit::CASES,
        sealed_events::CASES,
        filters::CASES,
        searching::CASES,
        searching_inside::CASES,
        sorting::CASES,
        paging::CASES,
        walking::CASES,
        deep_pages::CASES,
        totals::CASES,
        counters::CASES,
        recounting::CASES,
        suspensions::CASES,
        administrators::CASES,
        first_user::CASES,
        hashes::CASES,
        signing_in::CASES,
        failures::CASES,
        networks::CASES,
        sessions::CASES,
        refreshing::CASES,
        ending::CASES,
        access::CASES,
        one_time_tokens::CASES,
        clearing::CASES,
        changes::CASES,
        key_fingerprints::CASES,
        event_lists::CASES,
        history::CASES,
        sequencing::CASES,
        chain::CASES,
        leases::CASES,
        subject_keys::CASES,
        repeated_requests::CASES,
        imports::CASES,
        in_the_way::CASES,
        inserting_many::CASES,
        exporting::CASES,
        kept_data::CASES,
        erasing::CASES,
        erasing_beside::CASES,
        isolation::CASES,
        races::CASES,
        outage::CASES,
    ]
    .into_iter()
    .flatten()
}
