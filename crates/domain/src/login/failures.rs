//! Waits after failed sign-ins (OWASP: login throttling).
//!
//! Failures are counted for a name as it was typed, whether anybody has it or not, so that counting tells nobody who
//! exists: once for each network, and once for all networks together. A stranger slows himself down: failures of others
//! never make somebody wait in a network that they have signed in from before.

use chrono::{DateTime, TimeDelta, Utc};

use crate::values::Digest;

/// What failures are counted under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LoginKey {
    /// The HMAC of the name.
    pub name: Digest,
    /// From where.
    pub place: Place,
}

/// Where tries come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// From one network, by the HMAC of its prefix (an IPv4 address, the /64 of an IPv6 address).
    Network(Digest),
    /// From anywhere.
    Anywhere,
}

impl Place {
    /// The failures after which each further try must wait.
    pub const fn free_failures(self) -> u32 {
        match self {
            Self::Network(_) => 5,
            Self::Anywhere => 50,
        }
    }
}

/// Failures that followed one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FailureRun {
    /// How many.
    pub failures: u32,
    /// When the last one was.
    pub last_failed_at: DateTime<Utc>,
    /// No try before this.
    pub wait_until: Option<DateTime<Utc>>,
}

impl FailureRun {
    /// The first wait.
    const FIRST_WAIT: TimeDelta = TimeDelta::seconds(30);
    /// Waits double up to this.
    const LONGEST_WAIT: TimeDelta = TimeDelta::minutes(15);
    /// Failures without a wait are forgotten after so long.
    pub const MEMORY: TimeDelta = TimeDelta::minutes(15);
    /// Whoever had to wait is remembered for so long after the wait: else a quarter of an hour of rest would be worth five
    /// more tries, all day long.
    pub const MEMORY_OF_WAITS: TimeDelta = TimeDelta::hours(24);

    /// How long must be waited now.
    pub fn wait(&self, now: DateTime<Utc>) -> Option<TimeDelta> {
        self.wait_until.filter(|until| now < *until).map(|until| until - now)
    }

    /// When the run is over.
    pub fn over_at(&self) -> DateTime<Utc> {
        match self.wait_until {
            Some(until) => until.max(self.last_failed_at) + Self::MEMORY_OF_WAITS,
            None => self.last_failed_at + Self::MEMORY,
        }
    }

    /// The run after one more failure in this place.
    #[must_use]
    pub fn and_one_more(run: Option<Self>, place: Place, now: DateTime<Utc>) -> Self {
        let before = run.filter(|run| now < run.over_at()).map_or(0, |run| run.failures);
        let failures = before.saturating_add(1);
        let wait_until = failures.checked_sub(place.free_failures()).map(|beyond| now + wait_after(beyond));
        Self { failures, last_failed_at: now, wait_until }
    }
}

/// The wait after so many failures beyond the free ones.
fn wait_after(beyond: u32) -> TimeDelta {
    // 30 s doubled five times is more than the longest.
    (FailureRun::FIRST_WAIT * (1 << beyond.min(5))).min(FailureRun::LONGEST_WAIT)
}

/// What is known of a name and a network before a try.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LoginStanding {
    /// The run in this network.
    pub here: Option<FailureRun>,
    /// The run of all networks together.
    pub anywhere: Option<FailureRun>,
    /// Whether the account has signed in from this network before.
    pub is_known_network: bool,
}

impl LoginStanding {
    /// How long a try must wait.
    pub fn wait(&self, now: DateTime<Utc>) -> Option<TimeDelta> {
        let here = self.here.and_then(|run| run.wait(now));
        let anywhere = self.anywhere.filter(|_| !self.is_known_network).and_then(|run| run.wait(now));
        here.max(anywhere)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: DateTime<Utc> = DateTime::from_timestamp(1_700_000_000, 0).expect("a moment");
    const HERE: Place = Place::Network(Digest::new([1; 32]));

    /// Fails so many times, each as soon as it may.
    fn run_of(failures: u32, place: Place) -> (FailureRun, DateTime<Utc>) {
        let (mut run, mut now) = (None, NOW);
        for _ in 0..failures {
            let next = FailureRun::and_one_more(run, place, now);
            now = next.wait_until.unwrap_or(now);
            run = Some(next);
        }
        (run.expect("at least one failure"), now)
    }

    #[test]
    fn the_sixth_try_waits_and_each_failure_doubles_the_wait_up_to_a_quarter_of_an_hour() {
        assert_eq!(run_of(4, HERE).0.wait_until, None);
        let waits: Vec<_> = (5..=12)
            .map(|failures| {
                let run = run_of(failures, HERE).0;
                run.wait(run.last_failed_at).unwrap().num_seconds()
            })
            .collect();
        assert_eq!(waits, [30, 60, 120, 240, 480, 900, 900, 900]);
    }

    #[test]
    fn a_wait_is_over_at_its_end() {
        let (run, end) = run_of(5, HERE);
        assert_eq!(run.wait(end - TimeDelta::microseconds(1)), Some(TimeDelta::microseconds(1)));
        assert_eq!(run.wait(end), None);
    }

    #[test]
    fn a_run_without_a_wait_is_over_after_a_quarter_of_an_hour_and_one_with_a_wait_after_a_day() {
        for (failures, rest) in [(4, FailureRun::MEMORY), (10, FailureRun::MEMORY_OF_WAITS)] {
            let (run, end) = run_of(failures, HERE);
            let just_before = FailureRun::and_one_more(Some(run), HERE, end + rest - TimeDelta::seconds(1));
            assert_eq!(just_before.failures, failures + 1);
            assert_eq!(FailureRun::and_one_more(Some(run), HERE, end + rest).failures, 1);
        }
    }

    #[test]
    fn resting_between_waits_gives_no_more_than_a_hundred_tries_a_day() {
        let (mut run, mut now, mut tries) = (None, NOW, 0);
        while now < NOW + TimeDelta::days(1) {
            let next = FailureRun::and_one_more(run, HERE, now);
            now = next.wait_until.map_or(now, |until| until + TimeDelta::seconds(1));
            (run, tries) = (Some(next), tries + 1);
        }
        assert!(tries <= 105, "{tries}");
    }

    #[test]
    fn from_anywhere_fifty_failures_are_free() {
        assert_eq!(run_of(49, Place::Anywhere).0.wait_until, None);
        assert!(run_of(50, Place::Anywhere).0.wait_until.is_some());
    }

    #[test]
    fn failures_elsewhere_slow_down_only_networks_the_account_never_signed_in_from() {
        let (run, _) = run_of(50, Place::Anywhere);
        let stranger = LoginStanding { anywhere: Some(run), ..LoginStanding::default() };
        assert!(stranger.wait(run.last_failed_at).is_some());
        let owner = LoginStanding { is_known_network: true, ..stranger };
        assert_eq!(owner.wait(run.last_failed_at), None);
        let (here, _) = run_of(5, HERE);
        let clumsy = LoginStanding { here: Some(here), ..owner };
        assert!(clumsy.wait(here.last_failed_at).is_some(), "their own failures do");
    }
}
