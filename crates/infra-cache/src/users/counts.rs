//! How often what was asked for was in memory.

use std::sync::OnceLock;

use metrics::{Counter, Gauge, counter, gauge};

/// The counters of this cache, made when they are first needed: whoever collects them is there by then.
#[derive(Default)]
pub(super) struct Counts(OnceLock<Handles>);

struct Handles {
    hit: Counter,
    miss: Counter,
    negative: Counter,
    shared_hit: Counter,
    bytes: Gauge,
}

impl Counts {
    pub(super) fn hit(&self) {
        self.handles().hit.increment(1);
    }

    /// It was in memory that nobody is there.
    pub(super) fn negative(&self) {
        self.handles().negative.increment(1);
    }

    pub(super) fn miss(&self) {
        self.handles().miss.increment(1);
    }

    pub(super) fn shared_hit(&self) {
        self.handles().shared_hit.increment(1);
    }

    #[expect(clippy::cast_precision_loss, reason = "a gauge needs no single bytes")]
    pub(super) fn bytes(&self, bytes: u64) {
        self.handles().bytes.set(bytes as f64);
    }

    fn handles(&self) -> &Handles {
        let requests = |result| counter!("usermgmt_cache_requests_total", "cache" => "users", "result" => result);
        self.0.get_or_init(|| Handles {
            hit: requests("hit"),
            miss: requests("miss"),
            negative: requests("negative"),
            shared_hit: requests("shared_hit"),
            bytes: gauge!("usermgmt_cache_bytes", "cache" => "users"),
        })
    }
}
