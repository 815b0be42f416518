//! Reading and making users: the product beside the bare handlers, under the same load.

use std::fmt::Write as _;

use super::load::{Load, Requests, Run};
use super::process::{Failure, Server, say};
use super::report::{median, median_ratio};
use super::targets::Targets;
use super::{Bench, by_turns};

/// All runs of a scenario, in their order: one of each server in each round.
#[derive(Debug)]
pub(crate) struct Measured {
    name: &'static str,
    /// By server; the first is the product, and the others are what it is compared with.
    runs: Vec<(&'static str, Vec<Run>)>,
}

/// Product and bare handler by turns.
pub(crate) fn measure(
    targets: &Targets,
    name: &'static str,
    requests: &Requests,
    bench: &Bench,
) -> Result<Measured, Failure> {
    let servers = [("product", &targets.product, requests.clone()), ("bare", &targets.bare, requests.clone())];
    compare(name, &servers, bench)
}

/// Reading with a token: beside the bare handler that checks it too, and beside the product where nobody needs one.
pub(crate) fn measure_authenticated(targets: &Targets, bench: &Bench) -> Result<Measured, Failure> {
    let guarded = targets.guarded(4)?;
    let bare = targets.bare_that_checks_tokens()?;
    let tokens = targets.tokens(&guarded)?;
    let with_token = Requests::Authenticated(tokens);
    let servers = [
        ("product", &guarded, with_token.clone()),
        ("bare, JWT check", &bare, with_token),
        ("product, `AUTH_REQUIRED=false`", &targets.product, Requests::Get),
    ];
    compare("`GET /users/{id}` with a token", &servers, bench)
}

/// Changing a user: the statements of that with the one that writes the event down, without it, and the product.
pub(crate) fn measure_auditing(targets: &Targets, bench: &Bench) -> Result<Measured, Failure> {
    let [audited, unaudited] = targets.bare_with_and_without_events()?;
    let servers = [
        ("bare, with the event", &audited, Requests::Patch),
        ("bare, without it", &unaudited, Requests::Patch),
        ("product", &targets.product, Requests::Patch),
    ];
    compare("`PATCH /users/{id}`", &servers, bench)
}

fn compare(
    name: &'static str,
    servers: &[(&'static str, &Server, Requests)],
    bench: &Bench,
) -> Result<Measured, Failure> {
    let load = |seconds, requests: &Requests| Load {
        requests: requests.clone(),
        seconds,
        connections: bench.connections,
        users: bench.users,
    };
    for (_, server, requests) in servers {
        load(1, requests).drive(server)?;
    }
    let mut measured = Measured { name, runs: servers.iter().map(|(whose, ..)| (*whose, Vec::new())).collect() };
    for round in 0..bench.rounds {
        say(&format!("{name}, round {} of {}", round + 1, bench.rounds));
        for ((_, server, requests), (_, runs)) in by_turns(round, servers.iter().zip(&mut measured.runs)) {
            runs.push(load(bench.seconds, requests).drive(server)?);
        }
    }
    Ok(measured)
}

/// The table of these scenarios.
pub(crate) fn markdown(measured: &[Measured]) -> String {
    let mut text = "| scenario | | req/s | p50 ms | p95 ms | p99 ms | server CPU µs/request |\n\
                    |---|---|---:|---:|---:|---:|---:|\n"
        .to_owned();
    for Measured { name, runs } in measured {
        for (whose, runs) in runs {
            let middle = |of: fn(&Run) -> f64| median(&runs.iter().map(of).collect::<Vec<_>>());
            let _ = writeln!(
                text,
                "| {name} | {whose} | {:.0} | {:.2} | {:.2} | {:.2} | {:.1} |",
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
            let _ = writeln!(text, "| {name} | **ratio** to {whose} | **{rate:.2}** | | | | {cpu:.2} |");
        }
    }
    text
}
