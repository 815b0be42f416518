//! `usermgmt doctor`: what is wrong is said, and mended where that was asked for.

use std::fs::{Permissions, read, set_permissions, write};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use rstest::rstest;
use rustix::process::geteuid;
use serde_json::Value;

use crate::database::{Database, Kind};
use crate::service::{Ended, Service, run};
use crate::users::with_input;

const NOBODY: u32 = 65_534;

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
    for check in ["settings", "encryption key", "database ", "migrations", "audit protection", "guards", "user counts"]
    {
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
    database.execute("UPDATE user_sums SET n = n + 2");
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
fn a_data_directory_that_all_may_write_is_a_problem() {
    let database = Kind::Sqlite.database().unwrap();
    Service::start_on(&database, &[]).stop();
    let data = database.folder().path().join("data");
    for (mode, problem) in [(0o777, true), (0o1777, true), (0o770, false)] {
        set_permissions(&data, Permissions::from_mode(mode)).unwrap();
        let ended = doctor(&database, &[]);
        assert_eq!(ended.code, Some(i32::from(problem)), "{}", ended.stdout);
        assert_eq!(line(&ended, "data directory").contains("; run chmod o-w "), problem, "{}", ended.stdout);
    }
}

#[test]
fn looking_at_an_empty_key_fills_it_with_nothing() {
    let database = Kind::Sqlite.database().unwrap();
    Service::start_on(&database, &[]).stop();
    let key = database.folder().path().join("data/encryption.key");
    write(&key, "").unwrap();
    let ended = doctor(&database, &["--repair"]);
    assert_eq!(ended.reason(), "1 problem was found");
    assert!(line(&ended, "encryption key").contains("holds no key"), "{}", ended.stdout);
    assert_eq!(read(&key).unwrap(), b"");
}

#[rstest]
fn a_trail_that_sql_could_change_is_a_problem_until_a_migration_has_mended_it(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
) {
    let Some(database) = kind.database() else { return };
    Service::start_on(&database, &[]).stop();
    let (trigger, table) = match kind {
        Kind::Postgres => ("audit_chain_no_change", " ON audit_chain"),
        Kind::Sqlite | Kind::MariaDb | Kind::MySql => ("audit_chain_no_delete", ""),
    };
    database.execute(&format!("DROP TRIGGER {trigger}{table}"));
    let ended = doctor(&database, &["--repair"]);
    assert_eq!(ended.reason(), "1 problem was found");
    let told = line(&ended, "audit protection");
    assert!(told.contains(&format!("problem  {trigger} is missing")), "{told}");
    assert!(told.contains("run `usermgmt migrate up`"), "{told}");

    let service = Service::start_on(&database, &[("MIGRATE_ON_START", "false")]);
    let ready = service.get("/ready");
    assert_eq!((ready.status, &ready.body["checks"]["audit"]), (200, &"unprotected".into()));
    assert!(service.log().iter().any(|line| line.contains(trigger)), "{:?}", service.log());
    service.stop();

    let up = run(database.folder().path(), &[("DATABASE_URL", database.url())], &["migrate", "up"]);
    assert_eq!((up.code, up.stdout.as_str()), (Some(0), "nothing to apply\n"), "{up:?}");
    assert!(up.stderr.contains(&format!("is made again: {trigger}")), "{up:?}");
    assert_eq!(doctor(&database, &[]).code, Some(0));
    let service = Service::start_on(&database, &[]);
    assert_eq!(service.get("/ready").body["checks"]["audit"], "ok");
    service.stop();
}

#[test]
fn a_database_that_takes_no_writes_is_a_problem() {
    let Some(database) = Kind::Postgres.database() else { return };
    Service::start_on(&database, &[]).stop();
    database.execute(
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database()); \
         END $$",
    );
    let ended = doctor(&database, &[]);
    assert_eq!(ended.reason(), "1 problem was found");
    assert!(ended.stdout.contains("problem  read_only is on; it should be off"), "{}", ended.stdout);
    let refused = with_input(&database, &["users", "create", "--username", "ann", "--email", "a@b.org"], "long enough");
    let reason = refused.reason();
    assert!(reason.starts_with("the database cannot do this now: ") && reason.contains("read-only"), "{reason}");
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

#[test]
fn a_data_directory_that_this_user_cannot_write_is_a_problem() {
    let database = Kind::Sqlite.database().unwrap();
    let folder = database.folder().path();
    if geteuid().is_root() {
        chown(folder, Some(NOBODY), Some(NOBODY)).unwrap();
    }
    for (data, told) in [
        (".", "ok       . "),
        ("not-there/not-there", "ok       not-there/not-there is not there yet"),
        ("/", "problem  / cannot be written"),
        ("/not-there/not-there", "problem  /not-there/not-there is not there, and / cannot be written"),
    ] {
        let said = doctor_of_nobody(&database, data);
        let line = said.lines().find(|line| line.starts_with("data directory"));
        assert!(line.is_some_and(|line| format!("{line} ").contains(told)), "{data}: {said}");
    }
}

/// What it says to somebody to whom the file system's root is closed, as it is not to root.
fn doctor_of_nobody(database: &Database, data: &str) -> String {
    let folder = database.folder().path();
    let mut command = if geteuid().is_root() {
        let binary = folder.join("usermgmt");
        if !binary.exists() {
            // The folder where it was built may be closed to others. By another process, as this one could not run what
            // a fork of it still has open for writing.
            let built = env!("CARGO_BIN_EXE_usermgmt");
            assert!(Command::new("cp").args([built.as_ref(), binary.as_os_str()]).status().unwrap().success());
        }
        let mut command = Command::new(binary);
        command.uid(NOBODY).gid(NOBODY);
        command
    } else {
        Command::new(env!("CARGO_BIN_EXE_usermgmt"))
    };
    command.current_dir(folder).env_clear().env("DATABASE_URL", database.url()).env("DATA_DIR", data);
    String::from_utf8(command.arg("doctor").output().unwrap().stdout).unwrap()
}
