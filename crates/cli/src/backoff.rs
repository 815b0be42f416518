//! Pauses between attempts: exponential, with full jitter, until three seconds have passed.

use std::time::Duration;

use async_trait::async_trait;
use domain::ports::{Attempts, Backoff};
use tokio::time::{Instant, sleep};

/// How long a use case is tried in all.
const BUDGET: Duration = Duration::from_secs(3);
/// The longest pause after the first attempt; it doubles from there.
const FIRST: Duration = Duration::from_millis(20);
/// The longest pause of all.
const LONGEST: Duration = Duration::from_millis(320);

/// Full jitter: each pause is a random part of a doubling maximum, so that those who collided do not collide again.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct FullJitter;

impl Backoff for FullJitter {
    fn start(&self) -> Box<dyn Attempts> {
        Box::new(Jittered { deadline: Instant::now() + BUDGET, longest: FIRST })
    }
}

struct Jittered {
    deadline: Instant,
    longest: Duration,
}

#[async_trait]
impl Attempts for Jittered {
    async fn another(&mut self) -> bool {
        let pause = self.longest.mul_f64(fastrand::f64());
        if Instant::now() + pause >= self.deadline {
            return false;
        }
        sleep(pause).await;
        self.longest = (self.longest * 2).min(LONGEST);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn attempts_end_after_three_seconds() {
        let (begun, mut attempts, mut count) = (Instant::now(), FullJitter.start(), 0);
        while attempts.another().await {
            count += 1;
        }
        let elapsed = begun.elapsed();
        assert!(elapsed + LONGEST >= BUDGET && elapsed <= BUDGET + LONGEST, "gave up after {elapsed:?}");
        assert!((10..1_000).contains(&count), "{count} attempts");
    }
}
