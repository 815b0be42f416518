//! How often what was asked for was in memory.

use std::sync::OnceLock;

use metrics::{Counter, Gauge, counter, gauge};

/// The counters of a cache, each made when it is first needed: whoever collects them is there by then.
pub(crate) struct Counts {
    cache: &'static str,
    hit: OnceLock<Counter>,
    miss: OnceLock<Counter>,
    negative: OnceLock<Counter>,
    shared_hit: OnceLock<Counter>,
    bytes: OnceLock<Gauge>,
}

impl Counts {
    pub(crate) fn of(cache: &'static str) -> Self {
        let none = OnceLock::new;
        Self { cache, hit: none(), miss: none(), negative: none(), shared_hit: none(), bytes: OnceLock::new() }
    }

    pub(crate) fn hit(&self) {
        self.count(&self.hit, "hit");
    }

    /// It was in memory that nobody is there.
    pub(crate) fn negative(&self) {
        self.count(&self.negative, "negative");
    }

    pub(crate) fn miss(&self) {
        self.count(&self.miss, "miss");
    }

    pub(crate) fn shared_hit(&self) {
        self.count(&self.shared_hit, "shared_hit");
    }

    #[expect(clippy::cast_precision_loss, reason = "a gauge needs no single bytes")]
    pub(crate) fn bytes(&self, bytes: u64) {
        self.bytes.get_or_init(|| gauge!("usermgmt_cache_bytes", "cache" => self.cache)).set(bytes as f64);
    }

    fn count(&self, counter: &OnceLock<Counter>, result: &'static str) {
        let make = || counter!("usermgmt_cache_requests_total", "cache" => self.cache, "result" => result);
        counter.get_or_init(make).increment(1);
    }
}
