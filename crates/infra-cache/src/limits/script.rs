//! Counting in Redis: one script, so that no other request comes in between.

use std::sync::LazyLock;

use domain::ports::{RateLimit, RateStanding};
use redis::aio::MultiplexedConnection;
use redis::{RedisResult, Script};

use super::gcra::Pace;

static TAKE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("take.lua")));

/// Counts one request in Redis.
pub(crate) async fn take(
    connection: &mut MultiplexedConnection,
    limit: RateLimit,
    key: &str,
) -> RedisResult<RateStanding> {
    let pace = Pace::of(limit);
    let (is_allowed, reset) = run(connection, pace, &format!("usermgmt:rl:{}:{key}", limit.name)).await?;
    Ok(pace.standing(is_allowed, reset))
}

/// Does what counting does, of a caller whom nobody knows: a server that answers this one counts.
pub(crate) async fn probe(connection: &mut MultiplexedConnection) -> RedisResult<()> {
    run(connection, Pace { interval: 1_000, whole: 1_000 }, "usermgmt:rl:probe").await.map(|_| ())
}

async fn run(connection: &mut MultiplexedConnection, pace: Pace, key: &str) -> RedisResult<(bool, u64)> {
    TAKE.key(key).arg(pace.interval).arg(pace.whole).invoke_async(connection).await
}
