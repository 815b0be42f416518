//! Redis goes, and returns.

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::ports::{RateLimit, RateLimiter};
use infra_cache::{RedisHealth, RedisLink, SharedRateLimiter};
use tokio::task::JoinSet;

use crate::server::{PrivateServer, free_port, until, until_ok};

const LIMIT: RateLimit = RateLimit { name: "test", quota: 1_000, window: Duration::from_hours(1_000) };
/// What a request waits for a server that stopped, on a machine that is busy.
const BRIEFLY: Duration = Duration::from_millis(250);

async fn limiter(server: &PrivateServer) -> (Arc<RedisLink>, Arc<SharedRateLimiter>) {
    let link = Arc::new(RedisLink::open(&server.url()).await.unwrap());
    (Arc::clone(&link), Arc::new(SharedRateLimiter::new(link)))
}

pub(crate) async fn a_server_that_stops_is_waited_for_once_and_briefly() {
    let server = PrivateServer::start(&[]).await;
    let (link, limiter) = limiter(&server).await;
    assert_eq!(limiter.take(LIMIT, "ann").await.remaining, 999);
    server.stop();
    let begun = Instant::now();
    assert_eq!(limiter.take(LIMIT, "ann").await.remaining, 999, "alone it starts anew");
    assert!(begun.elapsed() < BRIEFLY, "waited {:?}", begun.elapsed());
    assert_eq!(link.health(), RedisHealth::Degraded);

    // Also while it is tried again, for nearly as long as it takes to be found dead.
    let begun = Instant::now();
    let (mut asked, mut longest) = (1, Duration::ZERO);
    while begun.elapsed() < Duration::from_secs(3) {
        let before = Instant::now();
        limiter.take(LIMIT, "ann").await;
        longest = longest.max(before.elapsed());
        asked += 1;
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(longest < Duration::from_millis(95), "somebody waited {longest:?}");
    assert_eq!((limiter.counted_alone(), link.outages()), (asked, 1));

    server.go_on();
    let after = until_ok(&link).await;
    assert!(after < Duration::from_millis(2_500), "back after {after:?}");
    let remaining = limiter.take(LIMIT, "ann").await.remaining;
    assert!((997..999).contains(&remaining), "{remaining} remain, of what was counted in Redis");
    assert_eq!((limiter.counted_alone(), link.outages()), (asked, 1));
}

pub(crate) async fn many_who_find_it_stopped_wait_no_longer_than_one() {
    let server = PrivateServer::start(&[]).await;
    let (link, limiter) = limiter(&server).await;
    server.stop();
    let begun = Instant::now();
    let mut asking = JoinSet::new();
    for _ in 0..64 {
        let limiter = Arc::clone(&limiter);
        asking.spawn(async move { limiter.take(LIMIT, "ann").await.is_allowed });
    }
    assert!(asking.join_all().await.into_iter().all(|is_allowed| is_allowed));
    assert!(begun.elapsed() < BRIEFLY, "waited {:?}", begun.elapsed());
    assert_eq!((limiter.counted_alone(), link.outages()), (64, 1), "one outage, whoever met it");
    server.go_on();
}

pub(crate) async fn a_server_that_is_killed_is_used_again_when_it_is_back() {
    let mut server = PrivateServer::start(&[]).await;
    let (link, limiter) = limiter(&server).await;
    for outage in 1..=2 {
        server.kill();
        let begun = Instant::now();
        limiter.take(LIMIT, "ann").await;
        assert!(begun.elapsed() < BRIEFLY, "waited {:?}", begun.elapsed());
        assert_eq!((link.health(), limiter.counted_alone(), link.outages()), (RedisHealth::Degraded, outage, outage));
        server.start_again().await;
        let after = until_ok(&link).await;
        assert!(after < Duration::from_millis(2_500), "back after {after:?}");
        assert_eq!(limiter.take(LIMIT, "ann").await.remaining, 999, "the server has forgotten all");
        assert_eq!(limiter.counted_alone(), outage);
    }
}

pub(crate) async fn a_server_that_comes_later_is_found() {
    let mut server = PrivateServer::prepare(free_port(), &[]);
    let (link, limiter) = limiter(&server).await;
    assert_eq!((link.health(), link.outages()), (RedisHealth::Degraded, 1));
    assert!(limiter.take(LIMIT, "ann").await.is_allowed);
    server.start_again().await;
    until_ok(&link).await;
    limiter.take(LIMIT, "ann").await;
    assert_eq!(limiter.counted_alone(), 1);
}

/// It answers a ping, and does not count.
pub(crate) async fn a_server_that_refuses_is_as_good_as_none() {
    let server = PrivateServer::start(&[]).await;
    let (link, limiter) = limiter(&server).await;
    let mut connection = server.connection().await;
    redis::cmd("CONFIG").arg("SET").arg("maxmemory").arg("1").exec_async(&mut connection).await.unwrap();
    let asked = Instant::now();
    until("its refusal is noticed without being asked", async || link.health() == RedisHealth::Degraded).await;
    assert!(asked.elapsed() < Duration::from_millis(2_500));
    for _ in 0..100 {
        assert!(limiter.take(LIMIT, "ann").await.is_allowed);
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert_eq!((limiter.counted_alone(), link.outages()), (100, 1), "it does not seem to be back each second");
    redis::cmd("CONFIG").arg("SET").arg("maxmemory").arg("0").exec_async(&mut connection).await.unwrap();
    until_ok(&link).await;
}

pub(crate) async fn a_server_that_forgot_the_script_is_told_it_again() {
    let server = PrivateServer::start(&[]).await;
    let (_link, limiter) = limiter(&server).await;
    let mut connection = server.connection().await;
    for remaining in (990..1_000).rev() {
        redis::cmd("SCRIPT").arg("FLUSH").exec_async(&mut connection).await.unwrap();
        assert_eq!(limiter.take(LIMIT, "ann").await.remaining, remaining);
    }
    assert_eq!(limiter.counted_alone(), 0);
}
