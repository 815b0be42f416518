//! The realistic mix in an open loop: at a steady rate, and at three times what the product can carry.

use std::fmt::Write as _;
use std::process::Command;

use super::super::clients::{Numbers, Open, People};
use super::super::process::{Failure, Server, said_by, say};
use super::super::targets::Targets;
use super::Run;
use super::findings::{Aim, Chart, Findings, short};
use super::svg::{LineChart, Scale};

/// The cost of bcrypt, as it is by default.
const COST: u32 = 12;

/// Statements that took longer are written down by MariaDB, in milliseconds.
const SLOW: f64 = 2.0;

/// Requests that may be under way in an open loop.
const IN_THE_OPEN: u32 = 512;

/// Clients of the closed loop that looks for the best throughput.
const AT_ITS_BEST: u32 = 64;

/// The product, and who calls it.
struct Stage<'a> {
    run: &'a Run<'a>,
    targets: &'a Targets,
    server: Server,
    people: People,
    tokens: [std::path::PathBuf; 2],
}

impl<'a> Stage<'a> {
    fn set(run: &'a Run<'_>, targets: &'a Targets) -> Result<Self, Failure> {
        // One that hashes cheaply, for signing in those whose tokens are shown.
        let desk = targets.guarded(4)?;
        let tokens = [targets.tokens(&desk)?, targets.writers(&desk)?];
        let people = targets.people(COST)?;
        let server = targets.guarded_with(COST, &[("CACHE", "memory")])?;
        Ok(Self { run, targets, server, people, tokens })
    }

    /// The mix at this rate, or with 0 as fast as it is answered.
    fn drive(&self, rate: u32, seconds: u32) -> Result<Numbers, Failure> {
        self.send(rate, seconds, false)
    }

    fn send(&self, rate: u32, seconds: u32, only_users: bool) -> Result<Numbers, Failure> {
        let [readers, writers] = &self.tokens;
        let (people, users) = (self.people, self.run.table.users);
        let connections = if rate == 0 { AT_ITS_BEST } else { IN_THE_OPEN };
        let open = Open { readers, writers, people, users, rate, connections, seconds, only_users };
        self.targets.clients.open(&self.server, &open)
    }
}

/// The mix at a steady rate.
pub(super) fn steady(run: &Run<'_>, targets: &Targets, findings: &mut Findings) -> Result<(), Failure> {
    let (rate, seconds) = (run.table.rate, run.table.open_seconds);
    // Before the product connects: a connection keeps the limit that it found.
    let _log = SlowLog::begin(run)?;
    let stage = Stage::set(run, targets)?;
    say("filling caches with the mix, and the cache of users as it is after some hours of it");
    stage.drive(0, run.table.step_seconds)?;
    stage.send(0, seconds, true)?;
    ask(run, &["TRUNCATE TABLE mysql.slow_log"])?;
    say(&format!("the mix, {rate} requests in a second for {seconds} s"));
    let (before, used) = (lookups(&stage.server), stage.server.processor_time()?);
    let numbers = stage.drive(rate, seconds)?;
    let used = stage.server.processor_time()?.saturating_sub(used);
    let after = lookups(&stage.server);
    let [slowest, slow, statement] = slowest(run, targets)?;

    let what = |name: &str| format!("open loop at {rate} req/s of the mix for {seconds} s: {name}");
    findings.figure(what("p95"), numbers.get("latency_p95"), " ms", Aim::AtMost(10.0));
    findings.figure(what("p99"), numbers.get("latency_p99"), " ms", Aim::AtMost(20.0));
    // Where none is in the log, the slowest one was as quick as the log's limit at most.
    let slowest = slowest.parse::<f64>().map_or(f64::NAN, |slowest| slowest.max(SLOW));
    findings.figure(what("slowest statement"), slowest, " ms", Aim::AtMost(50.0));
    let hits = match (before, after) {
        (Some(before), Some(after)) => {
            let [hits, all] = [after.0 - before.0, after.1 - before.1];
            findings.figure(what("hits of the user cache"), 100.0 * hits / all, " %", Aim::AtLeast(80.0));
            String::new()
        }
        _ => "\nHow often the user cache was hit is not known: `GET /metrics` does not tell.\n".to_owned(),
    };
    let mut text = format!("### The mix at {rate} requests in a second\n\n{}", by_call(&numbers));
    let micros = used.as_secs_f64() * 1e6 / numbers.get("good");
    let _ = write!(
        text,
        "\nOf the server's processor, {micros:.0} µs for a request; {:.1} MiB of memory at most. {slow} statements took longer \
         than {SLOW} ms in the database{}. The generator sent requests {:.2} ms late at p99, which is in the latencies. \
         Answers: {}; unanswered: {:.0}.\n{hits}",
        stage.server.peak_memory()?,
        if statement.is_empty() { String::new() } else { format!(", the slowest of them `{statement}`") },
        numbers.get("lag_p99"),
        statuses(&numbers),
        numbers.get("unanswered"),
    );
    findings.details.push(text);
    Ok(())
}

/// Three times what it can carry, after steps up to there.
pub(super) fn overload(run: &Run<'_>, targets: &Targets, findings: &mut Findings) -> Result<(), Failure> {
    let seconds = run.table.step_seconds;
    let stage = Stage::set(run, targets)?;
    say("the best throughput of the mix");
    stage.drive(0, seconds)?;
    let best = stage.drive(0, seconds)?.get("rate");
    let mut steps = Vec::new();
    for part in [0.1, 0.25, 0.5, 0.75, FULL, 3.0] {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "thousands of requests in a second"
        )]
        let rate = (best * part).round().max(1.0) as u32;
        say(&format!("the mix at {rate} requests in a second, {part} of the best"));
        steps.push((part, rate, stage.drive(rate, seconds)?));
    }
    let at = |wanted: f64| steps.iter().find(|(part, ..)| (part - wanted).abs() < 1e-9).map(|(.., numbers)| numbers);
    if let (Some(full), Some(over)) = (at(FULL), at(3.0)) {
        let p99 = over.get("latency_p99") / full.get("latency_p99");
        findings.figure("three times the load: p99 of good answers, against full load", p99, "", Aim::AtMost(2.0));
        let rate = over.get("rate") / best;
        findings.figure(
            "three times the load: good answers in a second, against the best",
            rate,
            "",
            Aim::AtLeast(0.9),
        );
        findings.figure("three times the load: answers 503", over.get("status_503"), "", Aim::None);
    }
    let mut text = format!(
        "### The mix by load\n\nThe best is {best:.0} good answers in a second, of {AT_ITS_BEST} clients who ask again at once. \
         Full load is {FULL} of that, in an open loop of {seconds} s as all the others.\n\n\
         | load | req/s | good/s | p50 ms | p95 ms | p99 ms | 503, p99 ms | generator late, p99 ms | answers | unanswered |\n\
         |---:|---:|---:|---:|---:|---:|---:|---:|---|---:|\n"
    );
    for (part, rate, numbers) in &steps {
        let number = |name: &str| short(numbers.get(name));
        let _ = writeln!(
            text,
            "| {part} | {rate} | {} | {} | {} | {} | {} | {} | {} | {:.0} |",
            number("rate"),
            number("latency_p50"),
            number("latency_p95"),
            number("latency_p99"),
            number("refusal_p99"),
            number("lag_p99"),
            statuses(numbers),
            numbers.get("unanswered"),
        );
    }
    findings.details.push(text);
    let line = |name: &str| steps.iter().map(|(_, rate, numbers)| (f64::from(*rate), numbers.get(name))).collect();
    let lines = ["p50", "p95", "p99"].map(|name| (name.to_owned(), line(&format!("latency_{name}"))));
    findings.charts.push(Chart {
        file: "latency-by-load.svg",
        title: "Latency of the realistic mix by load, up to three times what it can carry".into(),
        svg: LineChart {
            title: "Latency of good answers by load",
            x: ("requests in a second, open loop", Scale::Linear),
            y: ("ms", Scale::Logarithmic),
            lines: &lines,
        }
        .svg(),
    });
    Ok(())
}

/// Of its best: beyond that, an open loop has no steady state.
const FULL: f64 = 0.9;

/// What was asked, how often, and how long it took.
fn by_call(numbers: &Numbers) -> String {
    let mut text =
        "| call | p50 ms | p95 ms | p99 ms | p99.9 ms | at most ms |\n|---|---:|---:|---:|---:|---:|\n".to_owned();
    for (name, call) in [
        ("all", "latency"),
        ("one user by id", "get"),
        ("the caller", "me"),
        ("the first page, with total", "first_page"),
        ("a filtered page, with total", "filtered"),
        ("a search by prefix, with total", "search"),
        ("a changed locale", "patch"),
        ("a new user", "create"),
        ("a login", "login"),
    ] {
        // In a short run there may be none of the rare ones.
        if numbers.get(&format!("{call}_max")) <= 0.0 {
            continue;
        }
        let [p50, p95, p99, p999, max] =
            ["p50", "p95", "p99", "p999", "max"].map(|part| short(numbers.get(&format!("{call}_{part}"))));
        let _ = writeln!(text, "| {name} | {p50} | {p95} | {p99} | {p999} | {max} |");
    }
    text
}

fn statuses(numbers: &Numbers) -> String {
    let of = |(status, count): (&str, f64)| match status {
        "0" => format!("{count:.0} broken connections"),
        status => format!("{count:.0} × {status}"),
    };
    numbers.statuses().map(of).collect::<Vec<_>>().join(", ")
}

/// Hits and all lookups of the user cache so far, where `GET /metrics` tells.
fn lookups(server: &Server) -> Option<(f64, f64)> {
    read_lookups(&server.text("/metrics")?)
}

fn read_lookups(metrics: &str) -> Option<(f64, f64)> {
    let of_users = |line: &&str| line.starts_with("usermgmt_cache_requests_total{") && line.contains("cache=\"users\"");
    let mut sums = None;
    for line in metrics.lines().filter(of_users) {
        let count: f64 = line.rsplit_once(' ')?.1.parse().ok()?;
        // In this process or in Redis, somebody or the knowledge that there is nobody: the database was not asked.
        let is_hit = !line.contains("result=\"miss\"");
        let (hits, all) = sums.unwrap_or((0.0, 0.0));
        sums = Some((if is_hit { hits + count } else { hits }, all + count));
    }
    sums
}

/// While it lives, MariaDB writes slow statements of new connections into its table of them.
struct SlowLog<'a>(&'a Run<'a>);

impl<'a> SlowLog<'a> {
    fn begin(run: &'a Run<'_>) -> Result<Self, Failure> {
        let limit = format!("SET GLOBAL long_query_time = {}", SLOW / 1e3);
        ask(
            run,
            &[
                "SET GLOBAL slow_query_log = 0",
                "SET GLOBAL log_output = 'TABLE'",
                // All, whatever their plans.
                "SET GLOBAL log_slow_filter = ''",
                &limit,
                "TRUNCATE TABLE mysql.slow_log",
                "SET GLOBAL slow_query_log = 1",
            ],
        )?;
        Ok(Self(run))
    }
}

impl Drop for SlowLog<'_> {
    fn drop(&mut self) {
        let back = [
            "SET GLOBAL slow_query_log = 0",
            "SET GLOBAL log_output = DEFAULT",
            "SET GLOBAL log_slow_filter = DEFAULT",
            "SET GLOBAL long_query_time = DEFAULT",
        ];
        if let Err(failure) = ask(self.0, &back) {
            say(&format!("the database keeps its slow log: {failure}"));
        }
    }
}

/// Milliseconds of the slowest statement of the product, how many were slow, and the slowest one's beginning.
fn slowest(run: &Run<'_>, targets: &Targets) -> Result<[String; 3], Failure> {
    let database = targets.database_url().rsplit('/').next().unwrap_or_default().to_owned();
    let of = format!("FROM mysql.slow_log WHERE db = '{database}'");
    let longest = format!(
        "SELECT CAST(COALESCE(MAX(TIME_TO_SEC(query_time)), 0) * 1000 AS CHAR), CAST(COUNT(*) AS CHAR), \
         COALESCE((SELECT REPLACE(LEFT(CONVERT(sql_text USING utf8mb4), 100), '`', '') {of} ORDER BY query_time DESC LIMIT 1), '') {of}"
    );
    let text = ask(run, &["SET GLOBAL slow_query_log = 0", &longest])?;
    let mut cells = text.splitn(3, '\t').map(ToOwned::to_owned);
    Ok([(); 3].map(|()| cells.next().unwrap_or_default()))
}

fn ask(run: &Run<'_>, statements: &[&str]) -> Result<String, Failure> {
    let mut ask = Command::new(&run.binaries.bulk);
    let said = said_by(ask.args(["--database-url", run.server_url, "ask"]).args(statements))?;
    Ok(said.strip_prefix("RESULT").unwrap_or(&said).trim_start_matches(' ').replace('\n', " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lookups_of_the_user_cache_are_summed_by_result() {
        let metrics = "# TYPE usermgmt_cache_requests_total counter\n\
                       usermgmt_cache_requests_total{cache=\"users\",result=\"hit\"} 79\n\
                       usermgmt_cache_requests_total{cache=\"users\",result=\"negative\"} 1\n\
                       usermgmt_cache_requests_total{cache=\"users\",result=\"miss\"} 20\n\
                       usermgmt_cache_requests_total{cache=\"tokens\",result=\"hit\"} 7\n";
        assert_eq!(read_lookups(metrics), Some((80.0, 100.0)));
        assert_eq!(read_lookups("up 1\n"), None);
    }
}
