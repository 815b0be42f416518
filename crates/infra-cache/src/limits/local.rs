//! Limits counted in this process, in bounded memory.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use domain::ports::{RateLimit, RateLimiter, RateStanding};
use tokio::time::Instant;

use super::gcra::Pace;

/// Callers are spread over so many maps, so that threads seldom wait for one another.
const SHARDS: usize = 16;

/// How many callers are remembered by default: some megabytes.
const CALLERS: usize = 1 << 17;

/// Counts requests in this process.
///
/// At most as many callers are remembered as there is room for. Those whose quota is whole are dropped first, for nothing
/// is known of them; if there are none, those who will be there soonest: an attacker with addresses without end makes it
/// forget others like him, and last of all somebody who has used up a quota.
///
/// Callers are known by a hash with a secret key, in eight bytes however long the name is. That two of them share a count
/// is possible and cannot be brought about: with 100,000 callers the odds are one in several thousand million.
#[derive(Debug)]
pub struct LocalRateLimiter {
    hasher: RandomState,
    shards: [Mutex<Shard>; SHARDS],
    room: usize,
    started: Instant,
}

/// When the quota of each caller is whole again.
type Shard = HashMap<u64, u64>;

impl Default for LocalRateLimiter {
    fn default() -> Self {
        Self::new()
    }
}

impl LocalRateLimiter {
    /// Nobody has asked yet.
    pub fn new() -> Self {
        Self::with_room_for(CALLERS)
    }

    /// Nobody has asked yet, and about so many callers are remembered at most.
    pub fn with_room_for(callers: usize) -> Self {
        Self {
            hasher: RandomState::new(),
            shards: std::array::from_fn(|_| Mutex::default()),
            room: callers.div_ceil(SHARDS).max(1),
            started: Instant::now(),
        }
    }

    /// How many callers are remembered.
    pub fn callers(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().unwrap_or_else(PoisonError::into_inner).len()).sum()
    }

    fn count(&self, limit: RateLimit, key: &str) -> RateStanding {
        let (pace, now) = (Pace::of(limit), self.now());
        let caller = self.hasher.hash_one((limit.name, key));
        let [shard, ..] = caller.to_be_bytes();
        let shard = self.shards.get(usize::from(shard) % SHARDS).expect("there are as many shards");
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        let known = shard.get(&caller).copied();
        let (is_allowed, whole_at) = pace.take(known.unwrap_or_default(), now);
        if known.is_none() && shard.len() >= self.room {
            make_room(&mut shard, now);
        }
        shard.insert(caller, whole_at);
        pace.standing(is_allowed, whole_at - now)
    }

    /// In microseconds.
    fn now(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

/// Drops callers whose quota is whole. If these are few, drops those next to it as well, many at once: the next one who
/// needs room should not have to search again.
fn make_room(shard: &mut Shard, now: u64) {
    let enough = (shard.len() / 8).max(1);
    let before = shard.len();
    shard.retain(|_, whole_at| *whole_at > now);
    let mut missing = enough.saturating_sub(before - shard.len());
    if missing == 0 {
        return;
    }
    let mut moments: Vec<u64> = shard.values().copied().collect();
    let (_, last, _) = moments.select_nth_unstable(missing - 1);
    let last = *last;
    shard.retain(|_, whole_at| {
        let is_kept = missing == 0 || *whole_at > last;
        missing -= usize::from(!is_kept);
        is_kept
    });
}

#[async_trait]
impl RateLimiter for LocalRateLimiter {
    async fn take(&self, limit: RateLimit, key: &str) -> RateStanding {
        self.count(limit, key)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use tokio::task::JoinSet;
    use tokio::time::advance;

    use super::*;

    const LIMIT: RateLimit = RateLimit { name: "auth", quota: 5, window: Duration::from_mins(1) };
    const INTERVAL: Duration = Duration::from_secs(12);

    #[tokio::test(start_paused = true)]
    async fn exactly_the_quota_passes_at_once() {
        let limiter = LocalRateLimiter::new();
        for used in 1..=5 {
            let standing = limiter.take(LIMIT, "ann").await;
            let retry_after = if used == 5 { INTERVAL } else { Duration::ZERO };
            assert_eq!(
                standing,
                RateStanding { is_allowed: true, remaining: 5 - used, reset: INTERVAL * used, retry_after }
            );
        }
        advance(Duration::from_secs(2)).await;
        let refused = RateStanding {
            is_allowed: false,
            remaining: 0,
            reset: Duration::from_secs(58),
            retry_after: Duration::from_secs(10),
        };
        assert_eq!(limiter.take(LIMIT, "ann").await, refused);
        assert_eq!(limiter.take(LIMIT, "ann").await, refused, "a refused request counts for nothing");
    }

    #[tokio::test(start_paused = true)]
    async fn after_the_quota_one_passes_every_interval_and_not_a_moment_sooner() {
        let limiter = LocalRateLimiter::new();
        for _ in 0..5 {
            limiter.take(LIMIT, "ann").await;
        }
        for _ in 0..20 {
            advance(Duration::from_millis(11_999)).await;
            assert!(!limiter.take(LIMIT, "ann").await.is_allowed);
            advance(Duration::from_millis(1)).await;
            assert!(limiter.take(LIMIT, "ann").await.is_allowed);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_rest_of_the_window_the_quota_is_whole() {
        let limiter = LocalRateLimiter::new();
        for _ in 0..9 {
            limiter.take(LIMIT, "ann").await;
        }
        advance(LIMIT.window).await;
        assert_eq!(limiter.take(LIMIT, "ann").await.remaining, 4);
    }

    #[tokio::test(start_paused = true)]
    async fn callers_and_limits_are_counted_each_for_itself() {
        let limiter = LocalRateLimiter::new();
        let read = RateLimit { name: "read", ..LIMIT };
        for _ in 0..9 {
            limiter.take(LIMIT, "ann").await;
        }
        assert_eq!(limiter.take(LIMIT, "bob").await.remaining, 4);
        assert_eq!(limiter.take(read, "ann").await.remaining, 4);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn of_many_at_once_exactly_the_quota_passes() {
        let limiter = Arc::new(LocalRateLimiter::new());
        let limit = RateLimit { name: "read", quota: 1_000, window: Duration::from_hours(1_000) };
        let mut asking = JoinSet::new();
        for _ in 0..64 {
            let limiter = Arc::clone(&limiter);
            asking.spawn(async move {
                let mut allowed = 0;
                for _ in 0..100 {
                    allowed += u32::from(limiter.take(limit, "ann").await.is_allowed);
                }
                allowed
            });
        }
        assert_eq!(asking.join_all().await.iter().sum::<u32>(), 1_000);
    }

    #[tokio::test(start_paused = true)]
    async fn addresses_without_end_take_no_more_room_than_there_is() {
        let limiter = LocalRateLimiter::with_room_for(1_024);
        for address in 0..100_000_u32 {
            limiter.take(LIMIT, &address.to_string()).await;
        }
        assert!(limiter.callers() <= 1_024, "{} callers are remembered", limiter.callers());
        assert!(limiter.callers() > 768, "only {} callers are remembered", limiter.callers());
    }

    #[tokio::test(start_paused = true)]
    async fn who_has_used_up_the_quota_is_not_forgotten_for_others_who_asked_once() {
        let limiter = LocalRateLimiter::with_room_for(1_024);
        for _ in 0..5 {
            limiter.take(LIMIT, "ann").await;
        }
        for address in 0..100_000_u32 {
            limiter.take(LIMIT, &address.to_string()).await;
        }
        assert!(!limiter.take(LIMIT, "ann").await.is_allowed);
    }

    #[test]
    fn who_has_rested_is_forgotten_first() {
        let (mut shard, now) = (Shard::from([(1, 5), (2, 10), (3, 20), (4, 30)]), 10);
        make_room(&mut shard, now);
        assert_eq!(shard, Shard::from([(3, 20), (4, 30)]), "the two who have rested, and nobody else");
        make_room(&mut shard, now);
        assert_eq!(shard, Shard::from([(4, 30)]), "nobody has rested: the next to be there");
    }
}
