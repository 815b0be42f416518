//! Numbers that were passed over: their events may be committed later, or never.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// So long a transaction may take from writing its events to committing them.
const OPEN_FOR: Duration = Duration::from_mins(1);

/// Gaps of so short a time may be looked for as one.
const TOGETHER: Duration = Duration::from_secs(4);

/// They are if no more numbers than this lie between them,
const CLOSE: i64 = 64;

/// or if there are more of them than this.
const MANY: usize = 16;

/// Between two looks, at least.
const PACE: Duration = Duration::from_millis(500);

/// Ranges of numbers, in the order in which they were passed over.
#[derive(Debug, Default)]
pub(super) struct Gaps(VecDeque<Gap>);

#[derive(Debug, Clone, Copy)]
struct Gap {
    first: i64,
    last: i64,
    since: Instant,
    looked: Instant,
}

impl Gaps {
    /// Notes what lies between two numbers that follow one another.
    pub(super) fn pass_over(&mut self, before: i64, number: i64, now: Instant) {
        let (first, last) = (before + 1, number - 1);
        if first > last {
            return;
        }
        let are_many = self.0.len() >= MANY;
        match self.0.back_mut() {
            Some(gap)
                if now.duration_since(gap.since) < TOGETHER
                    && (are_many || first.saturating_sub(gap.last) <= CLOSE) =>
            {
                gap.last = last;
            }
            _ => self.0.push_back(Gap { first, last, since: now, looked: now }),
        }
    }

    /// The first and the last number of each gap that is due for a look: often while it is fresh, and seldom when hardly
    /// anything can be still to come.
    pub(super) fn due(&mut self, now: Instant) -> Vec<(i64, i64)> {
        self.0.retain(|gap| now.duration_since(gap.since) < OPEN_FOR);
        let mut due = Vec::new();
        for gap in &mut self.0 {
            if now.duration_since(gap.looked) >= PACE.max(now.duration_since(gap.since) / 8) {
                gap.looked = now;
                due.push((gap.first, gap.last));
            }
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn milliseconds(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn numbers_that_were_passed_over_are_looked_for_during_a_minute_and_ever_less_often() {
        let (mut gaps, start) = (Gaps::default(), Instant::now());
        gaps.pass_over(0, 1, start);
        gaps.pass_over(1, 4, start);
        let looks: Vec<_> = (0..480)
            .map(|step| start + milliseconds(250 * step))
            .filter(|now| gaps.due(*now) == [(2, 3)])
            .map(|now| now.duration_since(start))
            .collect();
        assert_eq!(looks[..4], [500, 1_000, 1_500, 2_000].map(milliseconds));
        assert!(looks.len() < 35 && *looks.last().unwrap() > milliseconds(50_000), "{looks:?}");
    }

    #[test]
    fn many_gaps_become_few_and_none_is_forgotten() {
        let (mut gaps, start) = (Gaps::default(), Instant::now());
        // As on a cluster of three, where each server leaves the others' numbers out; and such that are far apart.
        let numbers = (3..30_000).step_by(3).chain((30_000..900_000).step_by(1_000));
        let numbers: Vec<i64> = numbers.collect();
        let mut before = 0;
        for (number, at) in numbers.iter().zip(0_u64..) {
            gaps.pass_over(before, *number, start + milliseconds(5 * at));
            before = *number;
        }
        let now = start + milliseconds(55_500);
        let open = gaps.due(now);
        assert!(open.len() < 40, "{}", open.len());
        let seen: HashSet<i64> = numbers.into_iter().collect();
        for number in (1..before).filter(|number| !seen.contains(number)).step_by(97) {
            assert!(open.iter().any(|(first, last)| (first..=last).contains(&&number)), "{number}");
        }
        gaps.due(now + OPEN_FOR);
        assert!(gaps.0.is_empty());
    }
}
