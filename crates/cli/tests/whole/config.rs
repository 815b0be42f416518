//! The commands that look: `config`, `openapi`, `healthcheck`.

use std::fs;
use std::net::TcpListener;

use serde_json::Value;
use tempfile::tempdir;

use crate::service::{Service, run};

/// A key that nobody else should use.
const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

#[test]
fn check_says_that_all_is_well_and_makes_nothing() {
    let folder = tempdir().unwrap();
    let ended = run(folder.path(), &[], &["config", "check"]);
    assert_eq!((ended.code, &*ended.stdout, &*ended.stderr), (Some(0), "the settings are well\n", ""));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn check_names_what_is_wrong() {
    let folder = tempdir().unwrap();
    let ended = run(folder.path(), &[("BCRYPT_ROUNDS", "99")], &["config", "check"]);
    assert!(ended.reason().starts_with("BCRYPT_ROUNDS: "), "{ended:?}");
    assert_eq!(ended.stdout, "");
}

#[test]
fn show_redacts_secrets() {
    let folder = tempdir().unwrap();
    let settings = [("DATABASE_URL", "mysql://keeper:s3s%40me@db.example:3306/people"), ("ENCRYPTION_KEY", KEY)];
    let ended = run(folder.path(), &settings, &["config", "show"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(line(&ended.stdout, "DATABASE_URL").0, "mysql://keeper:[redacted]@db.example:3306/people");
    assert_eq!(line(&ended.stdout, "ENCRYPTION_KEY").0, "[redacted]");
    for secret in ["s3s", "AAECAw"] {
        assert!(!ended.stdout.contains(secret) && !ended.stderr.contains(secret), "{ended:?}");
    }
}

#[test]
fn show_says_where_each_setting_comes_from_and_the_environment_wins() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("own.toml"), "app_name = \"Own\"\nworkers = 3\nbcrypt_rounds = 10\n").unwrap();
    fs::write(folder.path().join(".env"), "WORKERS=5\nBCRYPT_ROUNDS=11\n").unwrap();
    let arguments = ["--config", "own.toml", "config", "show"];
    let ended = run(folder.path(), &[("BCRYPT_ROUNDS", "12")], &arguments);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(line(&ended.stdout, "BCRYPT_ROUNDS"), ("12", "environment"));
    assert_eq!(line(&ended.stdout, "WORKERS"), ("5", ".env"));
    assert_eq!(line(&ended.stdout, "APP_NAME"), ("Own", "own.toml"));
    assert_eq!(line(&ended.stdout, "HOST"), ("127.0.0.1", "default"));
}

#[test]
fn a_configuration_file_that_is_not_there_is_refused() {
    let folder = tempdir().unwrap();
    let ended = run(folder.path(), &[], &["--config", "missing.toml", "serve"]);
    assert!(ended.reason().contains("missing.toml"), "{ended:?}");
}

#[test]
fn openapi_prints_what_is_served() {
    let settings = [("API_BASE_PATHS", "/people"), ("APP_NAME", "People"), ("USER_ID_FORMAT", "uuid")];
    let service = Service::start(&settings);
    let ended = run(service.folder().path(), &settings, &["openapi"]);
    assert_eq!((ended.code, &*ended.stderr), (Some(0), ""));
    let printed: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(printed, service.get("/openapi.json").body);
    assert!(printed["paths"]["/people/users"].is_object());
}

#[test]
fn healthcheck_tells_whether_the_service_is_ready() {
    let service = Service::start(&[("MIGRATE_ON_START", "false")]);
    let folder = service.folder().path();
    let check = || run(folder, &[("PORT", service.port())], &["healthcheck"]);
    let unready = check();
    assert_eq!(unready.reason(), format!("{} is not ready: status 503", service.address()));
    assert_eq!(run(folder, &[], &["migrate", "up"]).code, Some(0));
    let ready = check();
    assert_eq!((ready.code, &*ready.stdout, &*ready.stderr), (Some(0), "", ""));
}

#[test]
fn healthcheck_fails_where_nobody_listens() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let folder = tempdir().unwrap();
    let ended = run(folder.path(), &[("PORT", &free.port().to_string())], &["healthcheck"]);
    assert!(ended.reason().starts_with(&format!("no answer from {free}: ")), "{ended:?}");
}

/// A setting's value and source.
#[track_caller]
fn line<'a>(shown: &'a str, key: &str) -> (&'a str, &'a str) {
    let line = shown.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
    let (value, source) = line.expect("every setting is shown").rsplit_once("  # ").expect("every source is shown");
    (value.trim_end(), source)
}
