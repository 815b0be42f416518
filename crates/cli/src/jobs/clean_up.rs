//! What nobody needs any more is let go of.

use std::time::Duration;

use application::Authentication;
use tokio::time::sleep;
use tracing::{debug, warn};

use crate::commands::causes;

/// Between two rounds. Each replica has its own, which do no harm to one another.
const PAUSE: Duration = Duration::from_mins(5);

/// The first round comes within so long, at a moment of each replica's own: they may have been started together.
const SOON: Duration = Duration::from_secs(10);

/// Between two parts of a round: others want to write, too.
const BREATH: Duration = Duration::from_millis(200);

/// Deletes what is over, again and again.
pub(super) async fn go_on(authentication: Authentication) {
    sleep(SOON.mul_f64(fastrand::f64())).await;
    loop {
        while let Some(true) = clean_up(&authentication).await {
            sleep(BREATH).await;
        }
        sleep(PAUSE).await;
    }
}

/// Deletes a part; whether there may be more, or nothing if it could not be told.
async fn clean_up(authentication: &Authentication) -> Option<bool> {
    match authentication.clean_up().await {
        Ok(cleaned) => {
            debug!(
                cleaned.sessions,
                cleaned.logins,
                cleaned.one_time_tokens,
                cleaned.requests,
                "deleted what nobody needs any more: {} sessions, {} failed sign-ins and networks, {} tokens, {} requests",
                cleaned.sessions,
                cleaned.logins,
                cleaned.one_time_tokens,
                cleaned.requests
            );
            Some(cleaned.may_go_on())
        }
        Err(error) => {
            warn!(error = causes(&error), "what nobody needs any more could not be deleted; trying again later");
            None
        }
    }
}
