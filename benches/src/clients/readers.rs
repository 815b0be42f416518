//! Readers who come at a steady rate, whatever the server does.
//!
//! Each request has its time. A server that stands still makes those wait whose time comes meanwhile, and that is counted:
//! clients who wait for an answer before they ask again would not see it.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::Failure;
use crate::bcrypt_alone::{Burn, compare_until_closed};
use crate::connection::Connection;
use crate::logins::{self, People};
use crate::result_line::ResultLine;
use crate::window::Window;

/// Who reads what, and how often.
#[derive(Debug)]
pub(crate) struct Readers {
    address: SocketAddr,
    tokens: Vec<String>,
    users: u32,
    period: Duration,
}

/// Requests that may be under way at once. More would only be more waits of the same standstill.
const CONNECTIONS: usize = 64;

impl Readers {
    /// Readers who show these tokens, a line each, by turns.
    pub(crate) fn new(address: SocketAddr, tokens: &str, users: u32, rate: u32) -> Self {
        let tokens = tokens.lines().map(ToOwned::to_owned).collect();
        Self { address, tokens, users, period: Duration::from_secs(1) / rate.max(1) }
    }

    /// Request number `number`: users far apart, tokens in turn.
    fn read(&self, connection: &mut Connection, number: u32) -> Result<(), String> {
        const STRIDE: u32 = 7919;
        let id = number.wrapping_mul(STRIDE) % self.users + 1;
        let token = usize::try_from(number).ok().and_then(|number| self.tokens.get(number % self.tokens.len().max(1)));
        let token = token.map_or("", String::as_str);
        match connection.get(&format!("/api/v1/users/{id}"), token) {
            Ok(answer) if answer.status == 200 => Ok(()),
            Ok(answer) => Err(format!("{}: {}", answer.status, String::from_utf8_lossy(&answer.body))),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// In milliseconds.
#[derive(Debug, Default)]
struct Waits {
    /// From the time that each request had to the end of its answer.
    latencies: Vec<f64>,
    /// From the time that each request had to when it was sent: what this program adds.
    lags: Vec<f64>,
    failures: Vec<String>,
}

/// Reads through the window, while people sign in or bcrypt burns.
pub(crate) fn measure(
    readers: &Readers,
    people: &People,
    storm: usize,
    burn: &Burn,
    window: Window,
) -> Result<ResultLine, Failure> {
    let hash = if burn.threads == 0 { String::new() } else { bcrypt::hash(&burn.password, burn.rounds)? };
    let (waits, outcomes) = thread::scope(|scope| {
        for _ in 0..burn.threads {
            scope.spawn(|| compare_until_closed(&burn.password, &hash, window, |_| ()));
        }
        let storming = scope.spawn(|| logins::measure(people, storm, window));
        (read_through(readers, CONNECTIONS, window), storming.join())
    });
    if let Some(failure) = waits.failures.first() {
        return Err(format!("{} reads failed, the first with {failure}", waits.failures.len()).into());
    }
    let mut line = ResultLine::default();
    for (name, mut numbers) in [("latency", waits.latencies), ("lag", waits.lags)] {
        numbers.sort_by(f64::total_cmp);
        for (which, part) in [("p50", 0.5), ("p99", 0.99), ("max", 1.0)] {
            line = line.with(format!("{name}_{which}"), percentile(&numbers, part));
        }
    }
    let outcomes = outcomes.map_err(|_| "the clients that sign in failed")?;
    Ok(if storm == 0 { line } else { outcomes.onto(line) })
}

fn read_through(readers: &Readers, connections: usize, window: Window) -> Waits {
    let (waits, next) = (Mutex::new(Waits::default()), AtomicU32::new(0));
    // From before the window opens, so that connections are there and caches are warm.
    let begun = Instant::now();
    thread::scope(|scope| {
        for _ in 0..connections {
            scope.spawn(|| {
                let mut connection = Connection::new(readers.address);
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let due = begun + readers.period * number;
                    if due >= window.closes {
                        return;
                    }
                    thread::sleep(due.saturating_duration_since(Instant::now()));
                    let sent = Instant::now();
                    let answered = readers.read(&mut connection, number);
                    let ended = Instant::now();
                    let mut waits = waits.lock().unwrap_or_else(PoisonError::into_inner);
                    match answered {
                        Ok(()) if window.holds(due) => {
                            waits.latencies.push((ended - due).as_secs_f64() * 1e3);
                            waits.lags.push((sent - due).as_secs_f64() * 1e3);
                        }
                        Ok(()) => (),
                        Err(failure) => waits.failures.push(failure),
                    }
                }
            });
        }
    });
    waits.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// The smallest of the sorted numbers that this part of them does not exceed; 0 of none.
pub(crate) fn percentile(sorted: &[f64], part: f64) -> f64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is a position in the slice")]
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let position = (sorted.len() as f64 * part).ceil() as usize;
    sorted.get(position.saturating_sub(1)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn percentiles_are_numbers_that_were_measured() {
        let sorted: Vec<f64> = (1..=200).map(f64::from).collect();
        let found = [0.5, 0.99, 1.0].map(|part| percentile(&sorted, part));
        assert_eq!(found.map(|number| number.to_string()), ["100", "198", "200"]);
        assert_eq!(percentile(&[7.0], 0.99).to_string(), "7");
        assert_eq!(percentile(&[], 0.5).to_string(), "0");
    }

    /// A server that stands still once, for this long, after so many requests.
    fn server_that_stands_still(after: u32, pause: Duration) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (still, served) = (std::sync::Arc::new(Mutex::new(())), std::sync::Arc::new(AtomicU32::new(0)));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (mut stream, still, served) = (stream.unwrap(), still.clone(), served.clone());
                thread::spawn(move || {
                    let mut request = [0; 1024];
                    while stream.read(&mut request).is_ok_and(|length| length > 0) {
                        let _at_a_time = still.lock().unwrap();
                        if served.fetch_add(1, Ordering::Relaxed) == after {
                            thread::sleep(pause);
                        }
                        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").unwrap();
                    }
                });
            }
        });
        address
    }

    #[test]
    fn everybody_whose_time_comes_while_the_server_stands_still_is_counted_as_waiting() {
        let address = server_that_stands_still(50, Duration::from_millis(500));
        let readers = Readers::new(address, "token", 10, 100);
        let opens = Instant::now();
        let waits = read_through(&readers, 2, Window { opens, closes: opens + Duration::from_millis(1500) });

        assert_eq!(waits.failures, Vec::<String>::new());
        assert_eq!(waits.latencies.len(), 150);
        let long = waits.latencies.iter().filter(|wait| **wait > 100.0).count();
        assert!((30..=60).contains(&long), "some 40 of the 50 in that half second wait more than 100 ms: {long}");
    }
}
