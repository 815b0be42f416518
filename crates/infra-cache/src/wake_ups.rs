//! Hearing of changes sooner: a knock at the other replicas' doors.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::StreamExt;
use redis::Value;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::redis_link::{CONNECT, Line, RedisLink, Silence, in_time};

const CHANNEL: &str = "usermgmt:changes";

/// After so long without a message the server is asked whether it is there.
const QUIET: Duration = Duration::from_secs(5);

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Wakes the other replicas when something changed, and is woken by them.
///
/// A message is a knock and says nothing, so there is nothing in it to believe: who is woken looks into the change log. It
/// may be lost, and one may stand for many, so who waits looks from time to time without being woken.
#[derive(Debug)]
pub struct WakeUps {
    to_send: Option<Arc<Notify>>,
    heard: Arc<Notify>,
    /// Ends with this.
    _tasks: JoinSet<()>,
}

impl WakeUps {
    /// Wakes nobody and is never woken: for a process without Redis.
    pub fn none() -> Self {
        Self { to_send: None, heard: Arc::default(), _tasks: JoinSet::new() }
    }

    /// Through Redis, as long as it is there, by a second connection of its own. Messages of this process come back to it.
    ///
    /// Must be called within a tokio runtime.
    pub fn through(link: &RedisLink) -> Self {
        let (to_send, heard) = (Arc::<Notify>::default(), Arc::<Notify>::default());
        let mut tasks = JoinSet::new();
        tasks.spawn(send(Arc::clone(link.line()), Arc::clone(&to_send)));
        tasks.spawn(listen(Arc::clone(link.line()), Arc::clone(&heard)));
        Self { to_send: Some(to_send), heard, _tasks: tasks }
    }

    /// Ends when something changed somewhere since it ended last. Also when the connection was made anew, since a message
    /// may have been lost. For one who waits: of two, one is woken.
    pub async fn woken(&self) {
        self.heard.notified().await;
    }

    /// Wakes the others soon. However often this is called, one message is on its way and one waits, at most.
    pub(crate) fn wake_others(&self) {
        if let Some(to_send) = &self.to_send {
            to_send.notify_one();
        }
    }
}

async fn send(line: Arc<Line>, to_send: Arc<Notify>) {
    let was_refused = AtomicBool::new(false);
    loop {
        to_send.notified().await;
        let publish = async |mut connection| {
            let sent = redis::cmd("PUBLISH").arg(CHANNEL).arg("").query_async::<Value>(&mut connection).await;
            match sent {
                // A server that answers is there, whatever it thinks of this.
                Err(error) if error.code().is_some() => {
                    if !was_refused.swap(true, Ordering::Relaxed) {
                        tracing::warn!(%error, "Redis refuses to tell other replicas of changes: {error}");
                    }
                    Ok(())
                }
                sent => sent.map(|_| ()),
            }
        };
        line.ask(publish).await;
    }
}

/// Listens for ever.
async fn listen(line: Arc<Line>, heard: Arc<Notify>) {
    let mut pause = FIRST_PAUSE;
    loop {
        let was_there = AtomicBool::new(false);
        if let Err(silence) = listen_once(&line, &heard, &was_there).await {
            tracing::debug!(error = %silence, "not listening for changes: {silence}");
        }
        pause = if was_there.into_inner() { FIRST_PAUSE } else { LONGEST_PAUSE.min(pause * 2) };
        sleep(pause).await;
    }
}

/// Listens as long as the connection lasts.
async fn listen_once(line: &Line, heard: &Notify, was_there: &AtomicBool) -> Result<(), Silence> {
    let mut connection = in_time(CONNECT, line.client().get_async_pubsub()).await?;
    in_time(CONNECT, connection.subscribe(CHANNEL)).await?;
    was_there.store(true, Ordering::Relaxed);
    heard.notify_one();
    let (mut sink, mut messages) = connection.split();
    loop {
        match timeout(QUIET, messages.next()).await {
            Ok(Some(_)) => heard.notify_one(),
            Ok(None) => return Ok(()),
            Err(_quiet) => _ = in_time(CONNECT, sink.ping::<Value>()).await?,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn without_redis_nobody_is_woken() {
        let wake_ups = WakeUps::none();
        wake_ups.wake_others();
        assert!(timeout(Duration::from_hours(24), wake_ups.woken()).await.is_err());
    }
}
