//! People who sign in.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use serde::Deserialize;

use crate::Failure;
use crate::connection::{Answer, Connection};
use crate::readers::percentile;
use crate::result_line::ResultLine;
use crate::window::Window;

/// Who signs in, and where.
#[derive(Debug)]
pub(crate) struct People {
    pub(crate) address: SocketAddr,
    pub(crate) ids: RangeInclusive<u32>,
    pub(crate) password: String,
}

/// What somebody who signed in was given.
#[derive(Debug, Deserialize)]
pub(crate) struct Pair {
    pub(crate) access_token: String,
    pub(crate) refresh_token: String,
}

impl People {
    /// The person with this number of them, beginning again after the last.
    pub(crate) fn sign_in(&self, connection: &mut Connection, number: u32) -> std::io::Result<Answer> {
        let id = self.ids.start() + number % (self.ids.end() - self.ids.start() + 1);
        let json = format!(r#"{{"username":"person{id}","password":"{}"}}"#, self.password);
        connection.post("/api/v1/auth/login", &json)
    }

    /// What that person is given.
    pub(crate) fn tokens_of(&self, connection: &mut Connection, number: u32) -> Result<Pair, Failure> {
        let answer = self.sign_in(connection, number)?;
        if answer.status != 200 {
            return Err(format!("{}: {}", answer.status, String::from_utf8_lossy(&answer.body)).into());
        }
        read_pair(&answer.body)
    }
}

pub(crate) fn read_pair(body: &[u8]) -> Result<Pair, Failure> {
    Ok(serde_json::from_slice(body)?)
}

/// How people fared whose answer came within the window.
#[derive(Debug)]
pub(crate) struct Outcomes {
    window: Window,
    /// Good ones, before and after the window too: what the server worked for.
    in_all: u64,
    /// By status; 0 is no answer at all.
    by_status: BTreeMap<u16, u64>,
    /// Of the good ones, in milliseconds.
    waits: Vec<f64>,
}

impl Outcomes {
    pub(crate) fn line(self) -> ResultLine {
        self.onto(ResultLine::default())
    }

    pub(crate) fn onto(mut self, line: ResultLine) -> ResultLine {
        let good = self.by_status.get(&200).copied().unwrap_or_default();
        self.waits.sort_by(f64::total_cmp);
        let line = line.with("logins", self.window.rate(good)).with("login_p50", percentile(&self.waits, 0.5));
        let line = line.with_count("in_all", self.in_all);
        self.by_status
            .into_iter()
            .fold(line, |line, (status, count)| line.with_count(format!("status_{status}"), count))
    }
}

/// Signs people in until the window closes, `clients` at a time, each person in turn.
pub(crate) fn measure(people: &People, clients: usize, window: Window) -> Outcomes {
    let outcomes = Mutex::new(Outcomes { window, in_all: 0, by_status: BTreeMap::new(), waits: Vec::new() });
    let next = AtomicU32::new(0);
    thread::scope(|scope| {
        for _ in 0..clients {
            scope.spawn(|| {
                let mut connection = Connection::new(people.address);
                while !window.is_closed() {
                    let begun = Instant::now();
                    let answer = people.sign_in(&mut connection, next.fetch_add(1, Ordering::Relaxed));
                    let status = answer.map_or(0, |answer| answer.status);
                    let ended = Instant::now();
                    let mut outcomes = outcomes.lock().unwrap_or_else(PoisonError::into_inner);
                    outcomes.in_all += u64::from(status == 200);
                    if window.holds(ended) {
                        *outcomes.by_status.entry(status).or_default() += 1;
                        if status == 200 {
                            outcomes.waits.push((ended - begun).as_secs_f64() * 1e3);
                        }
                    }
                }
            });
        }
    });
    outcomes.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Signs each person in once, and writes down the access tokens.
pub(crate) fn write_tokens(people: &People, file: &Path) -> Result<ResultLine, Failure> {
    let mut connection = Connection::new(people.address);
    let mut file = std::io::BufWriter::new(std::fs::File::create(file)?);
    let mut count = 0;
    for number in 0..=people.ids.end() - people.ids.start() {
        writeln!(file, "{}", people.tokens_of(&mut connection, number)?.access_token)?;
        count += 1;
    }
    file.flush()?;
    Ok(ResultLine::default().with_count("tokens", count))
}
