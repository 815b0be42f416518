//! Signing in, beside bcrypt alone on as many threads.

use std::fmt::Write as _;
use std::thread::available_parallelism;

use super::Bench;
use super::clients::Numbers;
use super::process::{Failure, say};
use super::report::{median, median_ratio};
use super::targets::Targets;

/// All rounds with one cost of bcrypt.
#[derive(Debug)]
pub(crate) struct Measured {
    cost: u32,
    threads: usize,
    product: Vec<Run>,
    bcrypt: Vec<Run>,
}

/// One round of one of them.
#[derive(Debug)]
struct Run {
    /// Passwords compared in a second.
    rate: f64,
    /// Processor time of each, in milliseconds.
    cpu: f64,
}

/// Logins and bcrypt by turns, for each cost.
pub(crate) fn measure(targets: &Targets, bench: &Bench) -> Result<Vec<Measured>, Failure> {
    bench.login_costs.iter().map(|&cost| measure_cost(targets, bench, cost)).collect()
}

fn measure_cost(targets: &Targets, bench: &Bench, cost: u32) -> Result<Measured, Failure> {
    // As many as the product hashes on.
    let threads = available_parallelism()?.get();
    // Some wait for a thread while others have their sessions opened.
    let clients = u32::try_from(threads * 4).unwrap_or(u32::MAX);
    let (server, people) = (targets.guarded(cost)?, targets.people(cost)?);
    let mut measured = Measured { cost, threads, product: vec![], bcrypt: vec![] };
    for round in 0..bench.rounds {
        say(&format!("logins with cost {cost}, round {} of {}", round + 1, bench.rounds));
        let mut product = || -> Result<(), Failure> {
            let before = server.processor_time()?;
            let numbers = targets.clients.logins(&server, people, clients, bench.login_seconds)?;
            let used = server.processor_time()?.saturating_sub(before);
            unless_failed(&numbers)?;
            let cpu = used.as_secs_f64() * 1e3 / numbers.get("in_all");
            measured.product.push(Run { rate: numbers.get("logins"), cpu });
            Ok(())
        };
        let mut bcrypt = || -> Result<(), Failure> {
            let numbers = targets.clients.bcrypt(threads, cost, bench.login_seconds)?;
            measured.bcrypt.push(Run { rate: numbers.get("rate"), cpu: numbers.get("cpu_ms") });
            Ok(())
        };
        if round % 2 == 0 {
            product()?;
            bcrypt()?;
        } else {
            bcrypt()?;
            product()?;
        }
    }
    Ok(measured)
}

fn unless_failed(numbers: &Numbers) -> Result<(), Failure> {
    if numbers.statuses().all(|(status, _)| status == "200") {
        return Ok(());
    }
    Err(Failure::Errors(format!("somebody could not sign in: {numbers:?}")))
}

/// The table.
pub(crate) fn markdown(measured: &[Measured]) -> String {
    let mut text = "| logins | | per second | CPU ms each |\n|---|---|---:|---:|\n".to_owned();
    for Measured { cost, threads, product, bcrypt } in measured {
        let alone = format!("bcrypt alone, {threads} threads");
        for (whose, runs) in [("product", product), (alone.as_str(), bcrypt)] {
            let [rate, cpu] = [|run: &Run| run.rate, |run: &Run| run.cpu]
                .map(|of: fn(&Run) -> f64| median(&runs.iter().map(of).collect::<Vec<_>>()));
            let _ = writeln!(text, "| cost {cost} | {whose} | {rate:.1} | {cpu:.1} |");
        }
        let rate = median_ratio(product, bcrypt, |product, bcrypt| product.rate / bcrypt.rate);
        let cpu = median_ratio(product, bcrypt, |product, bcrypt| bcrypt.cpu / product.cpu);
        let _ = writeln!(text, "| cost {cost} | **ratio** | **{rate:.2}** | {cpu:.2} |");
    }
    text
}
