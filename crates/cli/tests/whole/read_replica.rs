//! A service that reads from a copy of its database.
//!
//! `TEST_REPLICATED_MARIADB_URLS` and `TEST_REPLICATED_POSTGRES_URLS` name a server and its copy each, separated by a comma,
//! without a database (`scripts/with-replicas`); tests on servers that are not named are skipped.

use std::io::Write as _;
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rstest::rstest;
use serde_json::json;
use tempfile::TempDir;

use crate::client::person;
use crate::database::execute;
use crate::environment::variable;
use crate::service::Service;
use crate::signed_in::{ADMIN, ADMIN_PASSWORD, PASSWORD, SignedIn, WITH_AUTH};

/// For what takes a second at most on a machine that does nothing else.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    MariaDb,
    Postgres,
}

/// A database with a copy. The copy's server is shared, so tests that stop it are told apart by the server's kind alone.
struct Replicated {
    kind: Kind,
    server: String,
    copy: String,
    name: String,
    folder: Arc<TempDir>,
}

impl Replicated {
    fn new(kind: Kind) -> Option<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = match kind {
            Kind::MariaDb => "TEST_REPLICATED_MARIADB_URLS",
            Kind::Postgres => "TEST_REPLICATED_POSTGRES_URLS",
        };
        let Some(urls) = variable(name) else {
            let _ = writeln!(std::io::stderr(), "SKIPPED: {name} is not set");
            return None;
        };
        let (server, copy) = urls.split_once(',').expect("two URLs");
        let name = format!("whole_{}_copied_{}", process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let new = Self {
            kind,
            server: server.to_owned(),
            copy: copy.to_owned(),
            name,
            folder: Arc::new(tempfile::tempdir().unwrap()),
        };
        execute(&new.administered(&new.server), &format!("CREATE DATABASE {}", new.name));
        Some(new)
    }

    /// Where a server itself is administered.
    fn administered(&self, server: &str) -> String {
        if self.kind == Kind::Postgres { format!("{server}/postgres") } else { server.to_owned() }
    }

    /// Lets the copy follow, or stay as it is.
    fn follow(&self, follows: bool) {
        let sql = match (self.kind, follows) {
            (Kind::MariaDb, true) => "START SLAVE SQL_THREAD",
            (Kind::MariaDb, false) => "STOP SLAVE SQL_THREAD",
            (Kind::Postgres, true) => "SELECT pg_wal_replay_resume()",
            (Kind::Postgres, false) => "SELECT pg_wal_replay_pause()",
        };
        execute(&self.administered(&self.copy), sql);
    }

    fn serve(&self, settings: &[(&str, &str)]) -> Service {
        let (database, copy) = (format!("{}/{}", self.server, self.name), format!("{}/{}", self.copy, self.name));
        let settings = [&[("DATABASE_URL", &*database), ("DATABASE_READ_URL", &*copy)], settings].concat();
        Service::start_in(&self.folder, &settings)
    }
}

impl Drop for Replicated {
    fn drop(&mut self) {
        self.follow(true);
        let force = if self.kind == Kind::Postgres { " WITH (FORCE)" } else { "" };
        execute(&self.administered(&self.server), &format!("DROP DATABASE {}{force}", self.name));
    }
}

#[track_caller]
fn until(what: &str, is_so: impl Fn() -> bool) -> Duration {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "gave up waiting until {what}");
        thread::sleep(Duration::from_millis(20));
    }
    begun.elapsed()
}

/// What a listing says of everybody's names.
fn full_names(service: &Service) -> String {
    service.get("/api/v1/users?limit=100").body["users"]
        .as_array()
        .unwrap()
        .iter()
        .map(|user| user["full_name"].to_string())
        .collect()
}

#[test]
fn users_are_listed_from_the_copy_and_changed_in_the_database() {
    let Some(replicated) = Replicated::new(Kind::MariaDb) else { return };
    let service = replicated.serve(&[]);
    let path = service.create("ann");
    let copy = format!("{}/{}", replicated.copy, replicated.name);
    until("the copy has ann", || full_names(&service).contains("Ann Lee"));
    thread::sleep(Duration::from_secs(2));
    // Nobody else knows this.
    execute(&copy, "UPDATE users SET full_name = 'Ann of the Copy'");
    until("users are listed from the copy", || full_names(&service).contains("Ann of the Copy"));
    let changed = service.patch(&path, &json!({"locale": "de"}));
    assert_eq!((changed.status, changed.text("full_name")), (200, "Ann Lee"));
    assert!(full_names(&service).contains("Ann Lee"), "whoever wrote is answered by the database");
}

#[rstest]
fn who_writes_sees_it_at_once_and_others_within_a_second_however_far_the_copy_is(
    #[values(Kind::MariaDb, Kind::Postgres)] kind: Kind,
) {
    let Some(replicated) = Replicated::new(kind) else { return };
    let (one, other) = (replicated.serve(&WITH_AUTH), replicated.serve(&WITH_AUTH));
    let admin = one.login(ADMIN, ADMIN_PASSWORD);
    let mut moderator = person("moderator");
    moderator["role"] = json!("moderator");
    assert_eq!(admin.post(&one, "/api/v1/users", &moderator).status, 201);
    let reader = other.login("moderator", PASSWORD);
    let total =
        |service: &Service, who: &SignedIn| who.get(service, "/api/v1/users?limit=1").body["total"].as_u64().unwrap();
    until("the copy is read from", || total(&other, &reader) == 2);
    thread::sleep(Duration::from_secs(2));

    let mut known = 2;
    for (round, follows) in [false, true, false, true].into_iter().enumerate() {
        replicated.follow(follows);
        for number in 0..5 {
            let somebody = person(&format!("somebody{round}{number}"));
            assert_eq!(admin.post(&one, "/api/v1/users", &somebody).status, 201);
            known += 1;
            assert_eq!(total(&one, &admin), known, "who wrote, while the copy follows: {follows}");
        }
        until("others see it", || total(&other, &reader) == known);
        until("others see it at the replica where it was written", || total(&one, &reader) == known);
    }
}

#[test]
fn a_copy_that_is_away_is_done_without() {
    let Some(replicated) = Replicated::new(Kind::MariaDb) else { return };
    let nowhere = format!("mysql://root@127.0.0.1:1/{}", replicated.name);
    let mut service = replicated.serve(&[("DATABASE_READ_URL", &nowhere)]);
    service.create("ann");
    let answer = service.get("/api/v1/users");
    assert_eq!((answer.status, answer.body["total"].as_u64()), (200, Some(1)));
    service.wait_for_log("the read replica is of no use");
    assert_eq!(service.get("/ready").status, 200);
}
