//! Users that replicas share: what is believed, and what is not.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::audit::{AccessChange, Effect};
use domain::ports::{ChangeFollower, ChangeListener, Clock, CopySealer, LoggedChange, StorageError, UserDirectory};
use domain::query::DeletedScope;
use domain::user::UserView;
use domain::values::{Digest, UserId, UserRef};
use infra_cache::{RedisLink, SharedUsers, UserCache};
use redis::AsyncCommands as _;
use testkit::people::{Only, People, number_of, uuid_of, view};

use crate::server::PrivateServer;

/// A database whose every user has the version that the test says, and that counts who asks.
#[derive(Default)]
struct Table {
    version: AtomicI64,
    asked: AtomicU64,
}

/// Second after second, as the test says.
#[derive(Default)]
struct Seconds(AtomicI64);

impl Clock for Seconds {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(self.0.load(Ordering::SeqCst), 0).unwrap()
    }
}

/// What can be looked through, and is bound all the same.
struct Glass(u8);

impl CopySealer for Glass {
    fn seal(&self, plain: &[u8], bound_to: &[u8]) -> String {
        let bytes = [&[self.0], bound_to, &[0], plain].concat();
        bytes.iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    fn open(&self, sealed: &str, bound_to: &[u8]) -> Option<Vec<u8>> {
        let pairs = sealed.as_bytes().chunks(2).map(|pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok());
        let bytes = pairs.collect::<Option<Vec<u8>>>()?;
        bytes.strip_prefix(&[&[self.0], bound_to, &[0]].concat()[..]).map(<[u8]>::to_vec)
    }

    fn name(&self, parts: &[&[u8]]) -> Digest {
        let mut name = [0; 32];
        let bytes = parts.iter().flat_map(|part| part.iter());
        name.iter_mut().zip(bytes).for_each(|(place, byte)| *place = *byte);
        Digest::new(name)
    }
}

#[async_trait]
impl People for Table {
    async fn look_up(&self, user: UserRef) -> Result<Option<UserView>, StorageError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        Ok(Some(UserView { version: self.version.load(Ordering::SeqCst), ..view(number_of(user)) }))
    }
}

fn change(number: i64) -> AccessChange {
    AccessChange { user: Some(uuid_of(number)), session: None, effect: Effect::Detail }
}

/// Replicas of one database, beside a server of their own.
struct Place {
    server: PrivateServer,
    table: Arc<Table>,
    clock: Arc<Seconds>,
}

impl Place {
    async fn new() -> Self {
        let table = Table { version: AtomicI64::new(1), asked: AtomicU64::new(0) };
        Self { server: PrivateServer::start(&[]).await, table: Arc::new(table), clock: Arc::default() }
    }

    /// One that follows the log from this number on, since a second ago.
    async fn replica(&self, floor: i64) -> UserCache {
        let replica = self.with(1, "database").await;
        replica.changed(&[], floor);
        self.clock.0.fetch_add(1, Ordering::SeqCst);
        replica
    }

    async fn with(&self, key: u8, database: &str) -> UserCache {
        let link = Arc::new(RedisLink::open(&self.server.url()).await.unwrap());
        let shared = SharedUsers::new(link, Arc::new(Glass(key)), self.clock.clone(), database);
        UserCache::sharing(Arc::new(Only(self.table.clone())), shared)
    }

    fn asked(&self) -> u64 {
        self.table.asked.load(Ordering::SeqCst)
    }

    async fn redis(&self) -> redis::aio::MultiplexedConnection {
        redis::Client::open(self.server.url()).unwrap().get_multiplexed_async_connection().await.unwrap()
    }

    async fn no_longer_has(&self, key: &str) {
        let begun = Instant::now();
        while self.redis().await.exists(key).await.unwrap() {
            assert!(begun.elapsed() < Duration::from_secs(5), "it is still there");
        }
    }

    /// Those of the users' numbers lead to those of their UUIDs, which come last.
    async fn keys(&self) -> Vec<String> {
        let mut keys: Vec<String> = self.redis().await.keys("usermgmt:user:*").await.unwrap();
        keys.sort_unstable();
        keys
    }
}

async fn version(replica: &UserCache, user: UserRef) -> i64 {
    replica.find(user, DeletedScope::Live).await.unwrap().expect("everybody is there").version
}

fn by_id(number: i64) -> UserRef {
    UserRef::Id(UserId::new(number))
}

pub(crate) async fn what_one_replica_has_read_others_need_not_ask_for() {
    let place = Place::new().await;
    let (here, there, elsewhere) = (place.replica(10).await, place.replica(10).await, place.replica(10).await);
    assert_eq!(version(&here, by_id(7)).await, 1);
    assert_eq!(version(&there, by_id(7)).await, 1);
    assert_eq!(version(&elsewhere, UserRef::Uuid(uuid_of(7))).await, 1);
    assert_eq!(place.asked(), 1);
    let mut redis = place.redis().await;
    for key in place.keys().await {
        let left: i64 = redis.ttl(&key).await.unwrap();
        assert!((1..=60).contains(&left), "{left} s");
    }
}

pub(crate) async fn a_change_that_the_log_told_of_is_not_missing() {
    let place = Place::new().await;
    let (here, there) = (place.replica(10).await, place.replica(10).await);
    version(&here, by_id(7)).await;
    place.table.version.store(2, Ordering::SeqCst);
    there.changed(&[LoggedChange { number: 11, change: change(7) }], 10);
    assert_eq!(version(&there, by_id(7)).await, 2);
    // It lies there now with the same floor, which is before the change: nobody who knows of the change can tell.
    let third = place.replica(10).await;
    third.changed(&[LoggedChange { number: 11, change: change(7) }], 10);
    assert_eq!(version(&third, by_id(7)).await, 2);
    assert_eq!(place.asked(), 3);
}

pub(crate) async fn a_change_of_ones_own_is_not_missing_before_the_log_tells_of_it() {
    let place = Place::new().await;
    let (here, there) = (place.replica(10).await, place.replica(10).await);
    version(&here, by_id(7)).await;
    let key = place.keys().await.pop().unwrap();
    let kept: String = place.redis().await.get(&key).await.unwrap();
    place.table.version.store(2, Ordering::SeqCst);
    there.committed(&[change(7)]);
    place.no_longer_has(&key).await;
    // A Redis that lies has it again.
    place.redis().await.set::<_, _, ()>(&key, &kept).await.unwrap();
    assert_eq!(version(&there, by_id(7)).await, 2);
}

pub(crate) async fn what_changed_is_taken_away() {
    let place = Place::new().await;
    let here = place.replica(10).await;
    version(&here, by_id(7)).await;
    let key = place.keys().await.pop().unwrap();
    here.committed(&[change(7)]);
    place.no_longer_has(&key).await;
}

pub(crate) async fn a_replica_that_does_not_know_the_log_from_there_on_asks() {
    let place = Place::new().await;
    let here = place.replica(10).await;
    version(&here, by_id(7)).await;
    let later = place.replica(20).await;
    version(&later, by_id(7)).await;
    let new = place.with(1, "database").await;
    version(&new, by_id(7)).await;
    let forgetting = place.replica(10).await;
    forgetting.forget_everything();
    version(&forgetting, by_id(7)).await;
    assert_eq!(place.asked(), 4);
}

pub(crate) async fn what_lies_where_it_does_not_belong_is_not_believed() {
    let place = Place::new().await;
    let (here, there) = (place.replica(10).await, place.replica(10).await);
    version(&here, UserRef::Uuid(uuid_of(7))).await;
    version(&here, UserRef::Uuid(uuid_of(8))).await;
    let mut redis = place.redis().await;
    let keys = place.keys().await;
    let mut values = Vec::new();
    for key in &keys {
        values.push(redis.get::<_, String>(key).await.unwrap());
    }
    for (key, value) in keys.iter().zip(values.iter().rev()) {
        redis.set::<_, _, ()>(key, value).await.unwrap();
    }
    for number in [7, 8] {
        for user in [UserRef::Uuid(uuid_of(number)), by_id(number)] {
            let found = there.find(user, DeletedScope::Live).await.unwrap().unwrap();
            assert_eq!(found.id.get(), number);
        }
    }
    for (other_key, name) in [(2, "database"), (1, "databasf")] {
        let asked = place.asked();
        let other = place.with(other_key, name).await;
        other.changed(&[], 10);
        place.clock.0.fetch_add(1, Ordering::SeqCst);
        version(&other, UserRef::Uuid(uuid_of(9))).await;
        assert_eq!(place.asked(), asked + 1);
    }
}

pub(crate) async fn nonsense_and_what_is_too_old_is_not_believed() {
    let place = Place::new().await;
    let (here, there) = (place.replica(10).await, place.replica(10).await);
    version(&here, by_id(7)).await;
    place.clock.0.fetch_add(61, Ordering::SeqCst);
    version(&there, by_id(7)).await;
    assert_eq!(place.asked(), 2);
    for (asked, user) in [(3, by_id(7)), (4, UserRef::Uuid(uuid_of(7)))] {
        for key in place.keys().await {
            place.redis().await.set::<_, _, ()>(key, "abab").await.unwrap();
        }
        version(&place.replica(10).await, user).await;
        assert_eq!(place.asked(), asked);
    }
}

pub(crate) async fn while_redis_is_away_the_database_is_asked_and_nobody_waits_twice() {
    let place = Place::new().await;
    let here = place.replica(10).await;
    place.server.stop();
    let begun = Instant::now();
    for number in 0..100 {
        version(&here, by_id(number)).await;
    }
    let took = begun.elapsed();
    place.server.go_on();
    assert!(took < Duration::from_secs(1), "{took:?}");
    assert_eq!(place.asked(), 100);
}
