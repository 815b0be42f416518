//! Suspensions end by themselves.

use std::time::Duration;

use application::Users;
use tokio::time::{MissedTickBehavior, interval};
use tracing::{info, warn};

use crate::commands::causes;

/// A suspension ends within a minute of its time; this leaves room for a slow database.
const ROUND: Duration = Duration::from_secs(15);

/// Ends suspensions whose time is up, again and again.
pub(super) async fn end_them(users: Users) {
    let mut round = interval(ROUND);
    round.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        round.tick().await;
        match users.end_suspensions().await {
            Ok(0) => {}
            Ok(ended) => info!(ended, "suspensions that have ended: {ended}"),
            Err(error) => warn!(error = causes(&error), "suspensions could not be ended; trying again soon"),
        }
    }
}
