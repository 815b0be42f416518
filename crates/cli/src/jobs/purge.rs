//! Whoever was deleted long enough ago is erased.

use std::sync::Arc;
use std::time::{Duration, Instant};

use application::{LEASE_PACE, Leaseholder, Users};
use domain::ports::{Clock as _, IdGenerator as _, Leases};
use infra_crypto::UuidV7Generator;
use tokio::time::sleep;
use tracing::{info, warn};

use crate::clock::SystemClock;
use crate::commands::causes;

/// What the lease is called.
const LEASE: &str = "purge";

/// Between two looks.
const PAUSE: Duration = Duration::from_mins(1);

/// Looks every minute whether somebody's time is up, and erases them if no other replica does.
pub(super) async fn go_on(users: Users, leases: Arc<dyn Leases>) {
    let owner = UuidV7Generator::new().uuid(SystemClock.now());
    let mut holder = Leaseholder::new(leases, LEASE, owner);
    loop {
        match holder.tick(Instant::now()).await {
            Ok(true) => erase(&users).await,
            Ok(false) => {
                sleep(LEASE_PACE).await;
                continue;
            }
            Err(error) => warn!(error = causes(&error), "the lease of erasing could not be taken; trying again soon"),
        }
        if let Err(error) = holder.release().await {
            warn!(error = causes(&error), "the lease of erasing could not be given back");
        }
        sleep(PAUSE).await;
    }
}

async fn erase(users: &Users) {
    match users.purge_due().await {
        Ok(0) => {}
        Ok(erased) => info!(erased, "users erased whose time after their deletion was up: {erased}"),
        Err(error) => {
            warn!(error = causes(&error), "not everybody could be erased whose time was up; trying again soon");
        }
    }
}
