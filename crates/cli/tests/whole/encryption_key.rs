//! A database is used with one encryption key: with another one nothing starts.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use rstest::rstest;

use crate::database::{Database, Kind};
use crate::service::{Ended, Service, run};

const KEY: (&str, &str) = ("ENCRYPTION_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
const OTHER: (&str, &str) = ("ENCRYPTION_KEY", "HwECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");

fn command(database: &Database, settings: &[(&str, &str)], arguments: &[&str]) -> Ended {
    let settings = [&[("DATABASE_URL", database.url())], settings].concat();
    run(database.folder().path(), &settings, arguments)
}

/// Why the service does not start. One that does is waited for until patience ends, and no longer.
#[track_caller]
fn refused(database: &Database, settings: &[(&str, &str)]) -> String {
    let settings = [&[("DATABASE_URL", database.url())], settings].concat();
    let mut service = Service::spawn(database.folder(), &settings);
    let reason = service.wait_for_log("ENCRYPTION_KEY: ");
    assert_eq!(service.wait().code(), Some(1), "{reason}");
    assert_eq!(service.log(), [reason.as_str()], "one line");
    reason
}

#[rstest]
fn a_database_is_served_with_the_key_of_its_first_start_and_no_other(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
) {
    let Some(database) = kind.database() else { return };
    let service = Service::start_on(&database, &[KEY]);
    let ann = service.create("ann");
    service.stop();

    let listed = command(&database, &[OTHER], &["users", "list"]);
    for reason in [refused(&database, &[OTHER]), listed.stderr] {
        assert!(reason.starts_with("error: ENCRYPTION_KEY: the database "), "{reason}");
        assert!(reason.contains("was used with another key than the one that is set"), "{reason}");
        assert!(
            reason.contains("set ENCRYPTION_KEY to it, or ENCRYPTION_KEY_PREVIOUS")
                && reason.contains("encryption.key"),
            "{reason}"
        );
        assert!(!reason.contains(KEY.1) && !reason.contains(OTHER.1), "{reason}");
    }
    let doctor = command(&database, &[OTHER], &["doctor"]);
    assert_eq!(doctor.reason(), "1 problem was found", "{}", doctor.stdout);
    assert!(doctor.stdout.contains("problem  ENCRYPTION_KEY: the database "), "{}", doctor.stdout);

    assert_eq!(command(&database, &[KEY], &["users", "list"]).code, Some(0));
    assert_eq!(Service::start_on(&database, &[KEY]).get(&ann).status, 200);
}

#[test]
fn a_key_that_was_made_and_lost_is_asked_for_and_not_made_again() {
    let database = Kind::Sqlite.database().unwrap();
    Service::start_on(&database, &[]).stop();
    let file = database.folder().path().join("data/encryption.key");
    let made = fs::read(&file).unwrap();

    fs::remove_file(&file).unwrap();
    let listed = command(&database, &[], &["users", "list"]);
    for reason in [refused(&database, &[]), listed.stderr] {
        assert!(reason.contains("was used with a key, and ./data/encryption.key is not there"), "{reason}");
    }
    assert_eq!(command(&database, &[], &["doctor", "--repair"]).reason(), "1 problem was found");
    assert!(!file.exists());

    fs::write(&file, OTHER.1).unwrap();
    let reason = refused(&database, &[]);
    assert!(reason.contains("another key than the one in ./data/encryption.key"), "{reason}");

    fs::write(&file, made).unwrap();
    Service::start_on(&database, &[]).stop();
}

#[rstest]
fn of_two_that_start_at_once_with_different_keys_one_goes_on(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
) {
    for _ in 0..3 {
        let Some(database) = kind.database() else { return };
        let migrated = command(&database, &[], &["migrate", "up"]);
        assert_eq!(migrated.code, Some(0), "{migrated:?}");
        let settings = [KEY, OTHER].map(|key| [("DATABASE_URL", database.url()), key]);
        let services = settings.map(|settings| Service::spawn(database.folder(), &settings));
        let begun = Instant::now();
        let [listening, refused] = loop {
            let ended = ["server.address", "error: ENCRYPTION_KEY: "]
                .map(|words| services.iter().filter(|service| service.log().concat().contains(words)).count());
            if ended.iter().sum::<usize>() == services.len() {
                break ended;
            }
            assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", services.each_ref().map(Service::log));
            thread::sleep(Duration::from_millis(10));
        };
        assert_eq!((listening, refused), (1, 1));
    }
}
