//! A cold start, and what idling takes.

use super::super::cold_start;
use super::super::process::{Failure, say};
use super::Run;
use super::findings::{Aim, Findings};

pub(super) fn measure(run: &Run<'_>, findings: &mut Findings) -> Result<(), Failure> {
    say("starting on SQLite again and again");
    let cold = cold_start::measure(&run.binaries.product, run.scratch)?;
    let millis = cold.existing.as_secs_f64() * 1e3;
    findings.figure("cold start to `/ready` on an existing SQLite file", millis, " ms", Aim::AtMost(50.0));
    findings.figure("memory when ready and idle", cold.memory, " MiB", Aim::AtMost(40.0));
    findings.figure("processor when idle, of one", cold.idle * 1e2, " %", Aim::None);
    Ok(())
}
