//! What time it is, from the machine's clock.

use std::time::SystemTime;

use chrono::{DateTime, SubsecRound, Utc};
use domain::ports::Clock;

/// The machine's clock, cut to microseconds.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        #[expect(clippy::disallowed_methods, reason = "this is the adapter behind the port")]
        DateTime::<Utc>::from(SystemTime::now()).trunc_subsecs(6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_hold_no_more_than_microseconds() {
        for _ in 0..100 {
            assert_eq!(SystemClock.now().timestamp_subsec_nanos() % 1_000, 0);
        }
    }
}
