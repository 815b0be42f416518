//! Giving events their places in the chain: as a job of the service, and once behind a command.

use std::sync::Arc;
use std::time::{Duration, Instant};

use application::audit::{Sequenced, Sequencer, Trail};
use application::{LEASE_PACE, Leaseholder};
use domain::ports::{Clock as _, IdGenerator as _, Leases, StorageError};
use infra_crypto::UuidV7Generator;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tracing::{debug, error, info, warn};

use crate::clock::SystemClock;
use crate::commands::causes;

/// What the lease is called.
const LEASE: &str = "sequencer";

/// Between two looks for new events: they get their places within a second.
const PAUSE: Duration = Duration::from_millis(250);

/// So long the end of the work may take: what has no place then gets it from whoever is next.
const END: Duration = Duration::from_secs(5);

/// A candidate for giving places, or the one who does.
pub(crate) struct Sequencing {
    sequencer: Sequencer,
    holder: Leaseholder,
    was_holding: bool,
    is_failing: bool,
    /// What was told of last.
    unsigned: Option<i64>,
}

impl Sequencing {
    pub(crate) fn new(trail: &Trail, leases: Arc<dyn Leases>) -> Self {
        let owner = UuidV7Generator::new().uuid(SystemClock.now());
        let holder = Leaseholder::new(leases, LEASE, owner);
        Self { sequencer: trail.sequencer(), holder, was_holding: false, is_failing: false, unsigned: None }
    }

    /// Goes on until the service stops, and gives places to what was done last.
    pub(crate) async fn go_on(mut self, mut stopping: watch::Receiver<bool>) {
        loop {
            let pause = match self.round().await {
                Ok(true) => PAUSE,
                Ok(false) => LEASE_PACE,
                Err(error) => {
                    self.failed(&error);
                    LEASE_PACE
                }
            };
            tokio::select! {
                () = sleep(pause) => {}
                _ = stopping.wait_for(|stop| *stop) => break,
            }
        }
        match timeout(END, self.end()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => warn!(error = causes(&error), "the last events got no places"),
            Err(_) => warn!("the last events got no places in time"),
        }
    }

    /// Gives places to all there is, if nobody is at work who does; for commands, behind which no service may be.
    pub(crate) async fn once(mut self) {
        let done = match self.round().await {
            Ok(true) => self.end().await,
            Ok(false) => Ok(()),
            Err(error) => Err(error),
        };
        if let Err(error) = done {
            debug!(error = causes(&error), "the service gives the events their places");
        }
    }

    /// Gives places to all there is, if it is this process's turn; whether it is.
    async fn round(&mut self) -> Result<bool, StorageError> {
        loop {
            let holds = self.holder.tick(Instant::now()).await?;
            if !holds {
                self.was_holding = false;
                return Ok(false);
            }
            if !self.was_holding {
                // Others have been at work meanwhile.
                self.sequencer.forget();
                self.was_holding = true;
            }
            let done = self.sequencer.step(Instant::now()).await?;
            let has_more = done.has_more;
            self.tell_unsigned(done.unsigned);
            tell(done);
            if std::mem::take(&mut self.is_failing) {
                info!("events get their places in the audit trail's chain again");
            }
            if !has_more {
                return Ok(true);
            }
        }
    }

    async fn end(&mut self) -> Result<(), StorageError> {
        self.round().await?;
        self.holder.release().await
    }

    fn tell_unsigned(&mut self, unsigned: Option<i64>) {
        if let Some(position) = unsigned.filter(|position| self.unsigned != Some(*position)) {
            error!(
                audit.position = position,
                "somebody has written to the audit trail's chain by hand: nobody has signed it from position {position} on. \
                 Nothing gets a place behind that; see what `usermgmt audit verify` says, and go back to a backup"
            );
        }
        self.unsigned = unsigned;
    }

    fn failed(&mut self, error: &StorageError) {
        self.sequencer.forget();
        if !std::mem::replace(&mut self.is_failing, true) {
            warn!(error = causes(error), "events get no places in the audit trail's chain for now; trying again");
        }
    }
}

fn tell(done: Sequenced) {
    if let Some(checkpoint) = done.checkpoint {
        info!(
            audit.position = checkpoint.position,
            audit.hash = checkpoint.hash.to_hex(),
            audit.recorded_at = %checkpoint.recorded_at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true),
            audit.key_id = checkpoint.key_id,
            audit.signature = application::audit::export_lines::signature_to_hex(&checkpoint.signature),
            "signed the audit trail up to position {}",
            checkpoint.position
        );
    }
    for event in done.forged {
        error!(
            audit.event = %event,
            "the audit event {event} was not written by this service, or with another AUDIT_SIGNING_KEY: it gets no place"
        );
    }
    if done.is_taken {
        info!("another process gives the events their places at the same time; looking anew");
    }
}
