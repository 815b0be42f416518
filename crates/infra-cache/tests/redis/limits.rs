//! Counting together.

use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use domain::ports::{RateLimit, RateLimiter};
use infra_cache::{RedisLink, SharedRateLimiter};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::server::{connection, named_server};

const LIMIT: RateLimit = RateLimit { name: "test", quota: 5, window: Duration::from_mins(1) };
const INTERVAL: Duration = Duration::from_secs(12);
/// No test takes as long.
const SLACK: Duration = Duration::from_secs(5);

/// A caller whom no other test is.
fn caller() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    format!("{}-{}", process::id(), NUMBER.fetch_add(1, Ordering::Relaxed))
}

async fn limiter() -> SharedRateLimiter {
    SharedRateLimiter::new(Arc::new(RedisLink::open(&named_server().unwrap()).await.unwrap()))
}

/// That it was Redis who counted.
fn assert_shared(limiter: &SharedRateLimiter) {
    assert_eq!(limiter.counted_alone(), 0);
}

pub(crate) async fn exactly_the_quota_passes_at_once() {
    let (limiter, caller) = (limiter().await, caller());
    for used in 1..=5 {
        let standing = limiter.take(LIMIT, &caller).await;
        assert!(standing.is_allowed);
        assert_eq!(standing.remaining, 5 - used);
        assert!(standing.reset <= INTERVAL * used && standing.reset + SLACK > INTERVAL * used, "{standing:?}");
        let retry_after = if used == 5 { INTERVAL } else { Duration::ZERO };
        assert!(standing.retry_after <= retry_after && standing.retry_after + SLACK >= retry_after, "{standing:?}");
    }
    let refused = limiter.take(LIMIT, &caller).await;
    assert!(!refused.is_allowed && refused.remaining == 0);
    assert_eq!(refused.reset + INTERVAL, refused.retry_after + LIMIT.window);
    let again = limiter.take(LIMIT, &caller).await;
    assert!(again.reset < refused.reset, "a refused request counts for nothing");
    assert_shared(&limiter);
}

pub(crate) async fn after_the_quota_one_passes_every_interval() {
    let (limiter, caller) = (limiter().await, caller());
    let limit = RateLimit { name: "quick", quota: 4, window: Duration::from_secs(2) };
    for _ in 0..4 {
        assert!(limiter.take(limit, &caller).await.is_allowed);
    }
    for _ in 0..4 {
        let refused = limiter.take(limit, &caller).await;
        assert!(!refused.is_allowed, "{refused:?}");
        sleep(refused.retry_after.saturating_sub(Duration::from_millis(60))).await;
        let refused = limiter.take(limit, &caller).await;
        // The machine may have been busy for longer than that.
        assert!(!refused.is_allowed || refused.reset < limit.window, "{refused:?}");
        sleep(refused.retry_after + Duration::from_millis(2)).await;
        assert!(limiter.take(limit, &caller).await.is_allowed);
    }
    assert_shared(&limiter);
}

pub(crate) async fn of_many_at_once_exactly_the_quota_passes() {
    let (first, second, caller) = (Arc::new(limiter().await), Arc::new(limiter().await), caller());
    let limit = RateLimit { name: "many", quota: 100, window: Duration::from_hours(10) };
    let mut asking = JoinSet::new();
    for number in 0..64 {
        let limiter = Arc::clone(if number % 2 == 0 { &first } else { &second });
        let caller = caller.clone();
        asking.spawn(async move {
            let mut allowed = 0;
            for _ in 0..10 {
                allowed += u32::from(limiter.take(limit, &caller).await.is_allowed);
            }
            allowed
        });
    }
    assert_eq!(asking.join_all().await.iter().sum::<u32>(), 100);
    assert_shared(&first);
    assert_shared(&second);
}

pub(crate) async fn two_limiters_share_one_count() {
    let (first, second, caller) = (limiter().await, limiter().await, caller());
    for used in 1..=5 {
        let limiter = if used % 2 == 0 { &first } else { &second };
        assert_eq!(limiter.take(LIMIT, &caller).await.remaining, 5 - used);
    }
    assert!(!first.take(LIMIT, &caller).await.is_allowed);
    assert!(!second.take(LIMIT, &caller).await.is_allowed);
}

pub(crate) async fn callers_and_limits_are_counted_each_for_itself() {
    let (limiter, caller) = (limiter().await, caller());
    let other = RateLimit { name: "other", ..LIMIT };
    for _ in 0..6 {
        limiter.take(LIMIT, &caller).await;
    }
    assert_eq!(limiter.take(LIMIT, &format!("{caller}:2")).await.remaining, 4);
    assert_eq!(limiter.take(other, &caller).await.remaining, 4);
    assert_shared(&limiter);
}

pub(crate) async fn nothing_is_kept_of_a_caller_whose_quota_is_whole() {
    let (limiter, caller) = (limiter().await, caller());
    let limit = RateLimit { name: "quick", quota: 2, window: Duration::from_millis(200) };
    limiter.take(limit, &caller).await;
    let mut connection = connection(&named_server().unwrap()).await;
    let key = format!("usermgmt:rl:quick:{caller}");
    let left: i64 = redis::cmd("PTTL").arg(&key).query_async(&mut connection).await.unwrap();
    assert!(left <= 100, "{left} ms");
    sleep(Duration::from_millis(150)).await;
    let exists: bool = redis::cmd("EXISTS").arg(&key).query_async(&mut connection).await.unwrap();
    assert!(!exists);
    assert_shared(&limiter);
}

/// The limit was wider when it was written, or the server's clock went back.
pub(crate) async fn a_count_from_the_future_costs_no_more_than_the_window() {
    let (limiter, caller) = (limiter().await, caller());
    write(&caller, "4102444800000000").await;
    let refused = limiter.take(LIMIT, &caller).await;
    assert!(!refused.is_allowed);
    assert_eq!((refused.reset, refused.retry_after), (LIMIT.window, INTERVAL));
    assert_shared(&limiter);
}

pub(crate) async fn what_is_no_count_counts_for_nothing() {
    let (limiter, caller) = (limiter().await, caller());
    write(&caller, "nonsense").await;
    assert_eq!(limiter.take(LIMIT, &caller).await.remaining, 4);
    assert_shared(&limiter);
}

async fn write(caller: &str, count: &str) {
    let mut connection = connection(&named_server().unwrap()).await;
    let key = format!("usermgmt:rl:test:{caller}");
    redis::cmd("SET").arg(key).arg(count).exec_async(&mut connection).await.unwrap();
}
