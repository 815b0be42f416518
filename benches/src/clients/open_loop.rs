//! Requests that come when they are due, whether the server has answered those before or not; or, for its best, as fast as
//! it answers. One thread that only wakes for what has happened: the processors are the server's.

use std::collections::VecDeque;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use fastrand::Rng;
use rustix::buffer::spare_capacity;
use rustix::event::{Timespec, epoll};

use crate::Failure;
use crate::mix::{Call, Mix};
use crate::result_line::ResultLine;
use crate::schedule::Schedule;
use crate::tally::Tally;
use crate::window::Window;
use crate::wire::Wire;

/// How hard the server is driven.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// Requests in a second; with 0, each connection asks again once it is answered.
    pub(crate) rate: u32,
    /// So many may be under way. Those that are due beyond them wait, which counts.
    pub(crate) connections: usize,
    pub(crate) window: Window,
}

/// A request that was sent.
#[derive(Debug, Clone, Copy)]
struct Flight {
    call: Call,
    due: Instant,
}

struct Loop<'a> {
    mix: &'a Mix,
    pace: Pace,
    rng: Rng,
    poll: OwnedFd,
    /// By number: the connection, and what is under way on it.
    wires: Vec<(Wire, Option<Flight>)>,
    idle: Vec<usize>,
    waiting: VecDeque<Instant>,
    number: u64,
    tally: Tally,
}

/// After the end, answers that are still to come are waited for so long.
const DRAIN: Duration = Duration::from_secs(10);

/// Puts the mix on the server at this pace.
pub(crate) fn measure(mix: &Mix, pace: Pace, seed: u64) -> Result<ResultLine, Failure> {
    let poll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    let tally = Tally::new(pace.window);
    let (rng, wires) = (Rng::with_seed(seed), Vec::with_capacity(pace.connections));
    let mut open = Loop { mix, pace, rng, poll, wires, idle: vec![], waiting: VecDeque::new(), number: 0, tally };
    for _ in 0..pace.connections {
        let wire = Wire::open(mix.address)?;
        open.watch(&wire, open.wires.len())?;
        open.idle.push(open.wires.len());
        open.wires.push((wire, None));
    }
    open.run()?;
    Ok(open.tally.line())
}

impl Loop<'_> {
    fn run(&mut self) -> Result<(), Failure> {
        let closes = self.pace.window.closes;
        let mut schedule = Schedule::new(self.pace.rate, Instant::now(), closes);
        let mut events = Vec::with_capacity(256);
        loop {
            let now = Instant::now();
            if self.pace.rate == 0 {
                self.waiting.extend((now < closes).then(|| self.idle.iter().map(|_| now)).into_iter().flatten());
            } else {
                self.waiting.extend(std::iter::from_fn(|| schedule.take_due(now)));
            }
            while let Some(number) = self.idle.pop_if(|_| !self.waiting.is_empty()) {
                if let Some(due) = self.waiting.pop_front() {
                    self.send(number, due)?;
                }
            }
            let is_over = self.idle.len() == self.wires.len() && self.waiting.is_empty();
            if now >= closes && (is_over || now >= closes + DRAIN) {
                break;
            }
            // In a closed loop nothing is due before an answer.
            let next = if self.pace.rate == 0 { None } else { schedule.next() };
            self.wait(&mut events, next.unwrap_or(if now < closes { closes } else { closes + DRAIN }))?;
        }
        let under_way = self.wires.iter().filter_map(|(_, flight)| flight.map(|flight| flight.due));
        for due in under_way.chain(self.waiting.iter().copied()) {
            self.tally.gave_up(due);
        }
        Ok(())
    }

    fn send(&mut self, number: usize, due: Instant) -> Result<(), Failure> {
        let call = self.mix.draw(&mut self.rng);
        self.number += 1;
        let request = self.mix.request(call, self.number, &mut self.rng);
        let (wire, flight) = self.wires.get_mut(number).ok_or("a connection that is not there")?;
        *flight = Some(Flight { call, due });
        let sent = wire.send(&request);
        self.tally.sent(due, Instant::now());
        if sent.is_ok() { Ok(()) } else { self.land(number, 0, true) }
    }

    /// Waits until something has come, or until then.
    fn wait(&mut self, events: &mut Vec<epoll::Event>, until: Instant) -> Result<(), Failure> {
        let time = until.saturating_duration_since(Instant::now());
        let timeout = Timespec { tv_sec: i64::try_from(time.as_secs())?, tv_nsec: time.subsec_nanos().into() };
        events.clear();
        match epoll::wait(&self.poll, spare_capacity(events), Some(&timeout)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => (),
            Err(error) => return Err(error.into()),
        }
        for event in events.iter() {
            let number = usize::try_from(event.data.u64())?;
            let (wire, _) = self.wires.get_mut(number).ok_or("a connection that is not there")?;
            match wire.receive() {
                Ok(None) => (),
                Ok(Some(answer)) => self.land(number, answer.status, answer.is_last)?,
                Err(_) => self.land(number, 0, true)?,
            }
        }
        Ok(())
    }

    /// What was under way there has ended.
    fn land(&mut self, number: usize, status: u16, is_broken: bool) -> Result<(), Failure> {
        let (wire, flight) = self.wires.get_mut(number).ok_or("a connection that is not there")?;
        let flight = flight.take();
        if is_broken {
            *wire = Wire::open(self.mix.address)?;
        }
        // A server may close what nothing is under way on.
        if let Some(Flight { call, due }) = flight {
            self.tally.answered(call, due, status, Instant::now());
            self.idle.push(number);
        }
        if is_broken {
            let (wire, _) = self.wires.get(number).ok_or("a connection that is not there")?;
            self.watch(wire, number)?;
        }
        Ok(())
    }

    fn watch(&self, wire: &Wire, number: usize) -> Result<(), Failure> {
        let data = epoll::EventData::new_u64(u64::try_from(number)?);
        Ok(epoll::add(&self.poll, &wire.stream, data, epoll::EventFlags::IN)?)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::{SocketAddr, TcpListener};
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::thread;

    use super::*;
    use crate::mix::GETS;
    use crate::zipf::Zipf;

    /// A server that stands still once, for half a second, after so many requests, and then closes that connection.
    fn server_that_stands_still(after: u32) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (still, served): &'static (Mutex<()>, AtomicU32) = Box::leak(Box::default());
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                thread::spawn(move || {
                    let mut request = [0; 1024];
                    while stream.read(&mut request).is_ok_and(|length| length > 0) {
                        let _at_a_time = still.lock().unwrap();
                        let is_the_one = served.fetch_add(1, Ordering::Relaxed) == after;
                        let close = if is_the_one { "Connection: close\r\n" } else { "" };
                        thread::sleep(Duration::from_millis(if is_the_one { 500 } else { 0 }));
                        let answer = format!("HTTP/1.1 200 OK\r\n{close}Content-Length: 0\r\n\r\n");
                        stream.write_all(answer.as_bytes()).unwrap();
                        if is_the_one {
                            return;
                        }
                    }
                });
            }
        });
        address
    }

    fn numbers(rate: u32, connections: usize, address: SocketAddr) -> impl Fn(&str) -> f64 {
        let mix = Mix {
            address,
            weights: &GETS,
            readers: vec![],
            writers: vec![],
            users: Zipf::new(10),
            people: [1, 1],
            password: String::new(),
            prefix: String::new(),
        };
        let opens = Instant::now();
        let window = Window { opens, closes: opens + Duration::from_millis(1500) };
        let line = measure(&mix, Pace { rate, connections, window }, 1).unwrap().to_string();
        move |name| {
            let pair = line.split(' ').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
            pair.unwrap_or("0").parse().unwrap()
        }
    }

    #[test]
    fn all_whose_time_comes_while_the_server_stands_still_are_counted_as_waiting() {
        let number = numbers(100, 2, server_that_stands_still(50));
        assert!((number("good") - 150.0).abs() < 3.0, "{} of 150", number("good"));
        assert!(number("unanswered") < 0.5);
        // A third of them were due in that half second: a wait that grows evenly from none to all of it.
        assert!(number("latency_p95") > 300.0, "{}", number("latency_p95"));
        assert!(number("latency_p50") < 100.0, "{}", number("latency_p50"));
    }

    #[test]
    fn without_a_rate_each_connection_asks_again_once_it_is_answered() {
        let number = numbers(0, 4, server_that_stands_still(50));
        // Hundreds of times as many as fit into the half second, and the standstill is seen by four alone.
        assert!(number("good") > 500.0, "{}", number("good"));
        assert!(number("latency_max") > 400.0 && number("latency_p99") < 100.0);
    }
}
