//! When requests are due in an open loop: at even distances, whatever the server does.

use std::time::{Duration, Instant};

/// The times of all requests, one after the other.
#[derive(Debug)]
pub(crate) struct Schedule {
    begun: Instant,
    period: Duration,
    number: u32,
    closes: Instant,
}

impl Schedule {
    /// `rate` requests in a second from `begun` until `closes`.
    pub(crate) fn new(rate: u32, begun: Instant, closes: Instant) -> Self {
        Self { begun, period: Duration::from_secs(1) / rate.max(1), number: 0, closes }
    }

    /// When the next one is due; nothing after the end.
    pub(crate) fn next(&self) -> Option<Instant> {
        let due = self.begun + self.period * self.number;
        (due < self.closes).then_some(due)
    }

    /// Takes the next one if its time has come.
    pub(crate) fn take_due(&mut self, now: Instant) -> Option<Instant> {
        let due = self.next().filter(|due| *due <= now)?;
        self.number += 1;
        Some(due)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_due_at_even_distances_until_the_end() {
        let begun = Instant::now();
        let mut schedule = Schedule::new(1000, begun, begun + Duration::from_secs(2));
        let after = |millis| begun + Duration::from_millis(millis);
        assert_eq!(schedule.take_due(begun), Some(begun));
        assert_eq!(schedule.take_due(begun), None);
        assert_eq!(schedule.next(), Some(after(1)));

        let rest = std::iter::from_fn(|| schedule.take_due(after(5000)));
        let rest: Vec<_> = rest.collect();
        assert_eq!((rest.len(), rest.last()), (1999, Some(&after(1999))));
        assert_eq!(schedule.next(), None);
    }

    #[test]
    fn who_comes_late_finds_all_that_were_due_at_their_own_times() {
        let begun = Instant::now();
        let mut schedule = Schedule::new(10, begun, begun + Duration::from_secs(9));
        let late = begun + Duration::from_millis(350);
        let found: Vec<_> =
            std::iter::from_fn(|| schedule.take_due(late)).map(|due| (due - begun).as_millis()).collect();
        assert_eq!(found, [0, 100, 200, 300]);
    }
}
