//! The first administrator: from the settings, or with a password that is told once.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::thread;

use rstest::rstest;
use serde_json::json;
use tempfile::tempdir;

use crate::database::{Database, Kind};
use crate::service::{Service, run};
use crate::signed_in::SignedIn;
use crate::users::with_input;
use crate::users_passwords::Terminal;

const AUTH: (&str, &str) = ("AUTH_REQUIRED", "true");

/// What production asks for, beside an administrator.
const PRODUCTION: [(&str, &str); 6] = [
    AUTH,
    ("ENVIRONMENT", "production"),
    ("ENCRYPTION_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="),
    ("AUDIT_SIGNING_KEY", "Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA="),
    ("JWT_SECRET", "8Qm0m4mJp1vPqY6dZxS3uT7rWcAeBnKf"),
    ("PASSWORD_MIN_LENGTH", "15"),
];

const ROOT: [(&str, &str); 3] = [
    ("BOOTSTRAP_ADMIN_USERNAME", "root"),
    ("BOOTSTRAP_ADMIN_EMAIL", "root@example.org"),
    ("BOOTSTRAP_ADMIN_PASSWORD", "grapefruit-lantern-42-orbit"),
];

#[rstest]
fn the_settings_name_the_first_administrator(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
) {
    let Some(database) = kind.database() else { return };
    let service = Service::start_on(&database, &[&PRODUCTION[..], &ROOT].concat());
    let root = service.login("root", "grapefruit-lantern-42-orbit");
    let me = root.get(&service, "/api/v1/auth/me");
    assert_eq!((me.text("email"), me.text("role")), ("root@example.org", "admin"));
    let log = service.stop();
    assert!(!log.concat().contains("grapefruit") && !log.concat().contains("example.org"), "{log:#?}");
    assert!(!password_file(&database).exists());
    let events = "SELECT action FROM audit_events WHERE action = 'system.bootstrap'";
    assert_eq!(database.rows(events).len(), 1);

    // Whoever changed the password since keeps it: what is set is for the first start.
    let other = [("BOOTSTRAP_ADMIN_PASSWORD", "another-orbit-42-lantern")];
    let service = Service::start_on(&database, &[&PRODUCTION[..], &ROOT, &other].concat());
    SignedIn::of(&service.try_login("root", "grapefruit-lantern-42-orbit"));
    assert_eq!(service.try_login("root", "another-orbit-42-lantern").status, 401);
    assert!(!service.stop().concat().contains("first administrator"));
}

#[rstest]
fn a_password_that_was_made_up_is_in_a_file_and_not_in_the_log(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
) {
    let Some(database) = kind.database() else { return };
    let service = Service::start_on(&database, &[AUTH]);
    let file = password_file(&database);
    let text = fs::read_to_string(&file).unwrap();
    let password = text.strip_suffix('\n').unwrap();
    assert!(password.len() >= 20 && password.chars().all(|c| c.is_ascii_alphanumeric()), "{password}");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o7777, 0o600);
    let admin = service.login("admin", password);
    assert_eq!(admin.get(&service, "/api/v1/auth/me").text("email"), "admin@example.com");
    let log = service.stop();
    let told: Vec<_> = log.iter().filter(|line| line.contains("initial_admin_password")).collect();
    assert_eq!(told.len(), 1, "{log:#?}");
    assert!(!log.concat().contains(password), "{log:#?}");

    fs::remove_file(&file).unwrap();
    let log = Service::start_on(&database, &[AUTH]).stop();
    assert!(!file.exists() && !log.concat().contains("administrator"), "it is told once: {log:#?}");
}

#[test]
fn at_a_terminal_the_password_is_shown_once() {
    let database = Kind::Sqlite.database().unwrap();
    let serve = format!("AUTH_REQUIRED=true PORT=0 {} serve", env!("CARGO_BIN_EXE_usermgmt"));
    let terminal = Terminal::run_line(&database, &serve);
    terminal.wait_for("the API is at");
    let shown = terminal.shown();
    let (_, rest) = shown.split_once("The password of admin, shown this once:  ").expect("it is shown");
    let password = rest.split_whitespace().next().unwrap().to_owned();
    assert_eq!(shown.matches(&password).count(), 1, "once, and not in the log: {shown}");
    terminal.interrupt();
    assert!(!password_file(&database).exists());

    let again = Terminal::run_line(&database, &serve);
    again.wait_for("the API is at");
    assert!(!again.shown().contains("password"), "{}", again.shown());
    again.interrupt();
    let service = Service::start_on(&database, &[AUTH]);
    SignedIn::of(&service.try_login("admin", &password));
}

#[rstest]
#[case("BOOTSTRAP_ADMIN_USERNAME", "a b", "A username has no white space")]
#[case("BOOTSTRAP_ADMIN_EMAIL", "root", "An email address looks like name@example.org")]
#[case("BOOTSTRAP_ADMIN_PASSWORD", "short", "")]
fn a_wrong_value_ends_the_start_with_one_line_that_names_it(
    #[case] key: &str,
    #[case] value: &str,
    #[case] detail: &str,
) {
    let database = Kind::Sqlite.database().unwrap();
    let settings = [("DATABASE_URL", database.url()), AUTH, (key, value)];
    let ended = run(database.folder().path(), &settings, &["serve"]);
    let reason = last_line(&ended.stderr);
    assert!(reason.starts_with(&format!("error: {key}: {detail}")), "{ended:?}");
    assert_eq!(ended.code, Some(1));
    assert!(!password_file(&database).exists());
    assert!(Service::start_on(&database, &[AUTH]).stop().concat().contains("made the first administrator"));
}

#[test]
fn a_password_that_is_guessed_too_easily_is_refused_by_its_setting() {
    let database = Kind::Sqlite.database().unwrap();
    let weak = ("BOOTSTRAP_ADMIN_PASSWORD", "password12345678");
    let settings = [&[("DATABASE_URL", database.url())], &PRODUCTION[..], &ROOT, &[weak]].concat();
    let ended = run(database.folder().path(), &settings, &["serve"]);
    let reason = last_line(&ended.stderr);
    assert!(reason.starts_with("error: BOOTSTRAP_ADMIN_PASSWORD: "), "{ended:?}");
    assert!(!ended.stderr.contains("password12345678"), "{ended:?}");
}

#[test]
fn production_makes_up_no_password() {
    let database = Kind::Sqlite.database().unwrap();
    let settings = [&[("DATABASE_URL", database.url())], &PRODUCTION[..]].concat();
    let ended = run(database.folder().path(), &settings, &["serve"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let reason = last_line(&ended.stderr);
    for key in ["BOOTSTRAP_ADMIN_USERNAME", "BOOTSTRAP_ADMIN_EMAIL", "BOOTSTRAP_ADMIN_PASSWORD"] {
        assert!(reason.contains(key), "{reason}");
    }
    assert!(!database.folder().path().join("data/initial_admin_password").exists());
}

#[rstest]
fn replicas_that_start_at_once_make_one_administrator_and_tell_of_one_password(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
) {
    for _ in 0..3 {
        let Some(database) = kind.database() else { return };
        let services = thread::scope(|scope| {
            let start = || Service::start_on(&database, &[AUTH]);
            [(); 4].map(|()| scope.spawn(start)).map(|service| service.join().unwrap())
        });
        let password = fs::read_to_string(password_file(&database)).unwrap();
        for service in &services {
            SignedIn::of(&service.try_login("admin", password.trim_end()));
        }
        let made = services.iter().flat_map(Service::log).filter(|line| line.contains("made the first administrator"));
        assert_eq!(made.count(), 1);
        assert_eq!(database.rows("SELECT COUNT(*) FROM users"), ["1"]);
        let mut files: Vec<_> = fs::read_dir(database.folder().path().join("data"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.starts_with("initial_admin_password"))
            .collect();
        files.sort();
        assert_eq!(files, ["initial_admin_password"], "nothing is left beside it");
    }
}

#[rstest]
fn who_lives_in_memory_alone_has_an_administrator_too(#[values("memory:", "sqlite::memory:")] url: &str) {
    let service = Service::start(&[AUTH, ("DATABASE_URL", url)]);
    let password = fs::read_to_string(service.folder().path().join("data/initial_admin_password")).unwrap();
    SignedIn::of(&service.try_login("admin", password.trim_end()));
}

#[test]
fn whoever_already_has_users_is_given_no_administrator() {
    let database = Kind::Sqlite.database().unwrap();
    let open = Service::start_on(&database, &[]);
    open.create("ann");
    open.stop();
    let log = Service::start_on(&database, &[AUTH]).stop().concat();
    assert!(!log.contains("first administrator"), "{log}");
    assert!(log.contains("no administrator is active") && log.contains("users create --role admin"), "{log}");
    assert!(!password_file(&database).exists());
}

#[test]
fn while_everybody_is_an_administrator_none_is_made() {
    let service = Service::start(&[]);
    assert_eq!(service.get("/api/v1/users").body["total"], 0);
    assert!(!service.folder().path().join("data/initial_admin_password").exists());
}

#[test]
fn a_password_that_cannot_be_kept_makes_nobody() {
    let database = Kind::Sqlite.database().unwrap();
    let elsewhere = tempdir().unwrap();
    let data = elsewhere.path().join("data");
    fs::write(&data, "a file, not a folder").unwrap();
    let keys = &PRODUCTION[2..5];
    let settings = [&[("DATABASE_URL", database.url()), AUTH, ("DATA_DIR", data.to_str().unwrap())], keys].concat();
    let ended = run(database.folder().path(), &settings, &["serve"]);
    let reason = last_line(&ended.stderr);
    assert!(reason.contains("initial_admin_password: ") && reason.contains("BOOTSTRAP_ADMIN_PASSWORD"), "{ended:?}");
    assert_eq!(database.rows("SELECT COUNT(*) FROM users"), ["0"]);
}

#[test]
fn an_administrator_can_be_made_by_hand_at_any_time() {
    let database = Kind::Sqlite.database().unwrap();
    let service = Service::start_on(&database, &[AUTH]);
    let eve = ["users", "create", "--username", "eve", "--email", "eve@example.com", "--role", "admin"];
    let made = with_input(&database, &eve, "long enough to be one");
    assert_eq!(made.code, Some(0), "{made:?}");
    let eve = service.login("eve", "long enough to be one");
    let listed = eve.get(&service, "/api/v1/users");
    assert_eq!((listed.status, &listed.body["total"]), (200, &json!(2)));
}

fn password_file(database: &Database) -> PathBuf {
    Path::new(database.folder().path()).join("data/initial_admin_password")
}

fn last_line(text: &str) -> &str {
    text.lines().last().unwrap_or_default()
}
