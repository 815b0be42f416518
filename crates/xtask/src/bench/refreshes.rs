//! Refreshing sessions, beside the same few statements written by hand.

use std::fmt::Write as _;

use super::clients::Numbers;
use super::process::{Failure, say};
use super::report::{median, median_ratio};
use super::targets::Targets;
use super::{Bench, by_turns};

/// All rounds.
#[derive(Debug)]
pub(crate) struct Measured {
    product: Vec<Numbers>,
    bare: Vec<Numbers>,
}

/// Product and bare handler by turns, on new sessions of the same people.
pub(crate) fn measure(targets: &Targets, bench: &Bench) -> Result<Measured, Failure> {
    const CHEAP: u32 = 4;
    let (desk, bare) = (targets.guarded(CHEAP)?, targets.bare_that_checks_tokens()?);
    let people = targets.people(CHEAP)?;
    let mut measured = Measured { product: vec![], bare: vec![] };
    for round in 0..bench.rounds {
        say(&format!("refreshes, round {} of {}", round + 1, bench.rounds));
        for (server, runs) in by_turns(round, [(&desk, &mut measured.product), (&bare, &mut measured.bare)].into_iter())
        {
            runs.push(targets.clients.refreshes([&desk, server], people, bench.setup.connections, bench.seconds)?);
        }
    }
    Ok(measured)
}

/// The table.
pub(crate) fn markdown(measured: &Measured) -> String {
    let mut text = "| refreshes | per second |\n|---|---:|\n".to_owned();
    for (whose, runs) in [("product", &measured.product), ("bare", &measured.bare)] {
        let rate = median(&runs.iter().map(|run| run.get("rate")).collect::<Vec<_>>());
        let _ = writeln!(text, "| {whose} | {rate:.0} |");
    }
    let rate = median_ratio(&measured.product, &measured.bare, |product, bare| product.get("rate") / bare.get("rate"));
    let _ = writeln!(text, "| **ratio** | **{rate:.2}** |");
    text
}
