//! The promises, by what they are about.

mod administrators;
mod audit;
mod counters;
mod filters;
mod isolation;
mod names;
mod numbers;
mod outage;
mod paging;
mod probing;
mod races;
mod reading;
mod records;
mod recounting;
mod searching;
mod sorting;
mod spelling;
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
        filters::CASES,
        searching::CASES,
        sorting::CASES,
        paging::CASES,
        walking::CASES,
        totals::CASES,
        counters::CASES,
        recounting::CASES,
        suspensions::CASES,
        administrators::CASES,
        isolation::CASES,
        races::CASES,
        outage::CASES,
    ]
    .into_iter()
    .flatten()
}
