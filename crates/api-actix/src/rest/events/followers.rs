//! Those who wait for news, and the one of them who looks.

use std::sync::Arc;
use std::time::Duration;

use application::audit::Trail;
use domain::ports::StorageError;
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::sleep;

use crate::config::Limits;
use crate::error_code::ErrorCode;
use crate::problem::Problem;

/// How often the storage is asked, while anybody waits, whether the chain has grown.
const LOOK: Duration = Duration::from_millis(200);

/// How long to wait for what was told but is not there to be read yet, because that was asked of another server of the
/// database.
pub(super) const NOT_YET: Duration = LOOK;

/// Everybody in this process who waits for the chain to grow. However many they are, one of them at a time asks the storage.
pub(crate) struct Followers {
    trail: Trail,
    /// The last position that anybody saw.
    head: watch::Sender<i64>,
    /// Whoever holds it looks, for all.
    turn: Mutex<()>,
    places: Arc<Semaphore>,
    is_ending: watch::Receiver<bool>,
    /// How long a stream stays silent at most.
    pub(super) heartbeat: Duration,
    /// How long somebody may leave unread what was sent to them.
    pub(super) unread_time: Duration,
}

/// A place among the followers, until it is dropped.
pub(super) struct Place(#[expect(dead_code, reason = "dropping it gives the place back")] OwnedSemaphorePermit);

/// Why somebody waits no longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Woken {
    /// The chain has grown.
    News,
    /// The time is over.
    Late,
    /// The server is stopping.
    Ending,
}

impl Followers {
    /// `is_ending` turns true when the server stops.
    pub(crate) fn new(trail: Trail, limits: &Limits, is_ending: watch::Receiver<bool>) -> Self {
        Self {
            trail,
            head: watch::Sender::new(0),
            turn: Mutex::new(()),
            places: Arc::new(Semaphore::new(limits.followers)),
            is_ending,
            heartbeat: limits.heartbeat,
            unread_time: limits.unread_time,
        }
    }

    /// A place to wait in.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::Unavailable`] if all are taken.
    pub(super) fn enter(&self) -> Result<Place, Problem> {
        let place = Arc::clone(&self.places).try_acquire_owned();
        place.map(Place).map_err(|_| {
            Problem::new(ErrorCode::Unavailable, "Too many clients wait for events: try again in some seconds")
        })
    }

    /// Waits until the chain goes beyond this position, but not for longer than `time`.
    ///
    /// # Errors
    ///
    /// [`StorageError`] if it cannot be found out.
    pub(super) async fn wait(&self, after: i64, time: Duration) -> Result<Woken, StorageError> {
        let mut is_ending = self.is_ending.clone();
        tokio::select! {
            biased;
            // Whoever would stop the server is gone, where nobody can.
            _ = is_ending.wait_for(|is_ending| *is_ending) => Ok(Woken::Ending),
            grown = self.wait_beyond(after) => grown.map(|()| Woken::News),
            () = sleep(time) => Ok(Woken::Late),
        }
    }

    async fn wait_beyond(&self, after: i64) -> Result<(), StorageError> {
        let mut head = self.head.subscribe();
        while *head.borrow_and_update() <= after {
            tokio::select! {
                _ = head.changed() => {}
                _turn = self.turn.lock() => {
                    sleep(LOOK).await;
                    let seen = self.trail.head().await?;
                    self.head.send_if_modified(|head| std::mem::replace(head, seen) != seen);
                }
            }
        }
        Ok(())
    }
}
