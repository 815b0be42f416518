//! How often what was asked for was in memory.

use std::sync::OnceLock;

use metrics::{Counter, Gauge, counter, gauge};

/// The counters of this cache, made when they are first needed: whoever collects them is there by then.
pub(crate) struct Counts {
    cache: &'static str,
    handles: OnceLock<Handles>,
}

struct Handles {
    hit: Counter,
    miss: Counter,
    negative: Counter,
    shared_hit: Counter,
    bytes: Gauge,
}

impl Counts {
    pub(crate) fn of(cache: &'static str) -> Self {
        Self { cache, handles: OnceLock::new() }
    }

    pub(crate) fn hit(&self) {
        self.handles().hit.increment(1);
    }

    /// It was in memory that nobody is there.
    pub(crate) fn negative(&self) {
        self.handles().negative.increment(1);
    }

    pub(crate) fn miss(&self) {
        self.handles().miss.increment(1);
    }

    pub(crate) fn shared_hit(&self) {
        self.handles().shared_hit.increment(1);
    }

    #[expect(clippy::cast_precision_loss, reason = "a gauge needs no single bytes")]
    pub(crate) fn bytes(&self, bytes: u64) {
        self.handles().bytes.set(bytes as f64);
    }

    fn handles(&self) -> &Handles {
        let cache = self.cache;
        let requests = |result| counter!("usermgmt_cache_requests_total", "cache" => cache, "result" => result);
        self.handles.get_or_init(|| Handles {
            hit: requests("hit"),
            miss: requests("miss"),
            negative: requests("negative"),
            shared_hit: requests("shared_hit"),
            bytes: gauge!("usermgmt_cache_bytes", "cache" => cache),
        })
    }
}
