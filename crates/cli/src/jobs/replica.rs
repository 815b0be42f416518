//! How far the copy of the database is.

use std::sync::Arc;
use std::time::{Duration, Instant};

use application::ReadReplica;
use tokio::time::sleep;
use tracing::{info, warn};

use crate::commands::causes;

/// Between two looks for what the copy may lack.
const PAUSE: Duration = Duration::from_millis(100);

/// A copy that lags for so long is worth a word.
const TOLD_AFTER: Duration = Duration::from_secs(5);

/// Compares again and again, and says when the copy is of no use and when it is again.
pub(super) async fn follow(replica: Arc<ReadReplica>) {
    let (mut useless_since, mut is_told) = (None, false);
    loop {
        let compared = replica.compare().await;
        let now = Instant::now();
        if compared.is_ok() && !replica.is_behind(now) {
            if is_told {
                info!("the read replica is used again");
            }
            (useless_since, is_told) = (None, false);
        } else if now.duration_since(*useless_since.get_or_insert(now)) >= TOLD_AFTER && !is_told {
            is_told = true;
            let error = compared.err().map_or_else(|| "it lags".to_owned(), |error| causes(&error));
            warn!(error, "the read replica is of no use: users are listed from the database itself until it is");
        }
        sleep(PAUSE).await;
    }
}
