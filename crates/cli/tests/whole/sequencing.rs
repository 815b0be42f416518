//! Several replicas: one gives events their places, and another goes on where it is killed.

use std::thread::sleep;
use std::time::{Duration, Instant};

use rstest::rstest;
use rustix::process::Signal;

use crate::database::{Database, Kind};
use crate::service::{Ended, Service, run};

fn usermgmt(database: &Database, arguments: &[&str]) -> Ended {
    run(database.folder().path(), &[("DATABASE_URL", database.url())], arguments)
}

/// How long it takes until so many events have places.
fn wait_for(service: &Service, places: u64) -> Duration {
    let begun = Instant::now();
    loop {
        let found = service.get("/api/v1/audit/verify").body;
        assert_eq!(found["ok"], true, "{found}");
        if found["to"].as_u64() >= Some(places) {
            return begun.elapsed();
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{found}");
        sleep(Duration::from_millis(100));
    }
}

fn signs(service: &Service) -> bool {
    service.log().iter().any(|line| line.contains("signed the audit trail up to position"))
}

#[rstest]
fn where_the_one_at_work_is_killed_another_goes_on_within_ten_seconds(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
) {
    let Some(database) = kind.database() else { return };
    let mut one = Service::start_on(&database, &[]);
    one.create("ann");
    wait_for(&one, 1);
    let other = Service::start_on(&database, &[]);
    other.create("bob");
    let usual = wait_for(&other, 2);
    assert!(usual < Duration::from_secs(3), "events get their places within a second: {usual:?}");
    assert!(signs(&one) && !signs(&other), "one of them is at work");
    one.signal(Signal::KILL);
    one.wait();
    for name in ["cid", "dan", "eve"] {
        other.create(name);
    }
    let taken_over = wait_for(&other, 5);
    assert!(taken_over < Duration::from_secs(10), "{taken_over:?}");
    assert!(signs(&other));
    other.stop();
    let ended = usermgmt(&database, &["audit", "verify"]);
    assert!(ended.stdout.starts_with("positions 1 to 5 are as they were: 5 events"), "{ended:?}");
    assert_eq!(ended.stderr, "", "the last events were signed at the end");
}

#[rstest]
fn whoever_stops_makes_room_at_once(#[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind) {
    let Some(database) = kind.database() else { return };
    let one = Service::start_on(&database, &[]);
    one.create("ann");
    wait_for(&one, 1);
    let other = Service::start_on(&database, &[]);
    one.stop();
    other.create("bob");
    let taken_over = wait_for(&other, 2);
    assert!(taken_over < Duration::from_secs(4), "{taken_over:?}");
    other.stop();
}

#[test]
fn a_command_gives_places_where_no_service_is_at_work() {
    let database = Kind::Sqlite.database().unwrap();
    let service = Service::start_on(&database, &[]);
    let id = service.create("ann");
    wait_for(&service, 1);
    service.stop();
    let number = id.rsplit('/').next().unwrap();
    assert_eq!(usermgmt(&database, &["users", "delete", number]).code, Some(0));
    let ended = usermgmt(&database, &["audit", "verify"]);
    assert!(ended.stdout.starts_with("positions 1 to 2 are as they were: 2 events"), "{ended:?}");
    assert_eq!(ended.stderr, "");
}

#[test]
fn what_lacks_something_is_reported() {
    let database = Kind::Sqlite.database().unwrap();
    let service = Service::start_on(&database, &[]);
    service.create("ann");
    wait_for(&service, 1);
    service.stop();
    let told = || usermgmt(&database, &["doctor", "--full"]).stdout;
    let line = |told: &str, check: &str| told.lines().find(|line| line.starts_with(check)).unwrap().to_owned();
    let well = told();
    assert!(line(&well, "what belongs together").contains("  ok  "), "{well}");
    assert!(line(&well, "audit chain").contains("1 events, all signed"), "{well}");
    assert!(line(&well, "audit trail").contains("all 1 events are as they were"), "{well}");
    database.execute("UPDATE subject_keys SET subject_id = X'00000000000070008000000000000001' WHERE subject_id IN (SELECT uuid FROM users)");
    let told_of = told();
    let expected = "problem  users without a key: 1; keys without a user: 1";
    assert!(line(&told_of, "what belongs together").contains(expected), "{told_of}");
    for trigger in database.rows("SELECT name FROM sqlite_master WHERE type = 'trigger'") {
        database.execute(&format!("DROP TRIGGER {trigger}"));
    }
    database.execute("UPDATE audit_chain SET position = 3");
    let told_of = told();
    assert!(line(&told_of, "audit chain").contains("problem  2 positions before the end are missing"), "{told_of}");
    assert!(line(&told_of, "audit trail").contains("problem  position 1: "), "{told_of}");
}
