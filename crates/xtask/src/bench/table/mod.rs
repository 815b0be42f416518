//! `cargo xtask bench table`: how fast it is, in one table with the aims.

mod calls;
mod document;
mod findings;
mod growth;
mod machine;
mod open_loop;
mod peer;
mod start;
mod svg;

use std::path::Path;

use clap::{Args, ValueEnum};

use self::findings::Findings;
use self::machine::Machine;
use super::process::{Failure, say};
use super::targets::{Origin, Targets};
use super::{Bench, Binaries, Setup};

/// A part of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// One user by id with a token, without the cache and from it.
    Get,
    /// The first page, and one far behind.
    Pages,
    /// New users, with a cheap hash and a dear one.
    Create,
    /// The realistic mix at a steady rate.
    Mix,
    /// Reading while many sign in.
    Storm,
    /// One user by id, beside `FastAPI`.
    Peer,
    /// Three times the load it can carry.
    Overload,
    /// From a thousand users to many.
    Growth,
    /// A cold start, and what idling takes.
    Start,
}

impl Part {
    /// Whether it works on the imported users.
    const fn needs_targets(self) -> bool {
        !matches!(self, Self::Growth | Self::Start)
    }
}

/// How the table is measured.
#[derive(Debug, Clone, Args)]
pub(super) struct Table {
    /// Users that are imported.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(20_000..))]
    users: u32,
    /// The most users of the growth; it begins with a thousand and goes up in tens.
    #[arg(long, default_value_t = 10_000_000, value_parser = clap::value_parser!(u32).range(10_000..))]
    growth_users: u32,
    /// How often each server is measured, by turns.
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// Seconds of one measurement in a closed loop.
    #[arg(long, default_value_t = 5)]
    seconds: u32,
    /// Seconds of one measurement with bcrypt cost 12, and of readers during a storm.
    #[arg(long, default_value_t = 20)]
    dear_seconds: u32,
    /// Requests in a second of the open loop.
    #[arg(long, default_value_t = 1000)]
    rate: u32,
    /// Seconds of the open loop.
    #[arg(long, default_value_t = 60)]
    open_seconds: u32,
    /// Seconds of each step of load on the way to the overload.
    #[arg(long, default_value_t = 15)]
    step_seconds: u32,
    /// Only these parts.
    #[arg(long, value_enum, value_delimiter = ',', default_values = ["get", "pages", "create", "mix", "storm", "peer", "overload", "start", "growth"])]
    parts: Vec<Part>,
    /// Write table and charts into `docs/PERFORMANCE.md` and `docs/img/` too, after each part.
    #[arg(long)]
    write: bool,
    #[command(flatten)]
    pub(super) setup: Setup,
}

impl Table {
    /// The options that single scenarios take.
    fn bench(&self, server: &str) -> Bench {
        Bench {
            whole: None,
            users: self.users,
            imported_users: self.users,
            rounds: self.rounds,
            seconds: self.seconds,
            warm_up: 1,
            login_seconds: self.dear_seconds,
            storm_seconds: self.dear_seconds,
            login_costs: Vec::new(),
            scenarios: Vec::new(),
            setup: Setup { server_url: Some(server.to_owned()), ..self.setup.clone() },
        }
    }
}

/// Where and how everything is measured.
struct Run<'a> {
    table: &'a Table,
    bench: Bench,
    binaries: Binaries,
    server_url: &'a str,
    scratch: &'a Path,
}

/// Measures, and returns the table in Markdown.
pub(super) fn run(table: &Table, server_url: &str) -> Result<String, Failure> {
    let binaries = super::binaries(&table.setup.profile, table.setup.no_build)?;
    // Databases of many users are too large for some systems' directory of temporary files.
    let scratch = tempfile::tempdir_in(super::target_directory()?)?;
    let run = Run { table, bench: table.bench(server_url), binaries, server_url, scratch: scratch.path() };
    let machine = Machine::look(&run)?;
    let mut findings = Findings::default();
    // A part that fails takes nothing of the others away, which may have taken an hour; nor does whoever ends this one.
    let mut failures = Vec::new();
    let publish = |findings: &Findings, failures: &[String]| -> Result<String, Failure> {
        let region = document::region(table, &machine, findings, failures);
        if table.write {
            document::write(&super::root(), &region, findings)?;
        }
        Ok(region)
    };
    let mut note = |part: Part, measured: Result<(), Failure>, findings: &Findings| {
        if let Err(error) = measured {
            say(&format!("{part:?} FAILED: {error}"));
            failures.push(format!("{part:?}: {error}"));
        }
        publish(findings, &failures)
    };
    let mut region = String::new();
    if table.parts.iter().any(|part| part.needs_targets()) {
        let targets = Targets::start(&run.binaries, server_url, &run.bench, Origin::Import, scratch.path())?;
        for part in table.parts.iter().filter(|part| part.needs_targets()) {
            let measured = run.measure_on(&targets, *part, &mut findings);
            region = note(*part, measured, &findings)?;
        }
    }
    for part in &table.parts {
        let measured = match part {
            Part::Growth => growth::measure(&run, &mut findings, |findings| publish(findings, &[]).map(drop)),
            Part::Start => start::measure(&run, &mut findings),
            _ => continue,
        };
        region = note(*part, measured, &findings)?;
    }
    if table.write {
        say("written into docs/PERFORMANCE.md");
    }
    if !failures.is_empty() {
        say(&region);
        return Err(Failure::Errors(format!("not measured: {}", failures.join("; "))));
    }
    Ok(region)
}

impl Run<'_> {
    fn measure_on(&self, targets: &Targets, part: Part, findings: &mut Findings) -> Result<(), Failure> {
        match part {
            Part::Get => calls::get(self, targets, findings),
            Part::Pages => calls::pages(self, targets, findings),
            Part::Create => calls::create(self, targets, findings),
            Part::Mix => open_loop::steady(self, targets, findings),
            Part::Storm => calls::storm(self, targets, findings),
            Part::Peer => peer::measure(self, targets, findings),
            Part::Overload => open_loop::overload(self, targets, findings),
            Part::Growth | Part::Start => Ok(()),
        }
    }
}
