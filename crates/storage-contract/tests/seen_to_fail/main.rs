//! Each case of the suite, seen to fail: a storage with one fault breaks the promises that the fault is about.
//!
//! The storage is the one in memory, and [`Fault`] what is wrong with it. Without a fault it keeps every promise, so a case
//! that fails does so because of the fault and nothing else. That no case is left out is a trial of its own.

mod broken;
mod caught;
mod caught_of_the_trail;
mod chain;
mod erasing;
mod fault;
mod imports;
mod key_fingerprints;
mod leases;
mod listing;
mod logins;
mod mangle;
mod one_time_tokens;
mod repeated_requests;
mod session_queries;
mod sessions;
mod subject_keys;
mod trail;
mod unit;
mod users;

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};
use storage_contract::{Verdict, case_names, try_case};
use tokio::runtime::{Builder, Runtime};

use crate::broken::Breaking;
use crate::caught::caught_by;
use crate::fault::Fault;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    if !arguments.nocapture {
        // Panics are what this test is about: hundreds of them, and each is looked at below.
        std::panic::set_hook(Box::new(|_| {}));
    }
    let runtime = Builder::new_multi_thread().worker_threads(4).enable_all().build();
    let runtime = Arc::new(runtime.expect("the system gives a few threads"));
    let mut trials = vec![Trial::test("every_case_is_seen_to_fail", every_case_is_caught)];
    for fault in Fault::ALL.iter().copied() {
        let runtime = Arc::clone(&runtime);
        trials.push(Trial::test(format!("{fault:?}"), move || breaks_its_cases(&runtime, fault)));
    }
    trials.push(Trial::test("without_a_fault_every_promise_is_kept", move || keeps_everything(&runtime)));
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn every_case_is_caught() -> Result<(), Failed> {
    let seen: BTreeSet<_> = Fault::ALL.iter().flat_map(|fault| caught_by(*fault)).copied().collect();
    let never: Vec<_> = case_names().into_iter().filter(|name| !seen.contains(name.as_str())).collect();
    if never.is_empty() { Ok(()) } else { Err(format!("never seen to fail: {never:#?}").into()) }
}

fn breaks_its_cases(runtime: &Runtime, fault: Fault) -> Result<(), Failed> {
    let mut unnoticed = Vec::new();
    for name in caught_by(fault) {
        match runtime.block_on(try_case(name, &Breaking(Some(fault)))) {
            Some(Verdict::Broken(_)) => {}
            other => unnoticed.push(format!("{name}: {other:?}")),
        }
    }
    if unnoticed.is_empty() { Ok(()) } else { Err(unnoticed.join("\n").into()) }
}

fn keeps_everything(runtime: &Runtime) -> Result<(), Failed> {
    let mut broken = Vec::new();
    for name in case_names() {
        let verdict = runtime.block_on(try_case(&name, &Breaking(None)));
        if verdict != Some(Verdict::Kept) {
            broken.push(format!("{name}: {verdict:?}"));
        }
    }
    if broken.is_empty() { Ok(()) } else { Err(broken.join("\n").into()) }
}
