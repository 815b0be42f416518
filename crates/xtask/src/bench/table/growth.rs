//! From a thousand users to many: the same calls on a small and a growing database, by turns.

use std::fmt::Write as _;
use std::process::{Command, Stdio};

use super::super::Bench;
use super::super::crud::{Measured, Side, compare};
use super::super::load::Requests;
use super::super::process::{Failure, Server, free_port, say, succeed};
use super::super::report::Ratio;
use super::super::targets::{Database, open_product};
use super::Run;
use super::findings::{Aim, Chart, Findings, short};
use super::svg::{LineChart, Scale};

const SMALL: u32 = 1_000;

/// A database of the product, however it is kept.
struct Place<'a> {
    run: &'a Run<'a>,
    url: String,
    on_mariadb: Option<Database>,
    users: u32,
}

/// On SQLite and on MariaDB; what is known after each of them is told to `so_far`.
pub(super) fn measure(
    run: &Run<'_>,
    findings: &mut Findings,
    so_far: impl Fn(&Findings) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut text =
        "### Growth\n\n| users | | `GET` by id, to that of 1,000 | first page with total, to that of 1,000 |\n\
                    |---:|---|---:|---:|\n"
            .to_owned();
    let mut lines = Vec::new();
    for name in ["SQLite", "MariaDB"] {
        let points = measure_on(run, name, findings)?;
        for (users, get, page) in &points {
            let _ = writeln!(text, "| {users} | {name} | {} | {} |", short(get.median), short(page.median));
        }
        let Some((users, get, page)) = points.last() else { continue };
        for (what, ratio) in [("`GET` by id", get), ("first page", page)] {
            // Flat within 1.3: so many times as slow at most.
            let what = format!("growth 1,000 → {users} users on {name}, {what}: requests in a second");
            findings.ratio(what, *ratio, Aim::AtLeast(1.0 / 1.3));
        }
        let small = [(f64::from(SMALL), 1.0)];
        let line = |of: fn(&(u32, Ratio, Ratio)) -> f64| {
            small.into_iter().chain(points.iter().map(|point| (f64::from(point.0), of(point)))).collect::<Vec<_>>()
        };
        lines.push((format!("{name}, GET by id"), line(|(_, get, _)| get.median)));
        lines.push((format!("{name}, first page"), line(|(.., page)| page.median)));
        so_far(findings)?;
    }
    findings.details.push(text);
    findings.charts.push(Chart {
        file: "growth.svg",
        title: "Throughput by number of users, to that of a thousand".into(),
        svg: LineChart {
            title: "Throughput by number of users, to that of 1,000",
            x: ("users", Scale::Logarithmic),
            y: ("ratio", Scale::Linear),
            lines: &lines,
        }
        .svg(),
    });
    Ok(())
}

fn measure_on(run: &Run<'_>, name: &'static str, findings: &mut Findings) -> Result<Vec<(u32, Ratio, Ratio)>, Failure> {
    let mut small = Place::new(run, name, "small.db")?;
    small.grow(SMALL)?;
    let mut large = Place::new(run, name, "large.db")?;
    let mut points = Vec::new();
    let mut users = SMALL;
    while users < run.table.growth_users {
        users = users.saturating_mul(10).min(run.table.growth_users);
        large.grow(users)?;
        large.check()?;
        let servers = [large.serve("large")?, small.serve("small")?];
        let [get, page] = [("`GET /users/{id}`, growth", Requests::Get), ("first page, growth", Requests::Page)]
            .map(|(name, requests)| turns(run, name, &requests, &servers, users));
        let (get, page) = (get?, page?);
        points.push((users, get.ratio_to(1), page.ratio_to(1)));
        if users == run.table.growth_users {
            say(&format!("{name} with {users} users is done"));
            findings.requests.extend([get, page]);
        }
    }
    Ok(points)
}

fn turns(
    run: &Run<'_>,
    name: &'static str,
    requests: &Requests,
    [large, small]: &[Server; 2],
    users: u32,
) -> Result<Measured, Failure> {
    let side = |whose, server, users| Side { whose, server, requests: requests.clone(), users };
    let bench = Bench { warm_up: 2, ..run.bench.clone() };
    compare(name, &[side("product, many users", large, users), side("product, 1,000 users", small, SMALL)], &bench)
}

impl<'a> Place<'a> {
    fn new(run: &'a Run<'_>, name: &str, file: &str) -> Result<Self, Failure> {
        let on_mariadb = (name == "MariaDB").then(|| Database::create(&run.binaries, run.server_url)).transpose()?;
        let file = || format!("sqlite://{}?mode=rwc", run.scratch.join(file).display());
        let url = on_mariadb.as_ref().map_or_else(file, |database| database.url.clone());
        let place = Self { run, url, on_mariadb, users: 0 };
        succeed(place.product().args(["migrate", "up"]).stdout(Stdio::null()))?;
        Ok(place)
    }

    fn product(&self) -> Command {
        open_product(&self.run.binaries.product, self.run.scratch, &self.url)
    }

    /// Adds users until there are so many.
    fn grow(&mut self, users: u32) -> Result<(), Failure> {
        say(&format!("making {} users of {users}", users - self.users));
        let first = self.users + 1;
        if let Some(database) = &self.on_mariadb {
            database.fill(first, users, 0)?;
        } else {
            let mut fill = Command::new(&self.run.binaries.bulk);
            fill.args(["--database-url", &self.url, "fill"]).stdout(Stdio::null());
            succeed(fill.args(["--first", &first.to_string(), "--users", &users.to_string()]))?;
        }
        self.users = users;
        Ok(())
    }

    /// The product's own examination finds that the counters agree with the users, and tells as many as there should be.
    fn check(&self) -> Result<(), Failure> {
        // It fails as nobody made these users keys, and nobody is an administrator: its own line of the counters is what counts.
        let said = self.product().arg("doctor").output()?.stdout;
        let said = String::from_utf8_lossy(&said);
        let counts = said.lines().find(|line| line.starts_with("user counts"));
        if counts.is_none_or(|line| line.split_whitespace().nth(2) != Some("ok")) {
            return Err(Failure::Errors(format!("the counters do not agree with the users: {said}")));
        }
        let mut list = self.product();
        list.args(["users", "list", "--limit", "1"]);
        // The total stands beside the list, not in it.
        let beside = list.output()?.stderr;
        let beside = String::from_utf8_lossy(&beside);
        if beside.contains(&format!("1 of {} users", self.users)) {
            return Ok(());
        }
        Err(Failure::Errors(format!("there should be {} users: {beside}", self.users)))
    }

    fn serve(&self, name: &'static str) -> Result<Server, Failure> {
        let port = free_port()?;
        let mut serve = self.product();
        // The database is what grows.
        serve.env("CACHE", "off").env("PORT", port.to_string());
        serve.env("DATABASE_POOL_SIZE", self.run.table.setup.pool.to_string());
        Server::start(name, serve.arg("serve"), port, "/ready")
    }
}
