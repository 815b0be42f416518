//! Limits that a test can count along with.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use domain::ports::{RateLimit, RateLimiter, RateStanding};

/// Gives each key its quota, and nothing of it back.
#[derive(Default)]
pub(crate) struct Quotas(Mutex<BTreeMap<(&'static str, String), u32>>);

/// When everything would be free again, if it ever were.
const RESET: Duration = Duration::from_millis(59_500);

/// When the next request would be.
const RETRY_AFTER: Duration = Duration::from_millis(1_200);

#[async_trait]
impl RateLimiter for Quotas {
    async fn take(&self, limit: RateLimit, key: &str) -> RateStanding {
        let mut counts = self.0.lock().unwrap();
        let count = counts.entry((limit.name, key.to_owned())).or_default();
        let is_allowed = *count < limit.quota;
        *count += u32::from(is_allowed);
        let retry_after = if is_allowed { Duration::ZERO } else { RETRY_AFTER };
        RateStanding { is_allowed, remaining: limit.quota - *count, reset: RESET, retry_after }
    }
}

/// A limit of so many.
pub(crate) fn quota(name: &'static str, quota: u32) -> RateLimit {
    RateLimit { name, quota, window: Duration::from_mins(1) }
}
