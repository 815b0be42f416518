//! What was refused, counted by reason, and told once a second rather than each time.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use metrics::{Counter, counter};
use tracing::warn;

use crate::metrics::REQUESTS_SHED;

/// How often it is told, in microseconds.
const TOLD_EVERY: u64 = 1_000_000;

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    /// As much is in work as ends soon.
    Full,
    /// The caller has their share of that already.
    Share,
    /// Too many passwords wait to be hashed.
    Hashing,
    /// Too many wait for events, exports and the like.
    Long,
}

pub(super) struct Refusals {
    full: Counter,
    share: Counter,
    hashing: Counter,
    long: Counter,
    untold: AtomicU64,
    told_at: AtomicU64,
}

impl Refusals {
    pub(super) fn new() -> Self {
        let of = |reason: &'static str| counter!(REQUESTS_SHED, "reason" => reason);
        Self {
            full: of("full"),
            share: of("share"),
            hashing: of("hashing"),
            long: of("long"),
            untold: AtomicU64::new(0),
            told_at: AtomicU64::new(0),
        }
    }

    /// Counts one, at a time in microseconds.
    pub(super) fn note(&self, reason: Reason, now: u64) {
        let counter = match reason {
            Reason::Full => &self.full,
            Reason::Share => &self.share,
            Reason::Hashing => &self.hashing,
            Reason::Long => &self.long,
        };
        counter.increment(1);
        let untold = self.untold.fetch_add(1, Relaxed) + 1;
        let told_at = self.told_at.load(Relaxed);
        let is_due = told_at == 0 || now.saturating_sub(told_at) >= TOLD_EVERY;
        if is_due && self.told_at.compare_exchange(told_at, now.max(1), Relaxed, Relaxed).is_ok() {
            self.untold.fetch_sub(untold, Relaxed);
            warn!(
                requests.refused = untold,
                "there is too much to do: {untold} requests were refused since this was last said"
            );
        }
    }
}
