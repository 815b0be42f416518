//! The promises, by what they are about.

mod names;
mod units;

use crate::case::Case;

/// Every case.
pub(crate) fn all() -> impl Iterator<Item = &'static Case> {
    [names::CASES, units::CASES].into_iter().flatten()
}
