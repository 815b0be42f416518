//! Several processes that migrate one database at once, and processes that are killed while they do.

use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use rstest::rstest;

use crate::database::{Database, Kind};
use crate::service::{Ended, Service, run, usermgmt};

const ROUNDS: usize = 4;

#[rstest]
fn three_that_migrate_and_two_that_serve_start_at_once_and_migrate_once(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
) {
    let Some(database) = kind.database() else { return };
    for round in 0..ROUNDS {
        let pending = migrate(&database, &["status"]).matches("pending: ").count();
        assert!(pending > 1, "an empty database and an old one in turns");
        let (by_hand, services) = thread::scope(|scope| {
            let by_hand = [(); 3].map(|()| scope.spawn(|| migrate(&database, &["up"])));
            let services = [(); 2].map(|()| scope.spawn(|| Service::start_on(&database, &[])));
            (by_hand.map(|run| run.join().unwrap()), services.map(|service| service.join().unwrap()))
        });
        let by_hand: usize = by_hand.iter().map(|text| text.matches("applied: ").count()).sum();
        let at_start = services.iter().flat_map(Service::log).filter(|line| line.contains("applied the migration"));
        assert_eq!(by_hand + at_start.count(), pending, "in round {round}");
        for service in services {
            assert_eq!(service.get("/ready").status, 200, "in round {round}");
        }
        migrate(&database, &["down", "--steps", if round % 2 == 0 { "2" } else { "99" }]);
    }
}

/// Each is killed at a moment of its own, once on the way up and once on the way back. All at once, because whoever comes
/// next waits until the lease of the killed one has ended.
const VICTIMS: u32 = 9;

/// A server that makes the tables of more than these at a time may keep one waiting for longer than its lease.
const AT_ONCE: usize = 3;

/// The lease of the killed one, and the migration itself on a busy machine.
const PATIENCE: Duration = Duration::from_secs(15 + 15);

const UP: &[&str] = &["up"];
const ALL_THE_WAY_BACK: &[&str] = &["down", "--steps", "99"];

#[rstest]
fn whatever_a_run_was_doing_when_it_was_killed_the_next_makes_the_schema_whole(
    #[values(Kind::MariaDb, Kind::MySql)] kind: Kind,
) {
    let databases: Vec<Database> = (0..VICTIMS).map_while(|_| kind.database()).collect();
    let half_way: usize = databases.chunks(AT_ONCE).zip((0..).step_by(AT_ONCE)).map(among).sum();
    assert!(half_way > 0 || databases.is_empty(), "none was killed half-way");
}

/// How many of some victims, from this one on, were killed half-way.
fn among((databases, first): (&[Database], usize)) -> usize {
    thread::scope(|scope| {
        let victims = databases.iter().zip(first..).map(|(database, victim)| {
            scope.spawn(move || {
                let victim = u32::try_from(victim).unwrap();
                [(UP, ALL_THE_WAY_BACK), (ALL_THE_WAY_BACK, UP)]
                    .into_iter()
                    .filter(|(way, back)| killed_half_way(database, way, back, victim))
                    .count()
            })
        });
        victims.collect::<Vec<_>>().into_iter().map(|victim| victim.join().unwrap()).sum()
    })
}

/// Goes one way and back, then again and is killed, after a part of the time it took before that is this victim's own.
/// Whether that left a part of the schema; the next run must have made it whole.
fn killed_half_way(database: &Database, way: &[&str], back: &[&str], victim: u32) -> bool {
    migrate(database, back);
    let begun = Instant::now();
    migrate(database, way);
    let time = begun.elapsed() * (2 * victim + 1) / (2 * VICTIMS);
    migrate(database, back);
    kill(database, way, time);
    let was_half_way = is_half_way(database);

    let begun = Instant::now();
    migrate(database, UP);
    let took = begun.elapsed();
    assert!(took < PATIENCE, "a lease ends after 15 s, and it took {took:?}");
    let finished = schema(database);
    migrate(database, ALL_THE_WAY_BACK);
    migrate(database, UP);
    assert_eq!(finished, schema(database), "killed after {time:?} of {way:?}");
    was_half_way
}

/// Starts a migration and kills it, as the kernel does, after this time.
fn kill(database: &Database, way: &[&str], after: Duration) {
    let mut command = usermgmt(database.folder().path(), &[("DATABASE_URL", database.url())]);
    let mut run = command.arg("migrate").args(way).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    thread::sleep(after);
    run.kill().unwrap();
    run.wait().unwrap();
}

/// Whether some of the schema is there, and not all.
fn is_half_way(database: &Database) -> bool {
    let tables = database.rows("SHOW TABLES");
    let ours = tables.iter().filter(|name| !["seaql_migrations", "migration_lease"].contains(&name.as_str())).count();
    let status = migrate(database, &["status"]);
    ours > 0 && status.contains("pending: ")
}

/// How the server would make the tables, and which migrations it counts as applied.
fn schema(database: &Database) -> Vec<String> {
    let tables = database.rows("SHOW TABLES");
    let mut schema: Vec<String> =
        tables.iter().flat_map(|table| database.rows(&format!("SHOW CREATE TABLE {table}"))).collect();
    schema.push(migrate(database, &["status"]));
    schema
}

/// What the command says.
#[track_caller]
fn migrate(database: &Database, arguments: &[&str]) -> String {
    let arguments = [&["migrate"], arguments].concat();
    let Ended { code, stdout, stderr } = run(database.folder().path(), &[("DATABASE_URL", database.url())], &arguments);
    assert_eq!(code, Some(0), "{arguments:?} {stderr}");
    stdout
}
