//! `cargo xtask bench`: the product beside what does the least, on one private database, under one load.

mod clients;
mod cold_start;
mod crud;
mod load;
mod logins;
mod moving;
mod process;
mod refreshes;
mod report;
mod sequencing;
mod storm;
mod targets;

use std::path::{Path, PathBuf};
use std::process::Command;

use clap::{Args, ValueEnum};

use self::load::Requests;
pub use self::process::Failure;
use self::report::{Section, Servers};
use self::targets::Targets;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Scenario {
    /// `GET /users/{id}`, ids at random.
    Get,
    /// The same with access tokens.
    Authenticated,
    /// `GET /users?skip=0&limit=10`.
    Page,
    /// The same with `count=none`, so without the total.
    Uncounted,
    /// `POST /users`, a new user each.
    Create,
    /// Signing in, beside bcrypt alone.
    Logins,
    /// Spending refresh tokens.
    Refreshes,
    /// Reading while many sign in.
    Storm,
    /// `PATCH /users/{id}`, with an audit event and without.
    Auditing,
    /// Importing users with hashes, beside the database's own bulk load.
    Import,
    /// Exporting them, beside a plain SELECT.
    Export,
    /// Verifying the audit trail that their import wrote.
    Verify,
    /// How the chain keeps up with an import.
    Sequencing,
}

impl Scenario {
    /// Whether it works on users that were there before.
    const fn needs_targets(self) -> bool {
        !matches!(self, Self::Import | Self::Export | Self::Verify | Self::Sequencing)
    }
}

/// How the benchmark is run.
#[derive(Debug, Clone, Args)]
pub struct Bench {
    /// Users in the table; each cost of bcrypt has a thousand who can sign in.
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(20_000..))]
    users: u32,
    /// Users that are imported, exported and verified; sequencing takes a tenth of them.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(10_000..))]
    imported_users: u32,
    /// How often each server is measured in each scenario, by turns.
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// Seconds of one measurement.
    #[arg(long, default_value_t = 4)]
    seconds: u32,
    /// Seconds of one measurement of signing in: dear as it is, there are few in a second.
    #[arg(long, default_value_t = 10)]
    login_seconds: u32,
    /// Seconds of one measurement of readers at a steady rate: of 200 in a second, p99 leaves out two.
    #[arg(long, default_value_t = 10)]
    storm_seconds: u32,
    /// The costs of bcrypt with which signing in is measured.
    #[arg(long, value_delimiter = ',', default_values_t = [12, 10], value_parser = clap::value_parser!(u32).range(4..=16))]
    login_costs: Vec<u32>,
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
    #[arg(long, value_enum, value_delimiter = ',', default_values = ["get", "authenticated", "page", "uncounted", "create", "logins", "refreshes", "storm"])]
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
    let mut sections = Vec::new();
    let servers = if bench.scenarios.iter().any(|scenario| scenario.needs_targets()) {
        let targets = Targets::start(&binaries, server, bench, scratch.path())?;
        sections.extend(measure(&targets, bench)?);
        let memory = targets.memory()?;
        drop(targets);
        Some(Servers { memory, cold: cold_start::measure(&binaries.product, scratch.path())? })
    } else {
        None
    };
    let is_wanted = |scenario| bench.scenarios.contains(&scenario);
    if [Scenario::Import, Scenario::Export, Scenario::Verify].into_iter().any(is_wanted) {
        sections.push(Section::Moving(moving::measure(&binaries, server, bench, scratch.path())?));
    }
    if is_wanted(Scenario::Sequencing) {
        sections.push(Section::Sequencing(sequencing::measure(&binaries, server, bench, scratch.path())?));
    }
    Ok(report::markdown(bench, &sections, servers.as_ref()))
}

/// Those where wrk asks and nobody needs a token.
const OPEN: [(Scenario, &str, Requests); 4] = [
    (Scenario::Get, "`GET /users/{id}`", Requests::Get),
    (Scenario::Page, "`GET /users?skip=0&limit=10`", Requests::Page),
    (Scenario::Uncounted, "`GET /users?skip=0&limit=10&count=none`", Requests::Uncounted),
    (Scenario::Create, "`POST /users`, bcrypt cost 4", Requests::Create),
];

/// The scenarios, in the order of the report.
fn measure(targets: &Targets, bench: &Bench) -> Result<Vec<Section>, Failure> {
    let is_wanted = |scenario| bench.scenarios.contains(&scenario);
    let mut requests = Vec::new();
    for (_, name, what) in OPEN.iter().filter(|(scenario, ..)| is_wanted(*scenario)) {
        requests.push(crud::measure(targets, name, what, bench)?);
    }
    if is_wanted(Scenario::Authenticated) {
        requests.push(crud::measure_authenticated(targets, bench)?);
    }
    if is_wanted(Scenario::Auditing) {
        requests.push(crud::measure_auditing(targets, bench)?);
    }
    let mut sections = Vec::new();
    if !requests.is_empty() {
        sections.push(Section::Requests(requests));
    }
    if is_wanted(Scenario::Logins) {
        sections.push(Section::Logins(logins::measure(targets, bench)?));
    }
    if is_wanted(Scenario::Refreshes) {
        sections.push(Section::Refreshes(refreshes::measure(targets, bench)?));
    }
    if is_wanted(Scenario::Storm) {
        sections.push(Section::Storm(storm::measure(targets, bench)?));
    }
    Ok(sections)
}

/// In another order each round, so that what else the machine does meets all of them.
fn by_turns<T>(round: u32, items: impl Iterator<Item = T>) -> Vec<T> {
    let mut items: Vec<T> = items.collect();
    let turn = usize::try_from(round).unwrap_or_default() % items.len().max(1);
    items.rotate_left(turn);
    items
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The programs.
#[derive(Debug)]
struct Binaries {
    product: PathBuf,
    bare: PathBuf,
    clients: PathBuf,
    bulk: PathBuf,
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
    let program = |name| directory.join(name);
    Ok(Binaries {
        product: program("usermgmt"),
        bare: program("bare"),
        clients: program("clients"),
        bulk: program("bulk"),
    })
}

fn run_beside_a_server() -> Result<(), Failure> {
    let mut again = Command::new(root().join("scripts/with-servers"));
    // Where MariaDB was left out this would run itself again for ever.
    again.env("SERVERS", "mariadb").args(["sh", "-c", "test -n \"${TEST_MARIADB_URL:-}\" && exec \"$0\" \"$@\""]);
    again.arg(std::env::current_exe()?).args(std::env::args_os().skip(1));
    process::succeed(&mut again)
}
