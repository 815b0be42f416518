//! The schema: by hand, at the start, by several at once, and from the future.

use std::thread;

use rstest::rstest;
use serde_json::json;

use crate::client::person;
use crate::database::{Database, Kind};
use crate::service::{Ended, Service, run};

const FROM_THE_FUTURE: &str = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m29991231_000001_later', 0)";

#[rstest]
fn up_down_and_status_say_what_they_did(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
) {
    let Some(database) = kind.database() else { return };
    let pending = migrate(&database, &["status"]).stdout;
    assert!(pending.starts_with("pending: m2026"), "{pending}");
    let applied = pending.replace("pending: ", "applied: ");
    assert_eq!(migrate(&database, &["status"]).stdout, pending, "asking changes nothing");

    assert_eq!(migrate(&database, &["up"]).stdout, applied);
    assert_eq!(migrate(&database, &["up"]).stdout, "nothing to apply\n");
    assert_eq!(migrate(&database, &["status"]).stdout, applied);

    let last = applied.lines().last().unwrap();
    assert_eq!(migrate(&database, &["down"]).stdout, format!("{}\n", last.replace("applied", "took back")));
    let status = migrate(&database, &["status"]).stdout;
    assert!(status.ends_with(&format!("{}\n", last.replace("applied", "pending"))), "{status}");

    let rest = applied.lines().rev().skip(1).map(|line| format!("{}\n", line.replace("applied", "took back")));
    let rest: String = rest.collect();
    assert_eq!(migrate(&database, &["down", "--steps", "99"]).stdout, rest, "the last is taken back first");
    assert_eq!(migrate(&database, &["down"]).stdout, "nothing to take back\n");
    assert_eq!(migrate(&database, &["up"]).stdout, applied);
}

#[rstest]
fn users_who_are_there_already_are_counted(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
) {
    let Some(database) = kind.database() else { return };
    let service = Service::start_on(&database, &[]);
    let paths = ["ann", "bob", "cid"].map(|name| service.create(name));
    assert_eq!(service.delete(&paths[0]).status, 204);
    assert_eq!(service.post(&format!("{}/deactivate", paths[1]), &json!({})).status, 200);
    service.stop();

    let applied = migrate(&database, &["status"]).stdout;
    let steps = applied.lines().rev().position(|line| line.ends_with("user_counts")).expect("it is applied") + 1;
    migrate(&database, &["down", "--steps", &steps.to_string()]);
    let service = Service::start_on(&database, &[]);
    for (query, total) in
        [("", 2), ("is_active=true", 1), ("deleted=only", 1), ("deleted=true", 3), ("role=user", 2), ("role=admin", 0)]
    {
        assert_eq!(service.get(&format!("/api/v1/users?limit=0&{query}")).body["total"], total, "{query}");
    }
}

#[rstest]
fn a_database_without_its_tables_is_unavailable(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
) {
    let Some(database) = kind.database() else { return };
    let service = Service::start_on(&database, &[("MIGRATE_ON_START", "false")]);
    assert_eq!(service.log().iter().filter(|line| line.contains("usermgmt migrate up")).count(), 1);
    let ready = service.get("/ready");
    assert_eq!(ready.problem(), (503, "The database does not have the tables of this version"));
    assert_eq!(ready.body["checks"]["migrations"], "pending");
    assert_eq!(service.get("/health").status, 200);
    for answer in [
        service.get("/api/v1/users"),
        service.get("/api/v1/users/1"),
        service.post("/api/v1/users", &person("ann")),
        service.delete("/api/v1/users/1"),
    ] {
        assert_eq!((answer.status, answer.text("code")), (503, "unavailable"));
        assert_ne!(answer.header("retry-after"), "");
    }

    migrate(&database, &["up"]);
    assert_eq!(service.get("/ready").status, 200);
    service.create("ann");
}

#[rstest]
fn a_database_newer_than_the_program_is_refused(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
) {
    let Some(database) = kind.database() else { return };
    migrate(&database, &["up"]);
    database.execute(FROM_THE_FUTURE);
    let url = ("DATABASE_URL", database.url());
    for (settings, arguments) in [
        (&[url][..], &["serve"][..]),
        (&[url, ("MIGRATE_ON_START", "false")], &["serve"]),
        (&[url], &["migrate", "up"]),
        (&[url], &["migrate", "down"]),
    ] {
        let ended = run(database.folder().path(), settings, arguments);
        let newer = "the database is newer than this program, which does not know m29991231_000001_later";
        assert!(ended.reason().ends_with(newer), "{ended:?}");
    }
    let status = migrate(&database, &["status"]);
    assert!(status.stdout.ends_with("unknown to this program: m29991231_000001_later\n"), "{status:?}");
}

#[rstest]
fn a_database_that_becomes_newer_while_it_is_served_makes_the_service_unready(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
) {
    let Some(database) = kind.database() else { return };
    let service = Service::start_on(&database, &[]);
    database.execute(FROM_THE_FUTURE);
    let ready = service.get("/ready");
    assert_eq!((ready.status, &ready.body["checks"]["migrations"]), (503, &"newer".into()));
    service.create("ann");
}

#[rstest]
fn five_that_start_at_once_migrate_once(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
) {
    let Some(database) = kind.database() else { return };
    let migrations = migrate(&database, &["status"]).stdout.lines().count();
    let services: Vec<Service> = thread::scope(|scope| {
        let starting: Vec<_> = (0..5).map(|_| scope.spawn(|| Service::start_on(&database, &[]))).collect();
        starting.into_iter().map(|service| service.join().unwrap()).collect()
    });
    let applied = services.iter().flat_map(Service::log).filter(|line| line.contains("applied the migration")).count();
    assert_eq!(applied, migrations);
    let path = services[0].create("ann");
    for service in &services {
        assert_eq!(service.get("/ready").status, 200);
        assert_eq!(service.get(&path).status, 200);
    }
}

#[track_caller]
fn migrate(database: &Database, arguments: &[&str]) -> Ended {
    let arguments = [&["migrate"], arguments].concat();
    let ended = run(database.folder().path(), &[("DATABASE_URL", database.url())], &arguments);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{ended:?}");
    ended
}

#[test]
fn a_storage_without_a_schema_has_nothing_to_migrate() {
    let folder = tempfile::tempdir().unwrap();
    let ended = run(folder.path(), &[("DATABASE_URL", "memory:")], &["migrate", "status"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), "nothing to migrate\n"), "{ended:?}");
}
