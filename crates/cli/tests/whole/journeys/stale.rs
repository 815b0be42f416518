//! Hunting for reads that are older than they may be, on three replicas of one database.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use reqwest::blocking::Client;
use rstest::rstest;
use serde_json::{Value, json};

use crate::client::person;
use crate::database::{Database, Kind};
use crate::redis::Beside;
use crate::service::Service;

/// Within so long a change is seen at the other replicas: a second, where a machine has nothing else to do. What is missed
/// would be shown for minutes.
const PROMISE: Duration = Duration::from_secs(4);

const LASTING: Duration = Duration::from_secs(7);
const REPLICAS: usize = 3;
const PEOPLE: usize = 5;

/// Keeps connections, so that a read is no slower than the service.
static CLIENT: LazyLock<Client> = LazyLock::new(|| Client::builder().timeout(Duration::from_secs(30)).build().unwrap());

/// Where users are kept who were read before.
#[derive(Debug, Clone, Copy)]
enum Cache {
    Memory,
    MemoryBesideRedis,
    Redis,
}

struct Replicas {
    services: Vec<Service>,
    // After those who use it.
    _database: Database,
}

impl Replicas {
    fn start(kind: Kind, cache: Cache) -> Option<Self> {
        let (beside, cache) = match cache {
            Cache::Memory => (Beside::Nothing, "memory"),
            Cache::MemoryBesideRedis => (Beside::Redis, "memory"),
            Cache::Redis => (Beside::Redis, "redis"),
        };
        let (redis, database) = (beside.url()?, kind.database()?);
        let settings = [("REDIS_URL", &*redis), ("CACHE", cache)];
        let services = (0..REPLICAS).map(|_| Service::start_on(&database, &settings)).collect();
        Some(Self { services, _database: database })
    }

    fn call(&self, replica: usize, method: &str, path: &str, body: Option<&Value>) -> (u16, i64) {
        let method = method.parse().unwrap();
        let mut request = CLIENT.request(method, self.services[replica].url(path));
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().unwrap();
        let etag = response.headers().get("etag").map(|etag| etag.to_str().unwrap().trim_matches('"').to_owned());
        (response.status().as_u16(), etag.map_or(0, |version| version.parse().unwrap()))
    }

    fn status(&self, replica: usize, path: &str) -> u16 {
        self.call(replica, "GET", path, None).0
    }

    /// A person whom replica 0 makes: the paths to them by either id.
    fn create(&self, name: &str) -> [String; 2] {
        let answer = self.services[0].post("/api/v1/users", &person(name));
        assert_eq!(answer.status, 201, "{}", answer.body);
        [answer.body["id"].to_string(), answer.text("uuid").to_owned()].map(|id| format!("/api/v1/users/{id}"))
    }

    /// Fails unless the one who changed something shows it at once, and the others within the time promised.
    fn is_seen(&self, at: usize, path: &str, expected: u16) {
        let changed = Instant::now();
        assert_eq!(self.status(at, path), expected, "{path} where it changed");
        for replica in (0..REPLICAS).filter(|replica| *replica != at) {
            while self.status(replica, path) != expected {
                assert!(changed.elapsed() < PROMISE, "{path} at replica {replica} after {:?}", changed.elapsed());
            }
        }
    }
}

/// What reads may not be older than: a version for each replica and person.
#[derive(Default)]
struct Floors {
    floors: [[AtomicI64; PEOPLE]; REPLICAS],
    /// Changes that need not be everywhere yet.
    young: Mutex<Vec<(Instant, usize, i64)>>,
}

impl Floors {
    fn changed(&self, replica: usize, person: usize, version: i64) {
        self.floors[replica][person].fetch_max(version, Ordering::SeqCst);
        self.shown(person, version);
    }

    /// It was there, and perhaps another replica's doing.
    fn shown(&self, person: usize, version: i64) {
        self.young.lock().unwrap().push((Instant::now(), person, version));
    }

    fn of(&self, replica: usize, person: usize) -> i64 {
        self.young.lock().unwrap().retain(|(at, person, version)| {
            let is_young = at.elapsed() < PROMISE;
            if !is_young {
                self.floors.iter().for_each(|people| {
                    people[*person].fetch_max(*version, Ordering::SeqCst);
                });
            }
            is_young
        });
        self.floors[replica][person].load(Ordering::SeqCst)
    }
}

#[rstest]
fn no_read_is_older_than_promised(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
    #[values(Cache::Memory, Cache::MemoryBesideRedis, Cache::Redis)] cache: Cache,
) {
    let Some(replicas) = Replicas::start(kind, cache) else { return };
    let people: Vec<_> = (0..PEOPLE).map(|number| replicas.create(&format!("person-{number}"))).collect();
    let (floors, is_over) = (Floors::default(), AtomicBool::new(false));
    let (reads, changes) = (AtomicU64::new(0), AtomicU64::new(0));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    let (replica, person) = (fastrand::usize(0..REPLICAS), fastrand::usize(0..PEOPLE));
                    let path = &people[person][fastrand::usize(0..2)];
                    let count = changes.fetch_add(1, Ordering::Relaxed);
                    let new = json!({"user_metadata": {"count": count}});
                    let what = fastrand::u32(0..10);
                    let (status, version) = match what {
                        0 => replicas.call(replica, "DELETE", path, None),
                        1..4 => replicas.call(replica, "POST", &format!("{path}/restore"), None),
                        _ => replicas.call(replica, "PATCH", path, Some(&new)),
                    };
                    assert!([200, 204, 404].contains(&status), "{status}");
                    match (what, version) {
                        (_, 0) => {}
                        // Restoring somebody who is there changes nothing, and shows what is stored.
                        (1..4, _) => floors.shown(person, version),
                        _ => floors.changed(replica, person, version),
                    }
                    thread::sleep(Duration::from_millis(fastrand::u64(0..30)));
                }
            });
        }
        for _ in 0..2 {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    let (replica, person) = (fastrand::usize(0..REPLICAS), fastrand::usize(0..PEOPLE));
                    let least = floors.of(replica, person);
                    let path = format!("{}?deleted=true", people[person][fastrand::usize(0..2)]);
                    let (status, version) = replicas.call(replica, "GET", &path, None);
                    assert_eq!(status, 200, "{path} at replica {replica}");
                    assert!(version >= least, "version {version} at replica {replica}, which had shown {least}");
                    reads.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        thread::sleep(LASTING);
        is_over.store(true, Ordering::Relaxed);
    });
    let (reads, changes) = (reads.into_inner(), changes.into_inner());
    assert!(reads > 100 && changes > 20, "{reads} reads beside {changes} changes show little");
}

#[rstest]
fn whoever_comes_or_goes_is_seen_to_at_every_replica(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
    #[values(Cache::Memory, Cache::Redis)] cache: Cache,
) {
    let Some(replicas) = Replicas::start(kind, cache) else { return };
    let [last, _] = replicas.create("last");
    let (folder, number) = last.rsplit_once('/').unwrap();
    let next = format!("{folder}/{}", number.parse::<i64>().unwrap() + 1);
    for replica in 0..REPLICAS {
        assert_eq!(replicas.status(replica, &next), 404, "nobody has that id yet");
    }
    let paths = replicas.create("next");
    assert_eq!(paths[0], next);
    replicas.is_seen(0, &next, 200);
    for path in &paths {
        replicas.is_seen(0, path, 200);
        assert_eq!(replicas.call(1, "DELETE", path, None).0, 204);
        replicas.is_seen(1, path, 404);
        assert_eq!(replicas.call(2, "POST", &format!("{path}/restore"), None).0, 200);
        replicas.is_seen(2, path, 200);
    }
    let [by_number, by_uuid] = paths.map(|path| format!("{path}?deleted=true"));
    for replica in 0..REPLICAS {
        assert_eq!((replicas.status(replica, &by_number), replicas.status(replica, &by_uuid)), (200, 200));
    }
    assert_eq!(replicas.call(1, "DELETE", &format!("{next}?purge=true"), None).0, 204);
    replicas.is_seen(1, &by_number, 404);
    replicas.is_seen(1, &by_uuid, 404);
}
