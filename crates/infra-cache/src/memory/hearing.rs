//! When changes were last heard of.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// After so long without a word about changes, what is in memory may be wrong.
const BLIND_AFTER: Duration = Duration::from_secs(5);

/// When changes were last heard of. A new one has heard of all up to now.
#[derive(Debug)]
pub(crate) struct Hearing {
    started: Instant,
    /// In microseconds since the start.
    heard: AtomicU64,
}

impl Hearing {
    pub(crate) fn new() -> Self {
        Self { started: Instant::now(), heard: AtomicU64::new(0) }
    }

    /// The time since the start.
    pub(crate) fn now(&self) -> Duration {
        self.started.elapsed()
    }

    /// Up to when since the start every change is known.
    pub(crate) fn heard_until(&self) -> Duration {
        Duration::from_micros(self.heard.load(Ordering::Relaxed))
    }

    /// Whether nothing was heard for too long.
    pub(crate) fn is_blind(&self, now: Duration) -> bool {
        now.saturating_sub(self.heard_until()) >= BLIND_AFTER
    }

    /// Every change up to so long ago is known.
    pub(crate) fn heard(&self, ago: Duration) {
        let until = u64::try_from(self.now().saturating_sub(ago).as_micros()).unwrap_or(u64::MAX);
        self.heard.fetch_max(until, Ordering::Relaxed);
    }
}
