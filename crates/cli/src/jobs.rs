//! Work that nobody asks for: it runs beside the service until the service stops.

use std::time::Duration;

use application::Users;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};
use tracing::{info, warn};

use crate::commands::causes;

/// A suspension ends within a minute of its time; this leaves room for a slow database.
const SUSPENSIONS: Duration = Duration::from_secs(15);

/// Ends suspensions whose time is up, until `stop` says so.
pub(crate) fn end_suspensions(users: Users, mut stop: watch::Receiver<bool>) -> JoinHandle<()> {
    #[expect(clippy::disallowed_methods, reason = "the handle is awaited at shutdown")]
    tokio::spawn(async move {
        let mut round = interval(SUSPENSIONS);
        round.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = round.tick() => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
            // To stop in the middle is harmless: what is not committed did not happen.
            let ended = tokio::select! {
                ended = users.end_suspensions() => ended,
                _ = stop.wait_for(|stop| *stop) => return,
            };
            match ended {
                Ok(0) => {}
                Ok(ended) => info!(ended, "suspensions that have ended: {ended}"),
                Err(error) => warn!(error = causes(&error), "suspensions could not be ended; trying again soon"),
            }
        }
    })
}
