//! `cargo xtask bench`: the product beside a bare handler, on one private database, under one load.

mod cold_start;
mod load;
mod process;
mod report;
mod targets;

use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;

pub use self::load::Scenario;
use self::load::{Load, Measured};
pub use self::process::Failure;
use self::targets::Targets;

/// How the benchmark is run.
#[derive(Debug, Clone, Args)]
pub struct Bench {
    /// Users in the table.
    #[arg(long, default_value_t = 100_000)]
    users: u32,
    /// How often each of the two is measured in each scenario, by turns.
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// Seconds of one measurement.
    #[arg(long, default_value_t = 4)]
    seconds: u32,
    /// Connections of the load generator.
    #[arg(long, default_value_t = 32)]
    connections: u32,
    /// Connections to the database, for both.
    #[arg(long, default_value_t = 16)]
    pool: u32,
    /// The profile that both are built with.
    #[arg(long, default_value = "release")]
    profile: String,
    /// Measure what was built before.
    #[arg(long)]
    no_build: bool,
    /// Only these scenarios.
    #[arg(long, value_enum, value_delimiter = ',', default_values = ["get", "page", "uncounted", "create"])]
    scenarios: Vec<Scenario>,
    /// The server to make a database on, as `scripts/with-servers` hands it over; without it, a private one is started.
    #[arg(long, env = "TEST_MARIADB_URL", hide_env_values = true)]
    server_url: Option<String>,
}

/// Measures, and returns the report in Markdown.
///
/// Without a server this runs itself again beside a private one, whose end is `scripts/with-servers`' business; the report
/// is on its standard output then, and the one returned is empty.
///
/// # Errors
///
/// [`Failure`] says what could not be started, or which answers were not those of a measurement.
pub fn run(bench: &Bench) -> Result<String, Failure> {
    let Some(server) = &bench.server_url else { return run_beside_a_server().map(|()| String::new()) };
    process::succeed(&mut Command::new(root().join("scripts/bench-tools")))?;
    let binaries = binaries(bench)?;
    let scratch = tempfile::tempdir()?;
    let targets = Targets::start(&binaries, server, bench, scratch.path())?;
    let mut measured = Vec::new();
    for &scenario in &bench.scenarios {
        measured.push((scenario, measure(&targets, scenario, bench)?));
    }
    let memory = targets.memory()?;
    drop(targets);
    let cold = cold_start::measure(&binaries.product, scratch.path())?;
    Ok(report::markdown(bench, &measured, &memory, &cold))
}

/// Product and bare handler by turns, so that what else the machine does meets both; the first of each round changes.
fn measure(targets: &Targets, scenario: Scenario, bench: &Bench) -> Result<Measured, Failure> {
    let load = |seconds| Load { scenario, seconds, connections: bench.connections, users: bench.users };
    for server in [&targets.product, &targets.bare] {
        load(1).drive(server)?;
    }
    let mut measured = Measured::default();
    for round in 0..bench.rounds {
        process::say(&format!("{scenario:?}, round {} of {}", round + 1, bench.rounds));
        let mut product = || load(bench.seconds).drive(&targets.product).map(|run| measured.product.push(run));
        let mut bare = || load(bench.seconds).drive(&targets.bare).map(|run| measured.bare.push(run));
        if round % 2 == 0 {
            product()?;
            bare()?;
        } else {
            bare()?;
            product()?;
        }
    }
    Ok(measured)
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The two programs.
#[derive(Debug)]
struct Binaries {
    product: PathBuf,
    bare: PathBuf,
}

fn binaries(bench: &Bench) -> Result<Binaries, Failure> {
    let profile = bench.profile.as_str();
    if !bench.no_build {
        let mut build = Command::new("cargo");
        build.args(["build", "--locked", "--profile", profile, "--package", "cli", "--package", "benches"]);
        process::succeed(build.current_dir(root()))?;
    }
    // We lie in TARGET/debug ourselves.
    let own = std::env::current_exe()?;
    let target = own.parent().and_then(Path::parent).ok_or(Failure::NoTargetDirectory)?;
    let directory = target.join(if profile == "dev" { "debug" } else { profile });
    Ok(Binaries { product: directory.join("usermgmt"), bare: directory.join("bare") })
}

fn run_beside_a_server() -> Result<(), Failure> {
    let mut again = Command::new(root().join("scripts/with-servers"));
    // Where MariaDB was left out this would run itself again for ever.
    again.env("SERVERS", "mariadb").args(["sh", "-c", "test -n \"${TEST_MARIADB_URL:-}\" && exec \"$0\" \"$@\""]);
    again.arg(std::env::current_exe()?).args(std::env::args_os().skip(1));
    process::succeed(&mut again)
}
