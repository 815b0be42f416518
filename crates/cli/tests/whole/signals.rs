//! How the service stops, asked to or not.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rstest::rstest;
use rustix::process::Signal;

use crate::client::person;
use crate::database::Kind;
use crate::service::Service;

#[test]
fn sigterm_makes_it_unready_and_it_serves_on_for_the_time_of_grace() {
    let mut service = Service::start(&[("SHUTDOWN_GRACE_SECONDS", "2")]);
    assert_eq!(service.get("/ready").status, 200);
    let begun = Instant::now();
    service.signal(Signal::TERM);
    service.wait_for_log("stopping");

    while begun.elapsed() < Duration::from_millis(1500) {
        assert_eq!(service.get("/ready").problem(), (503, "The service is stopping"));
        assert_eq!(service.get("/health").status, 200);
        assert_eq!(service.get("/api/v1/users").status, 200);
        thread::sleep(Duration::from_millis(100));
    }
    service.create("ann");
    assert_eq!(service.wait().code(), Some(0));
    assert!(begun.elapsed() >= Duration::from_secs(2), "after {:?}", begun.elapsed());
    assert!(begun.elapsed() < Duration::from_secs(5), "after {:?}", begun.elapsed());
    assert!(service.try_call("GET", "/health", &[], None).unwrap_err().is_connect());
}

#[rstest]
fn a_signal_ends_it_at_once_where_nothing_is_in_flight(#[values(Signal::TERM, Signal::INT)] signal: Signal) {
    let mut service = Service::start(&[]);
    service.create("ann");
    let begun = Instant::now();
    service.signal(signal);
    assert_eq!(service.wait().code(), Some(0));
    assert!(begun.elapsed() < Duration::from_secs(3), "after {:?}", begun.elapsed());
}

#[test]
fn a_second_signal_skips_the_grace_and_a_third_does_not_wait() {
    let mut service = Service::start(&[("SHUTDOWN_GRACE_SECONDS", "600")]);
    // A body that never comes is in flight for half a minute.
    let mut stream = TcpStream::connect(service.address()).unwrap();
    let head = "POST /api/v1/users HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    thread::sleep(Duration::from_millis(300));
    let begun = Instant::now();
    for words in ["stopping", "told twice", "told three times"] {
        service.signal(Signal::TERM);
        service.wait_for_log(words);
    }
    assert_eq!(service.wait().code(), Some(0));
    assert!(begun.elapsed() < Duration::from_secs(5), "after {:?}", begun.elapsed());
}

#[test]
fn a_request_in_flight_is_answered_before_the_end() {
    let mut service = Service::start(&[]);
    let body = person("ann").to_string();
    let (first, second) = body.split_at(20);
    let head = format!(
        "POST /api/v1/users HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let mut stream = TcpStream::connect(service.address()).unwrap();
    stream.write_all(format!("{head}{first}").as_bytes()).unwrap();
    thread::sleep(Duration::from_millis(300));
    service.signal(Signal::TERM);
    service.wait_for_log("stopping");
    thread::sleep(Duration::from_millis(500));
    stream.write_all(second.as_bytes()).unwrap();

    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 201 Created"), "{answer}");
    assert_eq!(service.wait().code(), Some(0));
    let service = Service::start_in(service.folder(), &[]);
    assert_eq!(service.get("/api/v1/users/1").text("username"), "ann");
}

#[test]
fn connections_without_a_request_do_not_hold_up_the_end() {
    let mut service = Service::start(&[]);
    let beginnings = ["", "GET /hea", "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"];
    let open = beginnings.map(|beginning| {
        let mut stream = TcpStream::connect(service.address()).unwrap();
        stream.write_all(beginning.as_bytes()).unwrap();
        stream
    });
    service.wait_for_log("GET /health 200");
    let begun = Instant::now();
    service.signal(Signal::TERM);
    assert_eq!(service.wait().code(), Some(0));
    assert!(begun.elapsed() < Duration::from_secs(3), "after {:?}", begun.elapsed());
    drop(open);
}

#[rstest]
#[case::refusing(false)]
#[case::silent(true)]
fn sigterm_ends_it_while_the_database_is_awaited(#[values("mysql", "postgres")] scheme: &str, #[case] is_silent: bool) {
    // What is in its backlog is never accepted.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("{scheme}://root@{}/users", listener.local_addr().unwrap());
    let _silent = is_silent.then_some(listener);
    let folder = tempfile::tempdir().unwrap().into();
    let mut service = Service::spawn(&folder, &[("DATABASE_URL", &url)]);
    service.wait_for_log("waiting for the database");
    let begun = Instant::now();
    service.signal(Signal::TERM);
    assert_eq!(service.wait().code(), Some(0));
    assert!(begun.elapsed() < Duration::from_secs(1), "after {:?}", begun.elapsed());
}

#[rstest]
fn a_user_whose_creation_was_acknowledged_outlives_sigkill(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
) {
    let Some(database) = kind.database() else { return };
    let mut service = Service::start_on(&database, &[]);
    let acknowledged = AtomicUsize::new(0);
    let paths: Vec<String> = thread::scope(|scope| {
        let writers: Vec<_> = (0..4)
            .map(|writer| {
                let (service, acknowledged) = (&service, &acknowledged);
                scope.spawn(move || {
                    let create = |number| {
                        let body = person(&format!("user-{writer}-{number}"));
                        let answer = service.try_call("POST", "/api/v1/users", &[], Some(&body)).ok()?;
                        assert_eq!(answer.status, 201, "{}", answer.body);
                        acknowledged.fetch_add(1, Ordering::Relaxed);
                        Some(answer.header("location").to_owned())
                    };
                    (0..).map_while(create).collect::<Vec<_>>()
                })
            })
            .collect();
        while acknowledged.load(Ordering::Relaxed) < 20 {
            thread::sleep(Duration::from_millis(1));
        }
        service.signal(Signal::KILL);
        writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect()
    });
    assert_eq!(service.wait().code(), None, "it was killed");

    let service = Service::start_on(&database, &[]);
    for path in &paths {
        assert_eq!(service.get(path).status, 200, "{path}");
    }
    service.create("another");
    let total = service.get("/api/v1/users").body["total"].as_u64().unwrap();
    let known = paths.len() as u64 + 1;
    assert!((known..=known + 4).contains(&total), "{total} users, of {known} known and at most 4 unanswered");
}
