//! The keys that a database needs are changed, and what they sealed stays readable.

use std::thread;
use std::time::{Duration, Instant};

use rstest::rstest;
use serde_json::Value;

use crate::database::{Database, Kind};
use crate::service::{Ended, Service, run};
use crate::users::{done, with_input};

const OLD: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const NEW: &str = "HwECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

const BEFORE: [(&str, &str); 1] = [("ENCRYPTION_KEY", OLD)];
const CHANGING: [(&str, &str); 2] = [("ENCRYPTION_KEY", NEW), ("ENCRYPTION_KEY_PREVIOUS", OLD)];
const AFTER: [(&str, &str); 1] = [("ENCRYPTION_KEY", NEW)];

fn command(database: &Database, settings: &[(&str, &str)], arguments: &[&str]) -> Ended {
    let settings = [&[("DATABASE_URL", database.url())], settings].concat();
    run(database.folder().path(), &settings, arguments)
}

/// Why a start fails.
#[track_caller]
fn refused(database: &Database, settings: &[(&str, &str)]) -> String {
    let ended = command(database, settings, &["serve"]);
    ended.reason().to_owned()
}

/// What the trail says of a user, without the places in the chain, which come later.
fn trail(service: &Service, user: &str) -> String {
    let mut answer = service.get(&format!("{user}/audit")).body;
    for event in answer["events"].as_array_mut().expect("a page of events") {
        event["position"] = Value::Null;
        event["hash"] = Value::Null;
    }
    answer["events"].to_string()
}

/// The encryption keys that wrap people's keys.
fn wrapping_keys(database: &Database) -> Vec<String> {
    database.rows("SELECT DISTINCT key_id FROM subject_keys ORDER BY key_id")
}

#[rstest]
fn a_new_key_takes_over_where_the_one_before_is_named_and_the_trail_stays_readable(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
) {
    let Some(database) = kind.database() else { return };
    let service = Service::start_on(&database, &BEFORE);
    let ann = service.create("ann");
    service.create("ben");
    let said = trail(&service, &ann);
    assert!(said.contains("ann@"), "{said}");
    service.stop();
    let old = wrapping_keys(&database);

    assert!(refused(&database, &AFTER).contains("another key than the one that is set"));
    let rotated = done(command(&database, &CHANGING, &["keys", "rotate"]));
    assert!(rotated.ends_with(" keys wrapped anew with ENCRYPTION_KEY\n"), "{rotated}");
    let new = wrapping_keys(&database);
    assert!(new.len() == 1 && new != old, "{old:?} {new:?}");
    let again = done(command(&database, &CHANGING, &["keys", "rotate"]));
    assert_eq!(again, "nothing is left to do: ENCRYPTION_KEY wraps every key\n");

    assert!(refused(&database, &BEFORE).contains("another key than the one that is set"));
    let service = Service::start_on(&database, &AFTER);
    assert_eq!(trail(&service, &ann), said);
    assert_eq!(done(command(&database, &AFTER, &["keys", "rotate"])), again);
}

#[rstest]
fn a_service_wraps_peoples_keys_anew_by_itself(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
) {
    let Some(database) = kind.database() else { return };
    let service = Service::start_on(&database, &BEFORE);
    let ann = service.create("ann");
    let said = trail(&service, &ann);
    service.stop();
    let old = wrapping_keys(&database);

    // Two of them: one does it, the other finds it done.
    let services = [Service::start_on(&database, &CHANGING), Service::start_on(&database, &CHANGING)];
    let begun = Instant::now();
    while wrapping_keys(&database) == old || wrapping_keys(&database).len() != 1 {
        assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", wrapping_keys(&database));
        thread::sleep(Duration::from_millis(50));
    }
    let ben = services[0].create("ben");
    assert_eq!(trail(&services[1], &ann), said);
    for service in services {
        service.stop();
    }
    let service = Service::start_on(&database, &AFTER);
    assert_eq!(trail(&service, &ann), said);
    assert!(trail(&service, &ben).contains("ben@"));
}

#[rstest]
fn a_key_that_is_forgotten_too_early_is_asked_for(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
) {
    let Some(database) = kind.database() else { return };
    let service = Service::start_on(&database, &BEFORE);
    service.create("ann");
    service.stop();
    database.execute("UPDATE subject_keys SET key_id = 'ffffffffffffffff'");

    let reason = refused(&database, &BEFORE);
    assert!(
        reason.starts_with("ENCRYPTION_KEY_PREVIOUS: people's keys are wrapped with an encryption key"),
        "{reason}"
    );
    let rotated = command(&database, &BEFORE, &["keys", "rotate"]);
    assert!(rotated.code == Some(1) && rotated.reason().contains("cannot be opened"), "{rotated:?}");
    let doctor = command(&database, &BEFORE, &["doctor"]);
    let line = doctor.stdout.lines().find(|line| line.starts_with("people's keys")).unwrap_or_default();
    assert!(line.contains("problem") && line.contains("cannot be opened"), "{}", doctor.stdout);
    assert_eq!(command(&database, &BEFORE, &["users", "list"]).code, Some(0), "what reads no trail needs none of them");
}

#[test]
fn while_keys_are_changed_doctor_tells_how_many_are_left() {
    let database = Kind::Sqlite.database().unwrap();
    let service = Service::start_on(&database, &BEFORE);
    service.create("ann");
    service.stop();
    let of = |settings: &[(&str, &str)]| {
        let doctor = command(&database, settings, &["doctor"]);
        doctor.stdout.lines().find(|line| line.starts_with("people's keys")).unwrap_or_default().to_owned()
    };
    assert!(of(&BEFORE).contains(", wrapped by this encryption key"), "{}", of(&BEFORE));
    assert!(of(&CHANGING).contains("warning") && of(&CHANGING).contains("usermgmt keys rotate"), "{}", of(&CHANGING));
    done(command(&database, &CHANGING, &["keys", "rotate"]));
    assert!(of(&AFTER).contains(", wrapped by this encryption key"), "{}", of(&AFTER));
}

#[rstest]
fn another_signing_key_takes_over_where_the_one_before_is_named(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
) {
    let Some(database) = kind.database() else { return };
    let (old, new) = (("AUDIT_SIGNING_KEY", OLD), ("AUDIT_SIGNING_KEY", NEW));
    Service::start_on(&database, &[old]).stop();
    let reason = refused(&database, &[new]);
    assert!(reason.starts_with("AUDIT_SIGNING_KEY: the database ") && reason.contains("another key than the one"));
    assert!(reason.contains("AUDIT_SIGNING_KEY_PREVIOUS") && !reason.contains(OLD), "{reason}");

    Service::start_on(&database, &[new, ("AUDIT_SIGNING_KEY_PREVIOUS", OLD)]).stop();
    assert!(refused(&database, &[old]).starts_with("AUDIT_SIGNING_KEY: "));
    Service::start_on(&database, &[new]).stop();
}

#[test]
fn a_command_that_changes_something_decides_like_a_start_which_keys_they_are() {
    let database = Kind::Sqlite.database().unwrap();
    assert_eq!(command(&database, &[], &["migrate", "up"]).code, Some(0));
    assert_eq!(command(&database, &[], &["users", "list"]).code, Some(0));
    let doctor = command(&database, &[], &["doctor"]).stdout;
    assert!(doctor.contains("the database was used with no encryption key yet"), "{doctor}");

    done(with_input(&database, &["users", "create", "--username", "ann", "--email", "a@b.org"], "long enough"));
    let doctor = command(&database, &[], &["doctor"]).stdout;
    assert!(doctor.contains("the database was used with this audit signing key"), "{doctor}");
    assert!(refused(&database, &BEFORE).starts_with("ENCRYPTION_KEY: the database "), "it sealed what it wrote");
    Service::start_on(&database, &[]).stop();
}
