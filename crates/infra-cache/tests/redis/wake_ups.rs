//! Replicas that wake one another.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::audit::{AccessChange, Effect};
use domain::login::{LoginName, LoginStanding};
use domain::ports::{ChangeListener, SessionQueries, StorageError};
use domain::session::{Session, SessionAccess};
use domain::user::User;
use domain::values::{Digest, SessionId, UserUuid};
use futures_util::StreamExt;
use infra_cache::{RedisLink, SessionDirectory, WakeUps};
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use crate::server::{PrivateServer, until};

/// A process that changes things and hears of them.
struct Replica {
    _link: RedisLink,
    wake_ups: Arc<WakeUps>,
    directory: SessionDirectory,
}

impl Replica {
    /// It hears already.
    async fn start(server: &PrivateServer) -> Self {
        let link = RedisLink::open(&server.url()).await.unwrap();
        let wake_ups = Arc::new(WakeUps::through(&link));
        let directory = SessionDirectory::new(Arc::new(NobodyIsThere), Arc::clone(&wake_ups));
        let replica = Self { _link: link, wake_ups, directory };
        replica.is_woken_within(Duration::from_secs(5)).await.expect("it begins to listen");
        replica
    }

    fn changes_something(&self) {
        self.directory.committed(&[AccessChange {
            user: Some(UserUuid::new(Uuid::nil())),
            session: None,
            effect: Effect::Detail,
        }]);
    }

    /// After what time.
    async fn is_woken_within(&self, patience: Duration) -> Option<Duration> {
        let begun = Instant::now();
        timeout(patience, self.wake_ups.woken()).await.ok().map(|()| begun.elapsed())
    }
}

const SOON: Duration = Duration::from_secs(2);
/// Long enough for a message.
const A_WHILE: Duration = Duration::from_millis(300);

pub(crate) async fn a_change_wakes_the_others() {
    let server = PrivateServer::start(&[]).await;
    let (here, there) = (Replica::start(&server).await, Replica::start(&server).await);
    assert_eq!(there.is_woken_within(A_WHILE).await, None, "nothing has changed");
    let mut times = Vec::new();
    for _ in 0..100 {
        here.changes_something();
        times.push(there.is_woken_within(SOON).await.expect("it is woken"));
    }
    times.sort_unstable();
    let median = times.into_iter().nth(50).unwrap();
    assert!(median < Duration::from_millis(50), "{median:?}");
    here.changes_something();
    sleep(A_WHILE).await;
    assert!(there.is_woken_within(SOON).await.is_some(), "also if it was busy when the message came");
}

pub(crate) async fn a_change_of_nobody_wakes_nobody() {
    let server = PrivateServer::start(&[]).await;
    let (here, there) = (Replica::start(&server).await, Replica::start(&server).await);
    here.directory.committed(&[]);
    here.directory.committed(&[AccessChange { user: None, session: None, effect: Effect::Detail }]);
    assert_eq!(there.is_woken_within(A_WHILE).await, None);
}

pub(crate) async fn many_changes_are_few_messages() {
    let server = PrivateServer::start(&[]).await;
    let here = Replica::start(&server).await;
    let mut listening = redis::Client::open(server.url()).unwrap().get_async_pubsub().await.unwrap();
    listening.subscribe("usermgmt:changes").await.unwrap();
    for _ in 0..100_000 {
        here.changes_something();
    }
    let mut messages = listening.into_on_message();
    let mut count = 0;
    while let Ok(Some(message)) = timeout(A_WHILE, messages.next()).await {
        assert_eq!(message.get_payload_bytes(), b"", "there is nothing to believe in it");
        count += 1;
    }
    assert!((1..20_000).contains(&count), "{count} messages");
}

pub(crate) async fn while_redis_is_away_changes_cost_nothing() {
    let server = PrivateServer::start(&[]).await;
    let here = Replica::start(&server).await;
    server.stop();
    for _ in 0..10 {
        let begun = Instant::now();
        here.changes_something();
        assert!(begun.elapsed() < Duration::from_millis(200), "{:?}", begun.elapsed());
        sleep(Duration::from_millis(20)).await;
    }
    server.go_on();
}

pub(crate) async fn who_may_have_missed_a_message_is_woken() {
    let mut server = PrivateServer::start(&[]).await;
    let (here, there) = (Replica::start(&server).await, Replica::start(&server).await);
    for _ in 0..2 {
        server.kill();
        assert_eq!(there.is_woken_within(A_WHILE).await, None);
        server.start_again().await;
        assert!(there.is_woken_within(Duration::from_secs(6)).await.is_some(), "it listens again");
        // The first message may find that the connection is no more.
        until("changes wake it again", async || {
            here.changes_something();
            there.is_woken_within(A_WHILE).await.is_some()
        })
        .await;
    }
}

pub(crate) async fn a_connection_that_fell_silent_is_made_anew() {
    let server = PrivateServer::start(&[]).await;
    let there = Replica::start(&server).await;
    server.stop();
    // It asks after five quiet seconds, and gives up after another one.
    sleep(Duration::from_millis(6_500)).await;
    server.go_on();
    assert!(there.is_woken_within(Duration::from_secs(12)).await.is_some(), "it listens again");
}

/// A database that nobody asks.
struct NobodyIsThere;

#[async_trait]
impl SessionQueries for NobodyIsThere {
    async fn find_login(&self, _: &LoginName) -> Result<Option<User>, StorageError> {
        Ok(None)
    }

    async fn login_standing(&self, _: Digest, _: Digest, _: Option<UserUuid>) -> Result<LoginStanding, StorageError> {
        panic!("nobody signs in")
    }

    async fn find_access(&self, _: SessionId) -> Result<Option<SessionAccess>, StorageError> {
        Ok(None)
    }

    async fn find_token_session(&self, _: Digest) -> Result<Option<SessionId>, StorageError> {
        Ok(None)
    }

    async fn sessions_of(&self, _: UserUuid, _: DateTime<Utc>) -> Result<Vec<Session>, StorageError> {
        Ok(Vec::new())
    }
}
