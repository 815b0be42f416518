//! Limits that all replicas count together, as long as Redis is there.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use domain::ports::{RateLimit, RateLimiter, RateStanding};

use super::{LocalRateLimiter, script};
use crate::redis_link::RedisLink;

/// Counts requests in Redis, together with all other processes that do; by itself while Redis is away.
///
/// The request that finds Redis gone waits 100 ms for it at most; while it is known to be gone nobody waits.
#[derive(Debug)]
pub struct SharedRateLimiter {
    link: Arc<RedisLink>,
    local: LocalRateLimiter,
    counted_alone: AtomicU64,
}

impl SharedRateLimiter {
    /// Counts through this link.
    pub fn new(link: Arc<RedisLink>) -> Self {
        Self { link, local: LocalRateLimiter::new(), counted_alone: AtomicU64::new(0) }
    }

    /// How many requests were counted in this process alone so far, because Redis was away.
    pub fn counted_alone(&self) -> u64 {
        self.counted_alone.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl RateLimiter for SharedRateLimiter {
    async fn take(&self, limit: RateLimit, key: &str) -> RateStanding {
        let shared = self.link.ask(async |mut connection| script::take(&mut connection, limit, key).await).await;
        if let Some(standing) = shared {
            return standing;
        }
        self.counted_alone.fetch_add(1, Ordering::Relaxed);
        self.local.take(limit, key).await
    }
}
