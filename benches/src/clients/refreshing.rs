//! Sessions that are refreshed again and again, each token once.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::Failure;
use crate::connection::Connection;
use crate::logins::{People, read_pair};
use crate::result_line::ResultLine;
use crate::window::Window;

/// Refreshes in a second at `server`, with a session for each of the first people, who sign in where they do.
pub(crate) fn measure(
    people: &People,
    server: SocketAddr,
    clients: u32,
    length: Duration,
) -> Result<ResultLine, Failure> {
    let (mut sessions, mut desk) = (Vec::new(), Connection::new(people.address));
    for number in 0..clients {
        let token = people.tokens_of(&mut desk, number)?.refresh_token;
        sessions.push((Connection::new(server), token));
    }
    let (window, count) = (Window::opening_soon(length), AtomicU64::new(0));
    let failures: Vec<String> = thread::scope(|scope| {
        let refresh = |(connection, token)| refresh_until_closed(connection, token, window, &count);
        let threads: Vec<_> = sessions.into_iter().map(|session| scope.spawn(move || refresh(session))).collect();
        let ended = threads.into_iter().map(|thread| thread.join().map_err(|_| "a client failed".to_owned()));
        ended.filter_map(|ended| ended.and_then(|result| result).err()).collect()
    });
    match failures.first() {
        Some(failure) => Err(format!("{} sessions were lost, the first with {failure}", failures.len()).into()),
        None => Ok(ResultLine::default().with("rate", window.rate(count.into_inner()))),
    }
}

fn refresh_until_closed(
    mut connection: Connection,
    mut token: String,
    window: Window,
    count: &AtomicU64,
) -> Result<(), String> {
    while !window.is_closed() {
        let json = format!(r#"{{"refresh_token":"{token}"}}"#);
        let answer = connection.post("/api/v1/auth/refresh", &json).map_err(|error| error.to_string())?;
        if answer.status != 200 {
            return Err(format!("{}: {}", answer.status, String::from_utf8_lossy(&answer.body)));
        }
        token = read_pair(&answer.body).map_err(|error| error.to_string())?.refresh_token;
        count.fetch_add(u64::from(window.holds(Instant::now())), Ordering::Relaxed);
    }
    Ok(())
}
