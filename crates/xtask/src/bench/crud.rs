//! Reading and making users: the product beside the bare handlers, under the same load.

use std::fmt::Write as _;

use super::load::{Load, Requests, Run};
use super::process::{Failure, Server, say};
use super::report::{Ratio, median, median_ratio};
use super::targets::Targets;
use super::{Bench, by_turns};

/// All runs of a scenario, in their order: one of each server in each round.
#[derive(Debug)]
pub(crate) struct Measured {
    name: &'static str,
    /// By server; the first is the product, and the others are what it is compared with.
    runs: Vec<(&'static str, Vec<Run>)>,
    /// The most memory of each, in MiB.
    peaks: Vec<f64>,
}

/// A server, what it is asked, and of how many users.
#[derive(Debug)]
pub(crate) struct Side<'a> {
    pub(crate) whose: &'static str,
    pub(crate) server: &'a Server,
    pub(crate) requests: Requests,
    pub(crate) users: u32,
}

impl Measured {
    /// The runs of the server with this number.
    pub(crate) fn runs(&self, number: usize) -> &[Run] {
        self.runs.get(number).map_or(&[], |(_, runs)| runs)
    }

    /// Requests in a second: the first one's to those of the one with this number.
    pub(crate) fn ratio_to(&self, number: usize) -> Ratio {
        Ratio::of(self.runs(0), self.runs(number), |run| run.rate)
    }
}

/// Product and bare handler by turns.
pub(crate) fn measure(
    targets: &Targets,
    name: &'static str,
    requests: &Requests,
    bench: &Bench,
) -> Result<Measured, Failure> {
    let side = |whose, server| Side { whose, server, requests: requests.clone(), users: bench.users };
    compare(name, &[side("product", &targets.product), side("bare", &targets.bare)], bench)
}

/// Reading with a token: beside the bare handler that checks it too, and beside the product where nobody needs one.
pub(crate) fn measure_authenticated(targets: &Targets, bench: &Bench) -> Result<Measured, Failure> {
    let guarded = targets.guarded(4)?;
    let bare = targets.bare_that_checks_tokens()?;
    let tokens = targets.tokens(&guarded)?;
    let with_token = Requests::Authenticated(tokens);
    let side = |whose, server, requests| Side { whose, server, requests, users: bench.users };
    let servers = [
        side("product", &guarded, with_token.clone()),
        side("bare, JWT check", &bare, with_token),
        side("product, `AUTH_REQUIRED=false`", &targets.product, Requests::Get),
    ];
    compare("`GET /users/{id}` with a token", &servers, bench)
}

/// Changing a user: the statements of that with the one that writes the event down, without it, and the product.
pub(crate) fn measure_auditing(targets: &Targets, bench: &Bench) -> Result<Measured, Failure> {
    let [audited, unaudited] = targets.bare_with_and_without_events()?;
    let side = |whose, server| Side { whose, server, requests: Requests::Patch, users: bench.users };
    let servers = [
        side("bare, with the event", &audited),
        side("bare, without it", &unaudited),
        side("product", &targets.product),
    ];
    compare("`PATCH /users/{id}`", &servers, bench)
}

/// The servers by turns.
pub(crate) fn compare(name: &'static str, sides: &[Side<'_>], bench: &Bench) -> Result<Measured, Failure> {
    let load = |seconds, side: &Side<'_>| Load {
        requests: side.requests.clone(),
        seconds,
        connections: bench.setup.connections,
        users: side.users,
    };
    for side in sides {
        load(bench.warm_up, side).drive(side.server)?;
    }
    let runs = sides.iter().map(|side| (side.whose, Vec::new())).collect();
    let mut measured = Measured { name, runs, peaks: Vec::new() };
    for round in 0..bench.rounds {
        say(&format!("{name}, round {} of {}", round + 1, bench.rounds));
        for (side, (_, runs)) in by_turns(round, sides.iter().zip(&mut measured.runs)) {
            runs.push(load(bench.seconds, side).drive(side.server)?);
        }
    }
    measured.peaks = sides.iter().map(|side| side.server.peak_memory()).collect::<Result<_, _>>()?;
    Ok(measured)
}

/// The table of these scenarios.
pub(crate) fn markdown(measured: &[Measured]) -> String {
    let mut text = "| scenario | | req/s | p50 ms | p95 ms | p99 ms | server CPU µs/request | MiB at most |\n\
                    |---|---|---:|---:|---:|---:|---:|---:|\n"
        .to_owned();
    for Measured { name, runs, peaks } in measured {
        for ((whose, runs), peak) in runs.iter().zip(peaks) {
            let middle = |of: fn(&Run) -> f64| median(&runs.iter().map(of).collect::<Vec<_>>());
            let _ = writeln!(
                text,
                "| {name} | {whose} | {:.0} | {:.2} | {:.2} | {:.2} | {:.1} | {peak:.1} |",
                middle(|run| run.rate),
                middle(|run| run.p50),
                middle(|run| run.p95),
                middle(|run| run.p99),
                middle(|run| run.processor_time)
            );
        }
        let Some(((_, product), others)) = runs.split_first() else { continue };
        for (whose, other) in others {
            let rate = median_ratio(product, other, |product, other| product.rate / other.rate);
            let cpu = median_ratio(product, other, |product, other| other.processor_time / product.processor_time);
            let _ = writeln!(text, "| {name} | **ratio** to {whose} | **{rate:.2}** | | | | {cpu:.2} | |");
        }
    }
    text
}
