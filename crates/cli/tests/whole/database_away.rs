//! The database goes away and comes back.

use std::net::TcpListener;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use rstest::rstest;
use rustix::process::Signal;
use serde_json::json;

use crate::client::{Answer, person};
use crate::database::{Database, Kind};
use crate::service::{Service, run};
use crate::wire::{State, Wire};

/// What every answer keeps to while the database is away, with room for a busy machine.
const IN_TIME: Duration = Duration::from_millis(2500);

#[rstest]
fn every_call_is_503_in_time_and_works_again_without_a_restart(
    #[values(Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
    #[values(State::Cut, State::Silent)] trouble: State,
) {
    let Some((database, wire)) = behind_a_wire(kind) else { return };
    let url = database.url_through(&wire.address());
    let service = Service::start_on(&database, &[("DATABASE_URL", &url), ("CACHE", "off")]);
    let path = service.create("ann");

    for round in 0..2 {
        wire.set(trouble);
        // More of them than the pool has connections: nobody may wait for one that is stuck.
        for _ in 0..3 {
            for answer in calls(&service, &path) {
                assert_eq!((answer.status, answer.text("code")), (503, "unavailable"), "{}", answer.body);
                assert_ne!(answer.header("retry-after"), "");
                assert!(answer.took < IN_TIME, "after {:?}", answer.took);
                assert!(!answer.body.to_string().to_lowercase().contains("sql"), "a cause: {}", answer.body);
            }
        }
        let ready = service.get("/ready");
        assert_eq!((ready.status, &ready.body["checks"]["database"]), (503, &"failed".into()));
        assert!(ready.took < IN_TIME, "after {:?}", ready.took);
        let health = service.get("/health");
        assert_eq!(health.status, 200);
        assert!(health.took < Duration::from_secs(1), "after {:?}", health.took);

        wire.set(State::Whole);
        let begun = Instant::now();
        while service.get("/ready").status != 200 {
            assert!(begun.elapsed() < Duration::from_secs(15), "not ready again");
            thread::sleep(Duration::from_millis(100));
        }
        assert_eq!(service.get(&path).text("username"), "ann");
        service.create(&format!("after-{round}"));
    }
    assert_eq!(service.get("/api/v1/users").body["total"], 3, "what was answered with 503 was not done");
}

#[rstest]
fn what_is_kept_in_memory_is_shown_for_five_seconds_without_a_database(
    #[values(Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
) {
    let Some((database, wire)) = behind_a_wire(kind) else { return };
    let service = Service::start_on(&database, &[("DATABASE_URL", &database.url_through(&wire.address()))]);
    let path = service.create("ann");
    assert_eq!(service.get(&path).status, 200);
    wire.set(State::Cut);
    assert_eq!(service.get(&path).text("username"), "ann");
    thread::sleep(Duration::from_secs(6));
    let answer = service.get(&path);
    assert_eq!((answer.status, answer.text("code")), (503, "unavailable"), "{}", answer.body);
    assert!(answer.took < IN_TIME, "after {:?}", answer.took);
}

#[rstest]
fn a_connection_that_was_dropped_while_idle_is_not_the_callers_error(
    #[values(Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
) {
    let Some((database, wire)) = behind_a_wire(kind) else { return };
    let url = database.url_through(&wire.address());
    let service = Service::start_on(&database, &[("DATABASE_URL", &url), ("CACHE", "off")]);
    let path = service.create("ann");
    for round in 0..3 {
        wire.set(State::Cut);
        wire.set(State::Whole);
        assert_eq!(service.get(&path).status, 200);
        wire.set(State::Cut);
        wire.set(State::Whole);
        service.create(&format!("user-{round}"));
    }
}

#[rstest]
fn a_silent_database_does_not_hold_up_the_end(#[values(Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind) {
    let Some((database, wire)) = behind_a_wire(kind) else { return };
    let url = database.url_through(&wire.address());
    let mut service = Service::start_on(&database, &[("DATABASE_URL", &url)]);
    let path = service.create("ann");
    wire.set(State::Silent);
    assert_eq!(service.patch(&path, &json!({"locale": "de"})).status, 503);
    let begun = Instant::now();
    service.signal(Signal::TERM);
    assert_eq!(service.wait().code(), Some(0));
    assert!(begun.elapsed() < Duration::from_secs(10), "after {:?}", begun.elapsed());
}

#[rstest]
fn the_database_is_waited_for_at_the_start(#[values(Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind) {
    let Some((database, wire)) = behind_a_wire(kind) else { return };
    wire.set(State::Cut);
    let url = database.url_through(&wire.address());
    let mut service = Service::spawn(database.folder(), &[("DATABASE_URL", &url)]);
    service.wait_for_log("waiting for the database");
    wire.set(State::Whole);
    service.wait_until_it_listens();
    service.create("ann");
}

#[rstest]
#[case::refusing(false)]
#[case::silent(true)]
fn a_database_that_does_not_come_ends_the_start(#[values("mysql", "postgres")] scheme: &str, #[case] is_silent: bool) {
    // What is in its backlog is never accepted.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let _silent = is_silent.then_some(listener);
    let folder = tempfile::tempdir().unwrap();
    let url = format!("{scheme}://keeper:s3same@{address}/people");
    let begun = Instant::now();
    let settings = [("DATABASE_URL", &*url), ("DATABASE_CONNECT_TIMEOUT_SECONDS", "2")];
    let ended = run(folder.path(), &settings, &["serve"]);
    assert!((1..6).contains(&begun.elapsed().as_secs()), "after {:?}", begun.elapsed());

    assert_eq!(ended.code, Some(1), "{ended:?}");
    let lines: Vec<&str> = ended.stderr.lines().collect();
    let [error] = lines.as_slice() else { panic!("one line: {ended:?}") };
    let database = format!("{scheme}://keeper:[redacted]@{address}/people");
    let what = format!("error: the database {database} cannot be used, after waiting for 2 s");
    assert!(error.starts_with(&what), "{error}");
    assert!(is_silent || error.contains("refused"), "the reason: {error}");
    assert!(!ended.stderr.contains("s3same"));
}

#[rstest]
#[case::mariadb(Kind::MariaDb, "Unknown database")]
#[case::mysql(Kind::MySql, "Unknown database")]
#[case::postgres(Kind::Postgres, "does not exist")]
fn a_database_that_refuses_is_not_waited_for(#[case] kind: Kind, #[case] why: &str) {
    let Some(database) = kind.database() else { return };
    let url = format!("{}_which_is_not_there", database.url());
    let begun = Instant::now();
    let ended = run(database.folder().path(), &[("DATABASE_URL", &url)], &["serve"]);
    assert!(begun.elapsed() < Duration::from_secs(5), "after {:?}", begun.elapsed());
    assert!(ended.reason().contains(why), "{ended:?}");
    assert_eq!(ended.reason().matches(why).count(), 1, "said once: {ended:?}");
}

fn behind_a_wire(kind: Kind) -> Option<(Database, Wire)> {
    let database = kind.database()?;
    let wire = Wire::to(database.address());
    Some((database, wire))
}

/// A call of each sort, all at once.
fn calls(service: &Service, path: &str) -> Vec<Answer> {
    let service = Arc::new(service);
    thread::scope(|scope| {
        let calls = [
            ("GET", "/api/v1/users".to_owned(), None),
            ("GET", path.to_owned(), None),
            ("POST", "/api/v1/users".to_owned(), Some(person("bob"))),
            ("PATCH", path.to_owned(), Some(json!({"locale": "de"}))),
            ("PUT", path.to_owned(), Some(json!({"locale": "de"}))),
            ("POST", format!("{path}/deactivate"), Some(json!({}))),
            ("DELETE", path.to_owned(), None),
        ];
        let calls = calls.map(|(method, path, body)| {
            let service = Arc::clone(&service);
            scope.spawn(move || service.call(method, &path, &[], body.as_ref()))
        });
        calls.into_iter().map(|call| call.join().unwrap()).collect()
    })
}
