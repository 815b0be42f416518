//! How often somebody may ask.

use std::time::Duration;

use async_trait::async_trait;

/// So many requests in so much time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RateLimit {
    /// Its name in headers and keys.
    pub name: &'static str,
    /// How many requests may come at once, after a rest of `window`.
    pub quota: u32,
    /// In what time as many become free again, evenly.
    pub window: Duration,
}

/// Where a caller stands after a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateStanding {
    /// Whether the request is within the limit.
    pub is_allowed: bool,
    /// How many more may come at once now.
    pub remaining: u32,
    /// When the whole quota is free again.
    pub reset: Duration,
    /// When the next request is allowed; zero if one is now.
    pub retry_after: Duration,
}

/// Counts requests by the generic cell rate algorithm: exact, without the bursts at the edges of fixed windows.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait RateLimiter: Send + Sync {
    /// Counts one request of `key` against the limit. One that is refused counts for nothing.
    ///
    /// It never fails: where counts are shared and the others cannot be reached, this process counts alone.
    async fn take(&self, limit: RateLimit, key: &str) -> RateStanding;
}
