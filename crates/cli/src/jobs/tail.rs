//! What other processes change is followed, so that nothing in memory outlives it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use application::authentication::Tail;
use infra_cache::WakeUps;
use tokio::time::sleep;
use tracing::{info, warn};

use crate::commands::causes;

/// Between two looks, however often somebody knocks.
const SHORTEST_PAUSE: Duration = Duration::from_millis(20);

/// And where nobody does: 300 ms in all, and the time that a look takes.
const PAUSE: Duration = Duration::from_millis(280);

/// The tail, and whether its last look failed.
pub(super) struct Followed {
    tail: Tail,
    is_failing: bool,
}

impl Followed {
    /// Looks for the first time.
    pub(super) async fn begin(tail: Tail) -> Self {
        let mut followed = Self { tail, is_failing: false };
        followed.look().await;
        followed
    }

    /// Looks again and again: several times a second, and at once when another replica knocks.
    pub(super) async fn follow(mut self, wake_ups: Arc<WakeUps>) {
        loop {
            sleep(SHORTEST_PAUSE).await;
            tokio::select! {
                () = sleep(PAUSE) => {}
                () = wake_ups.woken() => {}
            }
            self.look().await;
        }
    }

    async fn look(&mut self) {
        match self.tail.look(Instant::now()).await {
            Ok(_) if self.is_failing => {
                self.is_failing = false;
                info!("what other processes change is followed again");
            }
            Ok(_) => {}
            Err(_) if self.is_failing => {}
            Err(error) => {
                self.is_failing = true;
                warn!(
                    error = causes(&error),
                    "what other processes change cannot be followed: calls with a token are answered with 503 if that lasts"
                );
            }
        }
    }
}
