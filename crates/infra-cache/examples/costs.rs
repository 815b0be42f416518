//! What asking the directory and the limiters costs, beside the least that it could:
//! `TEST_REDIS_URL=redis://127.0.0.1:6379 cargo run --release -p infra-cache --example costs`

#![expect(clippy::print_stdout, reason = "an example speaks to who runs it")]
#![expect(clippy::unwrap_used, reason = "an example fails by panicking")]

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::audit::{AccessChange, Effect};
use domain::login::{LoginName, LoginStanding};
use domain::ports::{
    AccessDirectory, ChangeFollower, ChangeListener, RateLimit, RateLimiter, SessionQueries, StorageError,
};
use domain::session::{Session, SessionAccess};
use domain::user::User;
use domain::values::{Digest, Role, SessionId, UserId, UserUuid};
use infra_cache::{LocalRateLimiter, RedisLink, SessionDirectory, SharedRateLimiter, WakeUps};
use tokio::task::JoinSet;
use uuid::Uuid;

const SESSIONS: u128 = 10_000;
const ROUNDS: u32 = 1_000_000;
const LIMIT: RateLimit = RateLimit { name: "read", quota: 1_000, window: Duration::from_hours(1) };

#[tokio::main(worker_threads = 2)]
async fn main() {
    directory().await;
    local().await;
    #[expect(clippy::disallowed_methods, reason = "a switch of this example, not a setting of the product")]
    match std::env::var("TEST_REDIS_URL") {
        Ok(url) => shared(&url).await,
        Err(_) => println!("TEST_REDIS_URL is not set, so Redis is not asked"),
    }
}

async fn directory() {
    let directory = SessionDirectory::new(Arc::new(Everybody), Arc::new(WakeUps::none()));
    let sessions: Vec<_> = (0..SESSIONS).map(session).collect();
    let mut plain = HashMap::new();
    for &session in &sessions {
        plain.insert(session, directory.find(session).await.unwrap().unwrap());
    }
    let plain = RwLock::new(plain);
    let asked = || sessions.iter().cycle().take(ROUNDS as usize);

    let begun = Instant::now();
    for session in asked() {
        black_box(plain.read().unwrap().get(session).cloned());
    }
    let map = print("a map behind a lock", begun.elapsed(), ROUNDS);

    directory.heard(Duration::ZERO);
    let begun = Instant::now();
    for &session in asked() {
        black_box(directory.find(session).await.unwrap());
    }
    let quiet = print("a session in memory", begun.elapsed(), ROUNDS);

    directory.heard(Duration::ZERO);
    let begun = Instant::now();
    for (round, &session) in asked().enumerate() {
        if round % 10 == 0 {
            directory.committed(&[AccessChange {
                user: Some(UserUuid::new(Uuid::max())),
                session: None,
                effect: Effect::Detail,
            }]);
        }
        black_box(directory.find(session).await.unwrap());
    }
    let busy = print("… while others change, once in ten", begun.elapsed(), ROUNDS);
    println!("  {:.1} and {:.1} times the map", quiet / map, busy / map);
}

async fn local() {
    let limiter = LocalRateLimiter::new();
    let keys: Vec<_> = (0..SESSIONS).map(|number| session(number).to_string()).collect();
    let begun = Instant::now();
    for key in keys.iter().cycle().take(ROUNDS as usize) {
        black_box(limiter.take(LIMIT, key).await);
    }
    print("a request counted in process", begun.elapsed(), ROUNDS);

    let begun = Instant::now();
    for number in 0..ROUNDS {
        black_box(limiter.take(LIMIT, &number.to_string()).await);
    }
    print("… of addresses without end", begun.elapsed(), ROUNDS);
    println!("  {} callers are remembered", limiter.callers());
}

async fn shared(url: &str) {
    const ROUNDS: u32 = 10_000;
    let limiter = Arc::new(SharedRateLimiter::new(Arc::new(RedisLink::open(url).await.unwrap())));
    let mut connection = redis::Client::open(url).unwrap().get_multiplexed_async_connection().await.unwrap();
    let begun = Instant::now();
    for _ in 0..ROUNDS {
        redis::cmd("PING").exec_async(&mut connection).await.unwrap();
    }
    let ping = print("a ping of Redis", begun.elapsed(), ROUNDS);

    let begun = Instant::now();
    for number in 0..ROUNDS {
        black_box(limiter.take(LIMIT, &number.to_string()).await);
    }
    let one = print("a request counted in Redis", begun.elapsed(), ROUNDS);
    println!("  {:.1} times the ping", one / ping);

    let begun = Instant::now();
    let mut asking = JoinSet::new();
    for task in 0..64 {
        let limiter = Arc::clone(&limiter);
        asking.spawn(async move {
            for number in 0..ROUNDS / 64 {
                black_box(limiter.take(LIMIT, &format!("{task}-{number}")).await);
            }
        });
    }
    asking.join_all().await;
    print("… 64 at a time", begun.elapsed(), ROUNDS);
    println!("  {} were counted alone", limiter.counted_alone());
}

/// Nanoseconds each.
fn print(what: &str, took: Duration, rounds: u32) -> f64 {
    let each = took.as_secs_f64() * 1e9 / f64::from(rounds);
    println!("{what}: {each:.0} ns");
    each
}

fn session(number: u128) -> SessionId {
    SessionId::new(Uuid::from_u128(number))
}

/// A database in which every session exists.
struct Everybody;

#[async_trait]
impl SessionQueries for Everybody {
    async fn find_login(&self, _: &LoginName) -> Result<Option<User>, StorageError> {
        Ok(None)
    }

    async fn login_standing(&self, _: Digest, _: Digest, _: Option<UserUuid>) -> Result<LoginStanding, StorageError> {
        Ok(LoginStanding { here: None, anywhere: None, is_known_network: false })
    }

    async fn find_access(&self, session: SessionId) -> Result<Option<SessionAccess>, StorageError> {
        Ok(Some(SessionAccess {
            session,
            user: UserUuid::new(session.get()),
            user_id: UserId::new(1),
            username: "ann".to_owned(),
            role: Role::User,
            auth_epoch: 0,
            must_change_password: false,
            usable_until: None,
        }))
    }

    async fn find_token_session(&self, _: Digest) -> Result<Option<SessionId>, StorageError> {
        Ok(None)
    }

    async fn sessions_of(&self, _: UserUuid, _: DateTime<Utc>) -> Result<Vec<Session>, StorageError> {
        Ok(Vec::new())
    }
}
