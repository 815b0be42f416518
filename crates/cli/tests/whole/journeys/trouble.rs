//! The database or Redis go away under people who are signed in.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::ops::Range;
use std::thread;
use std::time::{Duration, Instant};

use rstest::rstest;
use serde_json::json;

use crate::database::Kind;
use crate::redis::Beside;
use crate::service::Service;
use crate::signed_in::{ADMIN, ADMIN_PASSWORD, PASSWORD, Replicas, SignedIn};
use crate::wire::{State, Wire};

/// What every answer keeps to while something is away, with room for a busy machine.
const IN_TIME: Duration = Duration::from_millis(2500);

#[rstest]
fn while_the_database_is_away_no_refresh_token_is_lost(
    #[values(Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
    #[values(State::Cut, State::Silent)] trouble: State,
) {
    let Some(database) = kind.database() else { return };
    let wire = Wire::to(database.address());
    let url = database.url_through(&wire.address());
    let service = Service::start_on_with_auth(&database, &[("DATABASE_URL", &url)]);
    let mut admin = service.login(ADMIN, ADMIN_PASSWORD);
    for _ in 0..2 {
        wire.set(trouble);
        for answer in [service.refresh(&admin.refresh_token), service.try_login(ADMIN, ADMIN_PASSWORD)] {
            assert_eq!((answer.status, answer.text("code")), (503, "unavailable"), "{}", answer.body);
            assert_ne!(answer.header("retry-after"), "");
            assert!(answer.took < IN_TIME, "after {:?}", answer.took);
        }
        wire.set(State::Whole);
        wait_until_ready(&service);
        admin = SignedIn::of(&service.refresh(&admin.refresh_token));
        admin.wait_until_let_in(&service);
    }
}

#[rstest]
fn whoever_cannot_hear_of_revocations_lets_nobody_in_and_says_so_once(
    #[values(Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
) {
    let Some(database) = kind.database() else { return };
    let wire = Wire::to(database.address());
    let url = database.url_through(&wire.address());
    let mut service = Service::start_on_with_auth(&database, &[("DATABASE_URL", &url)]);
    let admin = service.login(ADMIN, ADMIN_PASSWORD);
    assert_eq!(admin.me(&service), 200);
    wire.set(State::Cut);
    service.wait_for_log("what other processes change cannot be followed");
    thread::sleep(Duration::from_millis(5500));
    let blind = admin.get(&service, "/api/v1/auth/sessions");
    assert_eq!((blind.status, blind.text("code")), (503, "unavailable"), "{}", blind.body);
    wire.set(State::Whole);
    service.wait_for_log("what other processes change is followed again");
    assert_eq!(admin.me(&service), 200);
    let said = |words: &str| service.log().iter().filter(|line| line.contains(words)).count();
    assert_eq!(said("what other processes change"), 2, "{:#?}", service.log());
}

#[rstest]
fn without_redis_nothing_breaks(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
    #[values(State::Cut, State::Silent)] trouble: State,
) {
    let Some((wire, redis)) = redis_on_a_wire() else { return };
    let Some(database) = kind.database() else { return };
    let settings = [("REDIS_URL", &*redis)];
    let [a, b] = [(); 2].map(|()| Service::start_on_with_auth(&database, &settings));
    let replicas = Replicas { a, b, database };
    let (a, b, admin) = (&replicas.a, &replicas.b, replicas.admin());
    assert_eq!(a.get("/ready").body["checks"]["redis"], "ok");
    let (ann, path) = b.register("ann");
    assert_eq!(ann.me(b), 200);

    wire.set(trouble);
    wait_for_redis(a, "degraded");
    assert_eq!(a.get("/ready").status, 200, "it is degraded and works");
    let ben = a.login("ann", PASSWORD);
    assert_eq!((ann.me(a), ben.me(b)), (200, 200));
    let ann = SignedIn::of(&b.refresh(&ann.refresh_token));
    assert_eq!(ann.me(b), 200);
    assert_eq!(admin.post(a, &format!("{path}/deactivate"), &json!({})).status, 200);
    let took = ann.time_to_refusal(b);
    assert!(took < Duration::from_secs(1), "after {took:?}");

    wire.set(State::Whole);
    wait_for_redis(a, "ok");
}

#[test]
fn limits_are_shared_through_redis_and_each_replicas_own_while_it_is_away() {
    let Some((wire, redis)) = redis_on_a_wire() else { return };
    let database = Kind::Sqlite.database().unwrap();
    let settings = [("REDIS_URL", &*redis), ("RATE_LIMIT_AUTH", "6/h"), ("TRUSTED_PROXIES", "127.0.0.1/32")];
    let [a, b] = [(); 2].map(|()| Service::start_on_with_auth(&database, &settings));
    // What an earlier run counted on the same server was another client's.
    let random = RandomState::new().build_hasher().finish();
    let client = format!("10.{}.{}.{}", random & 255, random >> 8 & 255, random >> 16 & 255);
    let tries = |service: &Service, names: Range<u32>| -> Vec<u16> {
        let one = |number| {
            // Another name each time, or the failures of one would make the next wait.
            let body = json!({"username": format!("nobody-{number}"), "password": "whatever it is"});
            service.call("POST", "/api/v1/auth/login", &[("X-Forwarded-For", &client)], Some(&body)).status
        };
        names.map(one).collect()
    };
    assert_eq!(tries(&a, 0..4), [401, 401, 401, 401]);
    assert_eq!(tries(&b, 4..8), [401, 401, 429, 429], "what A counted, B knows");
    assert_eq!(tries(&a, 8..9), [429]);
    wire.set(State::Cut);
    wait_for_redis(&a, "degraded");
    let alone = [401, 401, 401, 401, 401, 401, 429, 429];
    assert_eq!(tries(&a, 10..18), alone, "it counts by itself, from the beginning");
    wire.set(State::Whole);
    wait_for_redis(&a, "ok");
    assert_eq!(tries(&a, 20..21), [429], "together again");
}

/// A Redis behind a wire, and the URL to it; nothing where this machine has none.
fn redis_on_a_wire() -> Option<(Wire, String)> {
    let url = Beside::Redis.url()?;
    let (_, rest) = url.split_once("://").expect("a URL has a scheme");
    let address = rest.split('/').next().expect("a split has a first part").to_owned();
    let wire = Wire::to(&address);
    let through = url.replace(&address, &wire.address());
    Some((wire, through))
}

/// Waits until the service says this of Redis.
fn wait_for_redis(service: &Service, state: &str) {
    let begun = Instant::now();
    loop {
        let ready = service.get("/ready").body;
        if ready["checks"]["redis"] == state {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "{ready}");
        thread::sleep(Duration::from_millis(50));
    }
}

fn wait_until_ready(service: &Service) {
    let begun = Instant::now();
    while service.get("/ready").status != 200 {
        assert!(begun.elapsed() < Duration::from_secs(15), "not ready again");
        thread::sleep(Duration::from_millis(100));
    }
}
