//! Reading at a steady rate, on a quiet server and while many sign in.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::thread::available_parallelism;

use super::clients::{Beside, Numbers};
use super::process::{Failure, say};
use super::report::{Ratio, median, median_ratio};
use super::targets::Targets;
use super::{Bench, by_turns};

/// Requests in a second: little, so that what is measured is waiting for others.
const RATE: u32 = 200;

/// Clients who sign in at once, each again as soon as there is an answer.
const CLIENTS: u32 = 40;

/// The cost of bcrypt, as it is by default.
const COST: u32 = 12;

/// All rounds, by what happened meanwhile.
#[derive(Debug)]
pub(crate) struct Measured(Vec<(&'static str, Vec<Numbers>)>);

const QUIET: &str = "product, quiet";
const STORM: &str = "product, storm of logins";
const ELSEWHERE: &str = "product, as many bcrypt threads in another process";
const BARE_QUIET: &str = "bare, quiet";
const BARE_STORM: &str = "bare, storm of logins in `web::block`";

/// All of them by turns.
pub(crate) fn measure(targets: &Targets, bench: &Bench) -> Result<Measured, Failure> {
    let (product, bare) = (targets.guarded(COST)?, targets.bare_that_checks_tokens()?);
    let tokens = targets.tokens(&targets.guarded(4)?)?;
    let logins = Beside::Logins(CLIENTS, targets.people(COST)?);
    let elsewhere = Beside::Bcrypt(available_parallelism()?.get(), COST);
    let kinds = [
        (QUIET, &product, Beside::Nothing),
        (STORM, &product, logins),
        (ELSEWHERE, &product, elsewhere),
        (BARE_QUIET, &bare, Beside::Nothing),
        (BARE_STORM, &bare, logins),
    ];
    let mut measured = Measured(kinds.iter().map(|(kind, ..)| (*kind, Vec::new())).collect());
    for round in 0..bench.rounds {
        say(&format!("storm, round {} of {}", round + 1, bench.rounds));
        for ((_, server, beside), (_, runs)) in by_turns(round, kinds.iter().zip(&mut measured.0)) {
            let numbers = [bench.users, RATE, bench.storm_seconds];
            runs.push(targets.clients.readers(server, &tokens, numbers, *beside)?);
        }
    }
    Ok(measured)
}

impl Measured {
    fn runs(&self, kind: &str) -> &[Numbers] {
        self.0.iter().find(|(whose, _)| *whose == kind).map_or(&[], |(_, runs)| runs)
    }
}

/// The p99 of reads during the storm to that of the quiet product.
pub(crate) fn ratio(measured: &Measured) -> Ratio {
    Ratio::of(measured.runs(STORM), measured.runs(QUIET), |run| run.get("latency_p99"))
}

/// The table, and how to read it.
pub(crate) fn markdown(measured: &Measured) -> String {
    let mut text = format!(
        "`GET /users/{{id}}` with a token, {RATE} a second whatever the server does; waits in ms, from the time that each \
         request had. The storm: {CLIENTS} clients sign in as fast as they can, bcrypt cost {COST}. \"generator\" is how late \
         requests were sent, at p99: it shares the processors with everything else, and its delay is in the waits.\n\n\
         | | p50 | p99 | max | generator | logins/s | answers to logins |\n|---|---:|---:|---:|---:|---:|---|\n"
    );
    for (whose, runs) in &measured.0 {
        let middle = |name: &str| median(&runs.iter().map(|run| run.get(name)).collect::<Vec<_>>());
        let most = runs.iter().map(|run| run.get("latency_max")).fold(0.0, f64::max);
        let _ = writeln!(
            text,
            "| {whose} | {:.2} | {:.2} | {most:.1} | {:.2} | {:.1} | {} |",
            middle("latency_p50"),
            middle("latency_p99"),
            middle("lag_p99"),
            middle("logins"),
            outcomes(runs)
        );
    }
    for (what, later, earlier) in [
        ("product, storm to quiet", STORM, QUIET),
        ("product, other process to quiet", ELSEWHERE, QUIET),
        ("bare, storm to quiet", BARE_STORM, BARE_QUIET),
    ] {
        let ratio = |name: &str| {
            let runs = (measured.runs(later), measured.runs(earlier));
            median_ratio(runs.0, runs.1, |later, earlier| later.get(name) / earlier.get(name))
        };
        let _ = writeln!(
            text,
            "| **ratio** of {what} | {:.2} | **{:.2}** | | | | |",
            ratio("latency_p50"),
            ratio("latency_p99")
        );
    }
    text
}

/// How many logins ended with which status, in all rounds.
fn outcomes(runs: &[Numbers]) -> String {
    let mut sums = BTreeMap::<&str, f64>::new();
    for (status, count) in runs.iter().flat_map(Numbers::statuses) {
        *sums.entry(status).or_default() += count;
    }
    sums.iter().map(|(status, count)| format!("{status}: {count:.0}")).collect::<Vec<_>>().join(", ")
}
