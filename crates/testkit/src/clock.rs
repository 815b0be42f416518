//! Time that moves because the test says so.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use domain::ports::Clock;

/// A clock that stands still until it is told to go on.
#[derive(Debug)]
pub struct FixedClock {
    micros: AtomicI64,
}

impl FixedClock {
    /// A clock that shows [`FixedClock::START`].
    pub fn new() -> Self {
        Self::at(Self::START)
    }

    /// What a new clock shows: 2026-03-04T05:06:07.080910Z, with microseconds, so that losing them shows.
    pub const START: DateTime<Utc> =
        DateTime::from_timestamp_micros(1_772_600_767_080_910).expect("the microseconds are in chrono's range");

    /// A clock that shows this moment, cut to microseconds.
    pub fn at(moment: DateTime<Utc>) -> Self {
        Self { micros: AtomicI64::new(moment.timestamp_micros()) }
    }

    /// Goes on (or back) by `delta`, and says what the clock shows then.
    pub fn advance(&self, delta: TimeDelta) -> DateTime<Utc> {
        let micros = delta.num_microseconds().expect("a test stays within 290,000 years");
        shown(self.micros.fetch_add(micros, Ordering::SeqCst) + micros)
    }
}

impl Default for FixedClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for FixedClock {
    fn now(&self) -> DateTime<Utc> {
        shown(self.micros.load(Ordering::SeqCst))
    }
}

fn shown(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros).expect("a test stays within chrono's range")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_stands_still_until_it_is_moved() {
        let clock = FixedClock::new();
        assert_eq!(clock.now(), clock.now());
        let later = clock.advance(TimeDelta::minutes(15));
        assert_eq!((later, clock.now()), (FixedClock::START + TimeDelta::minutes(15), later));
    }

    #[test]
    fn a_new_clock_shows_the_moment_it_documents() {
        assert_eq!(FixedClock::START.to_string(), "2026-03-04 05:06:07.080910 UTC");
    }
}
