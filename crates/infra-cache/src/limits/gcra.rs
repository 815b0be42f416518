//! The generic cell rate algorithm in whole microseconds, so that a process and Redis come to the same answers.
//!
//! All that is kept of a caller is when the whole quota will be free again. A request moves that moment by one interval,
//! and is refused if it would then be more than the whole quota away. (The crate `governor` knows the same algorithm, but
//! neither a bound on its keys nor when a refused caller's quota is whole again.)

use std::time::Duration;

use domain::ports::{RateLimit, RateStanding};

/// Ten years: sums of a moment and a window then stay below 2^53, where Lua's numbers stop being exact.
const LONGEST_WINDOW: u64 = 10 * 365 * 24 * 3_600 * 1_000_000;

/// A limit in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pace {
    /// In what time one request becomes free again.
    pub(crate) interval: u64,
    /// In what time the whole quota does. At most the window, which it misses by less than a microsecond a request.
    pub(crate) whole: u64,
}

impl Pace {
    pub(crate) fn of(limit: RateLimit) -> Self {
        let quota = u64::from(limit.quota.max(1));
        let window = u64::try_from(limit.window.as_micros()).unwrap_or(u64::MAX).min(LONGEST_WINDOW);
        let interval = (window / quota).max(1);
        Self { interval, whole: interval * quota }
    }

    /// Counts a request of somebody whose quota is whole at `whole_at`: whether it is allowed, and when the quota is whole
    /// after it.
    pub(crate) fn take(self, whole_at: u64, now: u64) -> (bool, u64) {
        // Not later than it can be: the limit may have changed, or the clock.
        let whole_at = whole_at.clamp(now, now + self.whole);
        let after = whole_at + self.interval;
        if after <= now + self.whole { (true, after) } else { (false, whole_at) }
    }

    /// Where somebody stands whose quota is whole in `reset`.
    pub(crate) fn standing(self, is_allowed: bool, reset: u64) -> RateStanding {
        let free = self.whole.saturating_sub(reset);
        RateStanding {
            is_allowed,
            remaining: u32::try_from(free / self.interval).unwrap_or(u32::MAX),
            reset: Duration::from_micros(reset),
            retry_after: Duration::from_micros(self.interval.saturating_sub(free)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace(quota: u32, window: Duration) -> Pace {
        Pace::of(RateLimit { name: "test", quota, window })
    }

    #[test]
    fn a_window_that_does_not_divide_is_missed_by_less_than_a_microsecond_a_request() {
        let pace = pace(7, Duration::from_mins(1));
        assert_eq!(pace.interval, 8_571_428);
        assert!(pace.whole <= 60_000_000 && pace.whole > 60_000_000 - 7);
    }

    #[test]
    fn the_whole_quota_passes_at_once_whether_or_not_the_window_divides() {
        for quota in [1, 2, 3, 5, 7, 100, 999, 1_000] {
            let pace = pace(quota, Duration::from_mins(1));
            let (mut whole_at, mut allowed) = (0, 0);
            for _ in 0..quota + 5 {
                let (is_allowed, after) = pace.take(whole_at, 50);
                whole_at = after;
                allowed += u32::from(is_allowed);
            }
            assert_eq!(allowed, quota);
        }
    }

    #[test]
    fn a_moment_further_away_than_the_limit_allows_counts_as_all_used_up() {
        let pace = pace(5, Duration::from_mins(1));
        assert_eq!(pace.take(u64::from(u32::MAX) * 1_000_000, 1_000), (false, 60_001_000));
    }

    #[test]
    fn quotas_beyond_reason_neither_overflow_nor_divide_by_zero() {
        for (quota, window) in [(0, Duration::ZERO), (u32::MAX, Duration::ZERO), (u32::MAX, Duration::MAX)] {
            let pace = pace(quota, window);
            let (is_allowed, reset) = pace.take(0, 1 << 51);
            assert!(is_allowed && reset < 1 << 53);
        }
    }
}
