//! The load: wrk, with the script in `benches/wrk`.

use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::process::{Failure, Server};

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Requests {
    /// `GET /users/{id}`, ids at random.
    Get,
    /// The same with access tokens, those in this file at random.
    Authenticated(PathBuf),
    /// `GET /users?skip=0&limit=10`.
    Page,
    /// The same with `count=none`, so without the total.
    Uncounted,
    /// `GET /users?skip=…&limit=10`: a page so far behind the first.
    Deep(u32),
    /// `POST /users`, a new user each.
    Create,
    /// `PATCH /users/{id}`, ids at random: the locale.
    Patch,
}

/// One stretch of load.
#[derive(Debug)]
pub(crate) struct Load {
    pub(crate) requests: Requests,
    pub(crate) seconds: u32,
    pub(crate) connections: u32,
    pub(crate) users: u32,
}

/// What one stretch of load showed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Run {
    /// Requests in a second.
    pub(crate) rate: f64,
    /// Latencies in milliseconds.
    pub(crate) p50: f64,
    pub(crate) p95: f64,
    pub(crate) p99: f64,
    /// Processor time of the server for one request, in microseconds.
    pub(crate) processor_time: f64,
}

/// No two stretches draw the same names, also not those of a second benchmark on the same database.
static SEED: AtomicU32 = AtomicU32::new(1);

impl Load {
    /// Puts the load on `server`.
    pub(crate) fn drive(&self, server: &Server) -> Result<Run, Failure> {
        let (kind, more) = match &self.requests {
            Requests::Get => ("get", String::new()),
            Requests::Authenticated(tokens) => ("authenticated", tokens.to_string_lossy().into_owned()),
            Requests::Page => ("page", String::new()),
            Requests::Uncounted => ("uncounted", String::new()),
            Requests::Deep(skip) => ("deep", skip.to_string()),
            Requests::Create => ("create", String::new()),
            Requests::Patch => ("patch", String::new()),
        };
        let seed = SEED.fetch_add(1, Ordering::Relaxed);
        // One thread: the other processor is the server's and the database's.
        let mut wrk = Command::new("wrk");
        wrk.args(["--threads", "1", "--timeout", "10s", "--latency"])
            .args(["--connections", &self.connections.to_string(), "--duration", &format!("{}s", self.seconds)])
            .arg("--script")
            .arg(super::root().join("benches/wrk/load.lua"))
            .arg(format!("http://{}", server.address))
            .args(["--", kind, &seed.to_string(), &self.users.to_string()])
            .arg(more);
        let before = server.processor_time()?;
        let output = wrk.output()?;
        let used = server.processor_time()?.saturating_sub(before);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let Some(numbers) = numbers(&said) else {
            return Err(Failure::Load(said + &String::from_utf8_lossy(&output.stderr)));
        };
        if numbers.errors > 0 || numbers.requests == 0 {
            let Numbers { requests, errors, .. } = numbers;
            let what = format!("{errors} of {requests} requests ({kind}) to {} failed", server.name);
            return Err(Failure::Errors(what));
        }
        Ok(numbers.run(used))
    }
}

/// The script's last line: requests, microseconds, errors, and three latencies in microseconds.
#[derive(Debug, PartialEq)]
struct Numbers {
    requests: u64,
    micros: u64,
    errors: u64,
    latencies: [u64; 3],
}

fn numbers(output: &str) -> Option<Numbers> {
    let line = output.lines().find_map(|line| line.strip_prefix("RESULT "))?;
    let numbers: Vec<u64> = line.split(' ').map(str::parse).collect::<Result<_, _>>().ok()?;
    let [requests, micros, errors, p50, p95, p99] = numbers.try_into().ok()?;
    Some(Numbers { requests, micros, errors, latencies: [p50, p95, p99] })
}

impl Numbers {
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    fn run(&self, used: Duration) -> Run {
        let [p50, p95, p99] = self.latencies.map(|micros| micros as f64 / 1e3);
        let requests = self.requests as f64;
        let rate = requests / (self.micros as f64 / 1e6);
        Run { rate, p50, p95, p99, processor_time: used.as_secs_f64() * 1e6 / requests }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scripts_line_is_found_among_those_of_wrk() {
        let found = numbers("Running 1s test\n  Requests/sec: 10\nRESULT 20000 2000000 0 900 1500 2500\n").unwrap();
        let run = found.run(Duration::from_millis(500));
        assert_eq!(run, Run { rate: 10_000.0, p50: 0.9, p95: 1.5, p99: 2.5, processor_time: 25.0 });
    }

    #[test]
    fn other_output_is_no_result() {
        assert_eq!(numbers("unable to connect to 127.0.0.1:1 Connection refused"), None);
        assert_eq!(numbers("RESULT 1 2 3"), None);
    }
}
