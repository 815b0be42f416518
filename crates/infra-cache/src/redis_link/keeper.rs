//! Finds out when Redis goes and when it returns.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use super::{Line, PATIENCE, Silence, in_time};
use crate::limits;

/// How often Redis is tried.
const EVERY: Duration = Duration::from_secs(1);

/// The first call.
pub(super) async fn call_first(line: &Line) {
    match call(line).await {
        Ok(()) => tracing::info!("limits and changes are shared through Redis"),
        Err(silence) => line.went(&silence),
    }
}

/// Tries Redis for ever.
pub(super) async fn keep(line: Arc<Line>) {
    let mut pulse = interval(EVERY);
    pulse.set_missed_tick_behavior(MissedTickBehavior::Delay);
    pulse.tick().await;
    loop {
        pulse.tick().await;
        if line.current().is_some() {
            line.ask(async |mut connection| limits::probe(&mut connection).await).await;
        } else if call(&line).await.is_ok() {
            tracing::info!("Redis is back, so limits are shared again");
        }
    }
}

/// Connects, and sees whether the server does what it is needed for.
async fn call(line: &Line) -> Result<(), Silence> {
    let mut connection = line.connect().await?;
    in_time(PATIENCE, limits::probe(&mut connection)).await?;
    line.found(connection);
    Ok(())
}
