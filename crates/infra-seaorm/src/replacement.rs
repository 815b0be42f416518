//! Replacing pools whose connections are of no use any more.
//!
//! Where packets are swallowed, a connection does not break: whoever waits for it waits until the kernel gives up, and
//! so does its place in the pool, long after the network is whole again. No setting of the pool helps, so a pool that a
//! call waited for in vain is replaced as soon as the server answers a new connection.
//!
//! The same goes for connections that remember a table as it no longer is (PostgreSQL, once a newer version has changed a
//! column's type): they would refuse the same statement for ever.

use std::sync::{Arc, Weak};
use std::time::Duration;

use async_trait::async_trait;
use sea_orm::DbErr;
use tokio::task::AbortHandle;
use tokio::time::{sleep, timeout};

use crate::pools::{CurrentPools, Generation, Pools, Trouble};

/// How a driver crate connects again.
#[async_trait]
pub trait Reconnect: Send + Sync + 'static {
    /// New connections to the same database.
    ///
    /// # Errors
    ///
    /// [`DbErr`] if the server cannot be reached.
    async fn reconnect(&self) -> Result<Pools, DbErr>;
}

const LOOK_EVERY: Duration = Duration::from_millis(200);
const TRY_FOR: Duration = Duration::from_secs(1);
/// A slow query looks like silence too, and must not make new connections again and again.
const REST: Duration = Duration::from_secs(10);
const CLOSE_FOR: Duration = Duration::from_secs(10);
const BREAK_OFF_FOR: Duration = Duration::from_secs(2);

/// Watches over pools until it is dropped.
#[derive(Debug)]
pub(crate) struct Watcher(AbortHandle);

impl Watcher {
    pub(crate) fn start(pools: &Arc<CurrentPools>, reconnect: impl Reconnect) -> Self {
        let watching = replace_silent(Arc::downgrade(pools), reconnect);
        #[expect(clippy::disallowed_methods, reason = "the task ends when the watcher is dropped")]
        let task = tokio::spawn(watching);
        Self(task.abort_handle())
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The old connections are closed before there can be others again: where it is not the network that is silent but the
/// server that is slow, it has at most twice as many as the pools hold.
async fn replace_silent(pools: Weak<CurrentPools>, reconnect: impl Reconnect) {
    loop {
        sleep(LOOK_EVERY).await;
        let Some(pools) = pools.upgrade() else {
            return;
        };
        let Some(trouble) = pools.get().trouble() else {
            continue;
        };
        if let Ok(Ok(new)) = timeout(TRY_FOR, reconnect.reconnect()).await {
            let old = pools.replace(new);
            drop(pools);
            match trouble {
                Trouble::Silence => {
                    tracing::warn!("the database did not answer in time: its connections were replaced");
                }
                Trouble::Outdated => {
                    tracing::info!("the database's tables have changed: its connections were replaced");
                }
            }
            tokio::join!(close(&old), sleep(REST));
        }
    }
}

/// Lets those who still work with the old connections end first.
async fn close(old: &Generation) {
    if timeout(CLOSE_FOR, old.pools.close()).await.is_err() {
        old.break_off_abandoned();
        // A connection that died while it was given back stays until the kernel gives it up.
        let _ = timeout(BREAK_OFF_FOR, old.pools.close()).await;
    }
}
