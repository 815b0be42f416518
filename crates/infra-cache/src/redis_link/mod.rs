//! The one connection to Redis, and whether it is there.
//!
//! It is kept by hand, as the crate's own connection manager does three things that do not fit: after a network has fallen
//! silent it goes on waiting on the dead connection, while it connects anew it lets those who ask wait, and how often it
//! tries depends on how often it is asked.

mod keeper;
mod silence;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, RedisResult};
use tokio::task::JoinSet;
use tokio::time::timeout;

pub(crate) use silence::Silence;

/// How long an answer is waited for.
pub(crate) const PATIENCE: Duration = Duration::from_millis(100);

/// How long a new connection is waited for, with its handshakes.
pub(crate) const CONNECT: Duration = Duration::from_secs(1);

/// Why there can be no link to Redis, ever.
#[derive(Debug, thiserror::Error)]
#[error("not the URL of a Redis server (redis://[user:password@]host[:port][/number], or rediss:// for TLS): {0}")]
pub struct OpenRedisError(String);

/// Whether Redis is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RedisHealth {
    /// It answered within the last second or so.
    Ok,
    /// It does not answer: what it would make quicker or shared is slower or alone.
    Degraded,
}

/// A connection to Redis that comes and goes with it.
///
/// Each second it is tried, and so is a new one while there is none. Nobody who asks Redis through it gets an error or waits
/// longer than 100 ms, and while Redis is away nobody waits at all. That it went, and that it returned, is logged once
/// each.
#[derive(Debug)]
pub struct RedisLink {
    line: Arc<Line>,
    /// Ends with the link.
    _keeper: JoinSet<()>,
}

impl RedisLink {
    /// A link to the server of this URL, within two seconds, whether or not the server is there.
    ///
    /// Must be called within a tokio runtime that lives as long as the link is used.
    ///
    /// # Errors
    ///
    /// [`OpenRedisError`] if the URL makes no sense. It does not repeat the URL, which may hold a password.
    pub async fn open(url: &str) -> Result<Self, OpenRedisError> {
        let client = Client::open(url).map_err(|error| OpenRedisError(error.to_string()))?;
        choose_cryptography();
        let line = Arc::new(Line { client, current: RwLock::default(), outages: AtomicU64::new(0) });
        keeper::call_first(&line).await;
        let mut tasks = JoinSet::new();
        tasks.spawn(keeper::keep(Arc::clone(&line)));
        Ok(Self { line, _keeper: tasks })
    }

    /// Whether Redis is there, as far as is known: the answer is there at once.
    pub fn health(&self) -> RedisHealth {
        if self.line.current().is_some() { RedisHealth::Ok } else { RedisHealth::Degraded }
    }

    /// How often Redis went away so far; not being there at the start is once.
    pub fn outages(&self) -> u64 {
        self.line.outages.load(Ordering::Relaxed)
    }

    /// Asks Redis; `None` if it is away, and then at once, or does not answer in time.
    pub(crate) async fn ask<T>(
        &self,
        question: impl AsyncFnOnce(MultiplexedConnection) -> RedisResult<T>,
    ) -> Option<T> {
        self.line.ask(question).await
    }

    pub(crate) fn line(&self) -> &Arc<Line> {
        &self.line
    }
}

/// What the link and those who work for it share.
pub(crate) struct Line {
    client: Client,
    /// `None` while Redis is away.
    current: RwLock<Option<Numbered>>,
    outages: AtomicU64,
}

/// A connection, and how many were lost before it.
#[derive(Clone)]
struct Numbered {
    connection: MultiplexedConnection,
    number: u64,
}

impl std::fmt::Debug for Line {
    /// Without the client, which knows the password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Line").field("outages", &self.outages).finish_non_exhaustive()
    }
}

impl Line {
    /// As [`RedisLink::ask`].
    pub(crate) async fn ask<T>(
        &self,
        question: impl AsyncFnOnce(MultiplexedConnection) -> RedisResult<T>,
    ) -> Option<T> {
        let Numbered { connection, number } = self.current()?;
        match in_time(PATIENCE, question(connection)).await {
            Ok(answer) => Some(answer),
            Err(silence) => {
                self.lost(number, &silence);
                None
            }
        }
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    fn current(&self) -> Option<Numbered> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Gives the connection up, unless somebody else did before.
    fn lost(&self, number: u64, silence: &Silence) {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        if current.as_ref().is_some_and(|current| current.number == number) {
            *current = None;
            self.went(silence);
        }
    }

    fn went(&self, silence: &Silence) {
        self.outages.fetch_add(1, Ordering::Relaxed);
        tracing::warn!(error = %silence, "Redis is away, so this process counts requests alone: {silence}");
    }

    fn found(&self, connection: MultiplexedConnection) {
        let number = self.outages.load(Ordering::Relaxed);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Some(Numbered { connection, number });
    }

    async fn connect(&self) -> Result<MultiplexedConnection, Silence> {
        let config =
            AsyncConnectionConfig::new().set_connection_timeout(Some(CONNECT)).set_response_timeout(Some(PATIENCE));
        in_time(CONNECT, self.client.get_multiplexed_async_connection_with_config(&config)).await
    }
}

/// Waits so long for an answer.
pub(crate) async fn in_time<T>(patience: Duration, answer: impl Future<Output = RedisResult<T>>) -> Result<T, Silence> {
    timeout(patience, answer).await.map_err(|_| Silence::Late(patience))?.map_err(Silence::Failed)
}

/// TLS panics if nobody has said whose cryptography it is to use and more than one is compiled in.
fn choose_cryptography() {
    // An error means that somebody has said so: then it is theirs.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_url_that_makes_no_sense_is_refused_and_not_repeated() {
        for url in ["http://:hidden@127.0.0.1", "redis://:hidden@127.0.0.1/four", "hidden"] {
            let error = RedisLink::open(url).await.expect_err(url).to_string();
            assert!(!error.contains("hidden"), "{error}");
        }
    }

    #[tokio::test]
    async fn neither_a_link_nor_its_failure_shows_the_password() {
        let link = RedisLink::open("redis://:hidden@127.0.0.1:1").await.expect("the URL makes sense");
        assert!(!format!("{link:?}").contains("hidden"));
    }

    #[tokio::test]
    async fn an_absent_server_is_an_outage_and_no_error() {
        let link = RedisLink::open("redis://127.0.0.1:1").await.expect("the URL makes sense");
        assert_eq!((link.health(), link.outages()), (RedisHealth::Degraded, 1));
        assert_eq!(link.ask(async |_| Ok(())).await, None);
    }
}
