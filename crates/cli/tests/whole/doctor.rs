//! `usermgmt doctor`: what is wrong is said, and mended where that was asked for.

use std::fs::{Permissions, set_permissions};
use std::os::unix::fs::PermissionsExt as _;

use rstest::rstest;
use serde_json::Value;

use crate::database::{Database, Kind};
use crate::service::{Ended, Service, run};

fn doctor(database: &Database, options: &[&str]) -> Ended {
    let arguments: Vec<_> = ["doctor"].iter().chain(options).copied().collect();
    run(database.folder().path(), &[("DATABASE_URL", database.url())], &arguments)
}

fn line<'a>(ended: &'a Ended, check: &str) -> &'a str {
    ended.stdout.lines().find(|line| line.starts_with(check)).unwrap_or_else(|| panic!("no {check}: {ended:?}"))
}

#[rstest]
fn what_is_well_is_said_to_be(#[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind) {
    let Some(database) = kind.database() else { return };
    let service = Service::start_on(&database, &[]);
    service.create("ann");
    let ended = doctor(&database, &[]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{}", ended.stdout);
    for check in ["settings", "encryption key", "database ", "migrations", "guards", "user counts"] {
        assert!(line(&ended, check).contains("  ok  "), "{}", ended.stdout);
    }
    let json: Value = serde_json::from_str(&doctor(&database, &["--json"]).stdout).unwrap();
    assert_eq!(json["healthy"], true);
    service.stop();
}

#[rstest]
fn what_differs_is_reported_and_only_mended_when_asked(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
) {
    let Some(database) = kind.database() else { return };
    let service = Service::start_on(&database, &[]);
    service.create("ann");
    database.execute("UPDATE user_counts SET n = n + 2");
    database.execute("DELETE FROM guards");
    for _ in 0..2 {
        let ended = doctor(&database, &[]);
        assert_eq!(ended.reason(), "2 problems were found");
        assert!(line(&ended, "user counts").contains("problem  user, active: 3 counted, 1 there"), "{}", ended.stdout);
        assert!(line(&ended, "guards").contains("problem  admins is missing"), "{}", ended.stdout);
    }
    let mended = doctor(&database, &["--repair"]);
    assert_eq!((mended.code, mended.stderr.as_str()), (Some(0), ""), "{}", mended.stdout);
    assert!(line(&mended, "user counts").contains("mended"), "{}", mended.stdout);
    assert!(line(&mended, "guards").contains("mended"), "{}", mended.stdout);
    assert_eq!(doctor(&database, &[]).code, Some(0));
    assert_eq!(service.get("/api/v1/users").body["total"], 1);
    service.stop();
}

#[test]
fn a_key_that_others_may_read_is_a_problem() {
    let database = Kind::Sqlite.database().unwrap();
    Service::start_on(&database, &[]).stop();
    set_permissions(database.folder().path().join("data/encryption.key"), Permissions::from_mode(0o644)).unwrap();
    let ended = doctor(&database, &[]);
    assert_eq!(ended.reason(), "1 problem was found");
    assert!(line(&ended, "encryption key").contains("mode 0644"), "{}", ended.stdout);
}

#[test]
fn a_database_that_is_missing_is_a_problem_and_stays_missing() {
    let database = Kind::Sqlite.database().unwrap();
    assert_eq!(doctor(&database, &["--repair"]).reason(), "1 problem was found");
    assert!(!database.folder().path().join("data").exists());
}

#[test]
fn a_database_that_is_behind_is_a_problem() {
    let database = Kind::Sqlite.database().unwrap();
    let settings = [("DATABASE_URL", database.url())];
    for command in ["up", "down"] {
        assert_eq!(run(database.folder().path(), &settings, &["migrate", command]).code, Some(0));
    }
    let ended = doctor(&database, &[]);
    assert!(line(&ended, "migrations").contains("run `usermgmt migrate up`"), "{}", ended.stdout);
}
