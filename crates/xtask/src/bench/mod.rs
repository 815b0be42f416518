//! `cargo xtask bench`: the product beside what does the least, on one private database, under one load.

mod clients;
mod cold_start;
mod crud;
mod kernel;
mod load;
mod logins;
mod moving;
mod process;
mod refreshes;
mod report;
mod sequencing;
mod storm;
mod table;
mod targets;

use std::path::{Path, PathBuf};
use std::process::Command;

use clap::{Args, Subcommand, ValueEnum};

use self::load::Requests;
pub use self::process::Failure;
use self::report::{Section, Servers};
use self::table::Table;
use self::targets::{Origin, Targets};

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
#[command(args_conflicts_with_subcommands = true)]
pub struct Bench {
    #[command(subcommand)]
    whole: Option<Whole>,
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
    /// Seconds of load before the first round, which do not count.
    #[arg(long, default_value_t = 1)]
    warm_up: u32,
    /// Seconds of one measurement of signing in: dear as it is, there are few in a second.
    #[arg(long, default_value_t = 10)]
    login_seconds: u32,
    /// Seconds of one measurement of readers at a steady rate: of 200 in a second, p99 leaves out two.
    #[arg(long, default_value_t = 10)]
    storm_seconds: u32,
    /// The costs of bcrypt with which signing in is measured.
    #[arg(long, value_delimiter = ',', default_values_t = [12, 10], value_parser = clap::value_parser!(u32).range(4..=16))]
    login_costs: Vec<u32>,
    /// Only these scenarios.
    #[arg(long, value_enum, value_delimiter = ',', default_values = ["get", "authenticated", "page", "uncounted", "create", "logins", "refreshes", "storm"])]
    scenarios: Vec<Scenario>,
    #[command(flatten)]
    setup: Setup,
}

/// What every measurement is made with.
#[derive(Debug, Clone, Args)]
struct Setup {
    /// Connections of the load generator in a closed loop.
    #[arg(long, default_value_t = 32)]
    connections: u32,
    /// Connections to the database, for each server.
    #[arg(long, default_value_t = 16)]
    pool: u32,
    /// The profile that all are built with.
    #[arg(long, default_value = "release")]
    profile: String,
    /// Measure what was built before.
    #[arg(long)]
    no_build: bool,
    /// The server to make databases on, as `scripts/with-servers` hands it over; without it, a private one is started.
    #[arg(long, env = "TEST_MARIADB_URL", hide_env_values = true)]
    server_url: Option<String>,
}

/// More than single scenarios.
#[derive(Debug, Clone, Subcommand)]
enum Whole {
    /// How fast it is, in one table with the aims, of a million users (some hours): see `docs/PERFORMANCE.md`.
    Table(Table),
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
    let whole = bench.whole.as_ref().map(|Whole::Table(table)| table);
    let server = whole.map_or(&bench.setup.server_url, |table| &table.setup.server_url);
    let Some(server) = server else { return run_beside_a_server().map(|()| String::new()) };
    process::succeed(&mut Command::new(root().join("scripts/bench-tools")))?;
    if let Some(table) = whole {
        return table::run(table, server);
    }
    let binaries = binaries(&bench.setup.profile, bench.setup.no_build)?;
    let scratch = tempfile::tempdir()?;
    let mut sections = Vec::new();
    let servers = if bench.scenarios.iter().any(|scenario| scenario.needs_targets()) {
        let targets = Targets::start(&binaries, server, bench, Origin::Statements, scratch.path())?;
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

fn binaries(profile: &str, are_built: bool) -> Result<Binaries, Failure> {
    if !are_built {
        let mut build = Command::new("cargo");
        build.args(["build", "--locked", "--profile", profile, "--package", "cli", "--package", "benches"]);
        process::succeed(build.current_dir(root()))?;
    }
    let directory = target_directory()?.join(if profile == "dev" { "debug" } else { profile });
    let program = |name| directory.join(name);
    Ok(Binaries {
        product: program("usermgmt"),
        bare: program("bare"),
        clients: program("clients"),
        bulk: program("bulk"),
    })
}

/// Where cargo builds.
fn target_directory() -> Result<PathBuf, Failure> {
    // We lie in TARGET/debug ourselves.
    let own = std::env::current_exe()?;
    Ok(own.parent().and_then(Path::parent).ok_or(Failure::NoTargetDirectory)?.to_owned())
}

fn run_beside_a_server() -> Result<(), Failure> {
    let mut again = Command::new(root().join("scripts/with-servers"));
    // Where MariaDB was left out this would run itself again for ever.
    again.env("SERVERS", "mariadb").args(["sh", "-c", "test -n \"${TEST_MARIADB_URL:-}\" && exec \"$0\" \"$@\""]);
    again.arg(std::env::current_exe()?).args(std::env::args_os().skip(1));
    process::succeed(&mut again)
}
