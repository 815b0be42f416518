//! `usermgmt audit verify`: the trail in the database.

use application::RequestContext;
use application::audit::{Strays, Trail, Verified, Wrong};

use super::{counted, range};
use crate::arguments::RangeArguments;
use crate::commands::{Failure, print, remark};
use crate::progress::Progress;

/// How many forged events are named.
const NAMED: usize = 10;

pub(super) async fn run(trail: &Trail, arguments: RangeArguments) -> Result<(), Failure> {
    let progress = Progress::begin("verifying", 0);
    let context = RequestContext::system();
    let found = trail.verify(&context, range(arguments)?, &mut |done, total| progress.show(done, total)).await;
    drop(progress);
    let found = found.map_err(|error| Failure::because("the trail could not be verified", &error))?;
    let Strays { forged, forged_count, waiting, oldest_waiting, is_unreadable } = &found.strays;
    if let Some(oldest) = oldest_waiting {
        remark(&format!(
            "note: {} longer than a minute for a place, the oldest since {oldest}; is a service running?",
            counted(*waiting, "event has waited", "events have waited")
        ));
    }
    if *forged_count > 0 {
        let named: Vec<_> = forged.iter().take(NAMED).map(ToString::to_string).collect();
        remark(&format!(
            "{} not written by the service, or with another AUDIT_SIGNING_KEY: {}{}",
            counted(*forged_count, "event outside the chain was", "events outside the chain were"),
            named.join(", "),
            if *forged_count > named.len() as u64 { ", …" } else { "" }
        ));
    }
    if *is_unreadable {
        remark("an event outside the chain cannot be read");
    }
    let verified = found.chain.map_err(|wrong| failure(&wrong))?;
    if *forged_count > 0 || *is_unreadable {
        return Err(Failure::new("the chain is in order, but events were put in beside it by hand"));
    }
    tell(&verified)
}

/// What is wrong, for standard error.
pub(super) fn failure(wrong: &Wrong) -> Failure {
    let event = wrong.event.map(|event| format!(" (event {event})")).unwrap_or_default();
    Failure::new(format!("position {}{event} is wrong: {}", wrong.position, wrong.flaw.detail()))
}

/// What is in order, for standard output.
pub(super) fn tell(verified: &Verified) -> Result<(), Failure> {
    let Verified { first, last, hash, checkpoints, .. } = verified;
    if last < first {
        return print("nothing is there to verify\n");
    }
    print(&format!(
        "positions {first} to {last} are as they were: {}, {}; the last hash is {}\n",
        counted(verified.events(), "event", "events"),
        counted(*checkpoints, "signed checkpoint", "signed checkpoints"),
        hash.to_hex()
    ))
}
