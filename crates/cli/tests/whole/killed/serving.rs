//! A service that is killed while it makes, deletes, erases and sequences, and is started again.

use std::collections::{BTreeMap, BTreeSet};
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;
use rstest::rstest;
use serde_json::Value;

use super::client::{Client, TO_BE_FORGOTTEN, Told};
use super::{KILLS, assert_all_agrees, let_leases_run_out, moments, number, within};
use crate::database::{Database, Kind};
use crate::service::Service;

/// Erasing happens by itself, too; all that nobody waits for is quick.
const SETTINGS: [(&str, &str); 1] = [("PURGE_DELETED_AFTER_DAYS", "1")];

/// How long a service lives at most once it listens.
const LIFE: Duration = Duration::from_millis(900);

#[rstest]
fn what_a_killed_service_acknowledged_is_there_and_nothing_is_there_twice(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
) {
    let Some(database) = kind.database() else { return };
    let mut moments = moments("serving", kind);
    let mut clients = ["ann", "bob", "cid"].map(|name| Client::new(name, moments.fork()));
    Service::start_on(&database, &SETTINGS).stop();
    for kill in 0..KILLS {
        let_leases_run_out(&database);
        let_time_pass_for_the_deleted(&database);
        if kill % 6 == 5 {
            kill_before_it_listens(&database, &mut moments);
        } else {
            kill_under_load(&database, &mut clients, &mut moments);
        }
    }

    let_leases_run_out(&database);
    // So do those of requests, after a minute.
    database.execute("UPDATE idempotency_keys SET leased_until = created_at");
    let names = database.rows("SELECT username FROM users").into_iter().collect();
    let service = Service::start_on(&database, &SETTINGS);
    for client in &mut clients {
        client.finish(&service.url(""), &names);
    }
    let events = Events::of(&service, number(&database, "SELECT COUNT(*) FROM audit_events"));
    service.stop();

    let told: Vec<_> = clients.iter().map(|client| &client.told).collect();
    events.assert_agree_with(&told);
    assert!(told.iter().map(|told| told.replays).sum::<usize>() > 0, "nothing was asked for again");
    let there: BTreeSet<_> = database.rows("SELECT username FROM users WHERE deleted_at IS NULL").into_iter().collect();
    for name in told.iter().flat_map(|told| told.living.keys()) {
        assert!(there.contains(name), "{name} is lost");
    }
    let people =
        number(&database, "SELECT COUNT(*) FROM users") + number(&database, "SELECT COUNT(*) FROM erased_users");
    assert_eq!(events.people("user.created").len() as u64, people);
    assert_eq!(events.people("user.purged").len() as u64, number(&database, "SELECT COUNT(*) FROM erased_users"));
    assert_all_agrees(&database, &SETTINGS);
}

fn kill_before_it_listens(database: &Database, moments: &mut Rng) {
    let settings = [&[("DATABASE_URL", database.url())], SETTINGS.as_slice()].concat();
    let service = Service::spawn(database.folder(), &settings);
    thread::sleep(within(moments, LIFE / 2));
    drop(service);
}

fn kill_under_load(database: &Database, clients: &mut [Client], moments: &mut Rng) {
    let service = Service::start_on(database, &SETTINGS);
    let base = service.url("");
    let life = within(moments, LIFE);
    thread::scope(|scope| {
        for client in clients {
            let base = &base;
            scope.spawn(move || client.go_on(base));
        }
        thread::sleep(life);
        drop(service);
    });
}

/// The job finds them as soon as a service starts.
fn let_time_pass_for_the_deleted(database: &Database) {
    database.execute(&format!(
        "UPDATE users SET deleted_at = '2020-01-01 00:00:00' \
         WHERE deleted_at IS NOT NULL AND username LIKE '{TO_BE_FORGOTTEN}-%'"
    ));
}

/// All events by action, and how often each person has one.
struct Events(BTreeMap<String, BTreeMap<String, u32>>);

impl Events {
    /// Reads the feed from its beginning until it holds so many.
    fn of(service: &Service, count: u64) -> Self {
        let begun = Instant::now();
        let (mut position, mut events) = (0, BTreeMap::<_, BTreeMap<_, _>>::new());
        while position < count {
            assert!(begun.elapsed() < Duration::from_secs(20), "only {position} of {count} events have a position");
            let page = service.get(&format!("/api/v1/events?after={position}&limit=100&wait=1"));
            assert_eq!(page.status, 200, "{}", page.body);
            for event in page.body["events"].as_array().unwrap() {
                position += 1;
                assert_eq!(event["position"], position);
                let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                *events.entry(text(&event["action"])).or_default().entry(text(&event["target"]["id"])).or_default() +=
                    1;
            }
        }
        Self(events)
    }

    fn people(&self, action: &str) -> BTreeSet<&str> {
        self.0.get(action).into_iter().flatten().map(|(person, _)| person.as_str()).collect()
    }

    fn assert_agree_with(&self, told: &[&Told]) {
        for (action, people) in &self.0 {
            let twice: Vec<_> = people.iter().filter(|(_, times)| **times > 1).collect();
            assert!(twice.is_empty(), "{action} happened again: {twice:?}");
        }
        let [created, deleted, purged] =
            ["user.created", "user.deleted", "user.purged"].map(|action| self.people(action));
        let all = |of: fn(&Told) -> Vec<&String>| told.iter().flat_map(|told| of(told)).map(String::as_str).collect();
        let acknowledged: [BTreeSet<&str>; 3] = [
            all(|told| {
                told.living.values().chain(&told.deleted).chain(&told.purged).chain(&told.perhaps_deleted).collect()
            }),
            all(|told| told.deleted.iter().collect()),
            all(|told| told.purged.iter().collect()),
        ];
        for (what, acknowledged, there) in [
            ("made", &acknowledged[0], &created),
            ("deleted", &acknowledged[1], &deleted),
            ("erased", &acknowledged[2], &purged),
        ] {
            let lost: Vec<_> = acknowledged.difference(there).collect();
            assert!(lost.is_empty(), "acknowledged as {what}, and lost: {lost:?}");
        }
        let perhaps: usize = told.iter().map(|told| told.perhaps_made.len()).sum();
        let unknown: Vec<_> = created.difference(&acknowledged[0]).collect();
        assert!(unknown.len() <= perhaps, "nobody asked for {} of {unknown:?}", unknown.len() - perhaps);
        let perhaps: BTreeSet<_> = told.iter().flat_map(|told| &told.perhaps_deleted).map(String::as_str).collect();
        for person in deleted.difference(&acknowledged[1]) {
            assert!(perhaps.contains(person), "nobody wanted {person} to be deleted");
        }
    }
}
