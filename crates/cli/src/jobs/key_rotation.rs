//! People's keys are wrapped anew after the encryption key was changed.

use std::sync::Arc;
use std::time::{Duration, Instant};

use application::{KeyRotation, LEASE_PACE, Leaseholder};
use domain::ports::{Clock as _, IdGenerator as _, Leases, StorageError};
use infra_crypto::UuidV7Generator;
use tokio::time::sleep;
use tracing::{error, info, warn};

use crate::clock::SystemClock;
use crate::commands::causes;
use crate::kept_keys::STILL_WRAPPED;

/// What the lease is called.
const LEASE: &str = "key rotation";

/// Between two looks: replicas that are still to be restarted wrap with the key before.
const PAUSE: Duration = Duration::from_mins(5);

/// Between two parts: others want to write, too.
const BREATH: Duration = Duration::from_millis(50);

/// Looks now and then whether there is something to do, and does it if no other replica does.
pub(super) async fn go_on(rotation: KeyRotation, leases: Arc<dyn Leases>) {
    let owner = UuidV7Generator::new().uuid(SystemClock.now());
    let mut holder = Leaseholder::new(leases, LEASE, owner);
    loop {
        if let Err(error) = rotate(&rotation, &mut holder).await {
            warn!(error = causes(&error), "people's keys could not be wrapped anew; trying again later");
        }
        if let Err(error) = holder.release().await {
            warn!(error = causes(&error), "the lease of wrapping keys could not be given back");
        }
        sleep(PAUSE).await;
    }
}

/// Does all there is to do, or waits until somebody else has done it.
async fn rotate(rotation: &KeyRotation, holder: &mut Leaseholder) -> Result<(), StorageError> {
    let (mut rewrapped, mut unknown, mut after) = (0, 0, None);
    while rotation.is_remainder_known().await?.is_some() {
        if !holder.tick(Instant::now()).await? {
            sleep(LEASE_PACE).await;
            continue;
        }
        let part = rotation.run(after).await?;
        rewrapped += part.rewrapped;
        unknown += part.unknown;
        after = part.last;
        if after.is_none() {
            break;
        }
        sleep(BREATH).await;
    }
    if rewrapped > 0 {
        info!(keys = rewrapped, "wrapped {rewrapped} keys of people anew with ENCRYPTION_KEY");
    }
    if unknown > 0 {
        error!(keys = unknown, "{unknown} keys cannot be opened: {STILL_WRAPPED}");
    }
    Ok(())
}
