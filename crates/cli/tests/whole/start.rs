//! What a start does, says and refuses.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;

use rstest::rstest;
use serde_json::Value;
use tempfile::tempdir;

use crate::database::Kind;
use crate::service::{Service, run};

/// A key that nobody else should use.
const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// Another one.
const AUDIT_KEY: &str = "Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA=";

/// A secret likewise.
const SECRET: &str = "8Qm0m4mJp1vPqY6dZxS3uT7rWcAeBnKf";

#[test]
fn an_empty_folder_is_enough() {
    let service = Service::start(&[]);
    assert_eq!(service.get("/ready").status, 200);
    assert_eq!(service.get("/api/v1/users").body["total"], 0);
    assert!(service.folder().path().join("data/usermgmt.db").is_file());
}

#[rstest]
fn users_can_live_in_memory_alone(#[values("memory:", "sqlite::memory:")] url: &str) {
    let service = Service::start(&[("DATABASE_URL", url)]);
    let path = service.create("ann");
    assert_eq!(service.get(&path).text("username"), "ann");
    assert_eq!(service.get("/ready").status, 200);
    let folder = Arc::clone(service.folder());
    service.stop();
    assert!(!folder.path().join("data/usermgmt.db").exists());
    assert_eq!(Service::start_in(&folder, &[("DATABASE_URL", url)]).get(&path).status, 404);
}

#[test]
fn serve_is_what_no_command_means() {
    let folder = tempdir().unwrap();
    for arguments in [&[][..], &["serve"]] {
        let ended = run(folder.path(), &[("PORT", "x")], arguments);
        assert!(ended.reason().starts_with("PORT: "), "{ended:?}");
    }
}

#[test]
fn one_line_says_where_the_api_and_its_documentation_are() {
    let service = Service::start(&[("API_BASE_PATHS", "/people,/v1")]);
    let lines = lines_with(&service, "server.address");
    let [line] = lines.as_slice() else { panic!("one line: {lines:?}") };
    let address = service.address();
    assert_eq!(line["server.address"], address);
    assert_eq!(
        line["message"],
        format!("the API is at http://{address}/people, its documentation at http://{address}/docs")
    );
    assert_eq!(service.get("/docs").status, 200);
}

#[test]
fn one_plain_line_says_that_everybody_is_an_administrator() {
    let service = Service::start(&[]);
    let lines = lines_with(&service, "AUTH_REQUIRED=false");
    let [line] = lines.as_slice() else { panic!("one line: {lines:?}") };
    assert_eq!(line["level"], "WARN");
    let message = format!("AUTH_REQUIRED=false: everybody who reaches {} is an administrator", service.address());
    assert_eq!(line["message"], message);
}

#[rstest]
fn start_and_stop_say_what_matters_and_no_more(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
) {
    let Some(database) = kind.database() else { return };
    let first = Service::start_on(&database, &[]);
    let migrations = lines_with(&first, "applied the migration").len();
    assert!(migrations > 0);
    let log = first.stop();
    assert_eq!(log.len(), migrations + 4, "two lines at the start and two at the end: {log:#?}");

    let log = Service::start_on(&database, &[]).stop();
    assert_eq!(log.len(), 4, "{log:#?}");
}

#[test]
fn a_port_in_use_ends_the_start() {
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap();
    let folder = tempdir().unwrap();
    let settings = [("PORT", &*address.port().to_string()), ("DATABASE_URL", "memory:")];
    let ended = run(folder.path(), &settings, &["serve"]);
    assert_eq!(ended.reason(), format!("{address} cannot be listened on: Address already in use (os error 98)"));
}

#[rstest]
#[case("PORT", "65536")]
#[case("HOST", "example.com")]
#[case("BCRYPT_ROUNDS", "3")]
#[case("DATABASE_URL", "oracle://scott:tiger@127.0.0.1/x")]
#[case("DATABASE_CONNECT_TIMEOUT_SECONDS", "soon")]
#[case("ENCRYPTION_KEY", "c2hvcnQ=")]
#[case("LOG_FORMAT", "xml")]
#[case("MIGRATE_ON_START", "perhaps")]
fn a_wrong_setting_ends_the_start_with_one_line_that_names_it(#[case] key: &str, #[case] value: &str) {
    let folder = tempdir().unwrap();
    let ended = run(folder.path(), &[(key, value)], &["serve"]);
    assert!(ended.reason().starts_with(&format!("{key}: ")), "{ended:?}");
    assert!(!ended.stderr.contains("tiger") && !ended.stderr.contains("c2hvcnQ"), "a secret: {ended:?}");
    assert!(!folder.path().join("data").exists(), "nothing is made before the settings are known to be well");
}

#[rstest]
#[case(&["--prot", "8000"])]
#[case(&["serv"])]
#[case(&["serve", "now"])]
#[case(&["migrate"])]
#[case(&["migrate", "down", "--steps", "0"])]
fn wrong_usage_is_exit_code_2(#[case] arguments: &[&str]) {
    let folder = tempdir().unwrap();
    let ended = run(folder.path(), &[], arguments);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(!ended.stderr.is_empty() && ended.stdout.is_empty(), "{ended:?}");
}

#[rstest]
#[case(&["--help"], "Usage: usermgmt")]
#[case(&["--version"], "usermgmt ")]
fn help_and_version_need_no_settings(#[case] arguments: &[&str], #[case] beginning: &str) {
    let folder = tempdir().unwrap();
    let ended = run(folder.path(), &[("PORT", "x")], arguments);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stdout.contains(beginning), "{ended:?}");
}

#[test]
fn production_needs_an_encryption_key() {
    let folder = tempdir().unwrap();
    let ended = run(folder.path(), &[("ENVIRONMENT", "production"), ("ALLOW_INSECURE", "true")], &["serve"]);
    assert!(ended.reason().starts_with("ENCRYPTION_KEY"), "{ended:?}");
    assert!(!folder.path().join("data").exists(), "none is made");
}

#[rstest]
#[case(&[("HOST", "0.0.0.0")])]
#[case(&[("HOST", "::")])]
#[case(&[("ENVIRONMENT", "production"), ("ENCRYPTION_KEY", KEY), ("AUDIT_SIGNING_KEY", AUDIT_KEY), ("JWT_SECRET", SECRET)])]
fn a_service_open_to_everyone_must_be_asked_for(#[case] settings: &[(&str, &str)]) {
    let folder = tempdir().unwrap();
    let ended = run(folder.path(), settings, &["serve"]);
    assert!(ended.reason().starts_with("AUTH_REQUIRED=false with "), "{ended:?}");
    assert!(ended.reason().contains("ALLOW_INSECURE=true"), "{ended:?}");

    let asked_for = [settings, &[("ALLOW_INSECURE", "true")]].concat();
    let ended = run(folder.path(), &asked_for, &["config", "check"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
}

#[test]
fn what_is_set_and_not_there_yet_is_said() {
    let service = Service::start(&[("TLS_CERT_FILE", "cert.pem")]);
    assert_eq!(lines_with(&service, "TLS_CERT_FILE").len(), 1);
}

#[test]
fn a_redis_that_is_not_there_is_said_once_without_its_password() {
    let service = Service::start(&[("REDIS_URL", "redis://:s3cret@127.0.0.1:1/")]);
    assert_eq!(service.get("/ready").status, 200);
    assert_eq!(service.get("/ready").body["checks"]["redis"], "degraded");
    let log = service.stop();
    assert_eq!(log.iter().filter(|line| line.contains("Redis")).count(), 1, "{log:#?}");
    assert!(!log.concat().contains("s3cret"));
}

#[test]
fn the_dot_env_file_is_read_in_development_and_not_in_production() {
    let folder = Arc::new(tempdir().unwrap());
    fs::write(folder.path().join(".env"), "API_BASE_PATHS=/people\n").unwrap();
    let keys = [("ENCRYPTION_KEY", KEY), ("AUDIT_SIGNING_KEY", AUDIT_KEY), ("JWT_SECRET", SECRET)];
    let development = Service::start_in(&folder, &keys);
    assert_eq!(development.get("/people/users").status, 200);
    development.stop();

    let production = [&[("ENVIRONMENT", "production"), ("ALLOW_INSECURE", "true")], &keys[..]].concat();
    let production = Service::start_in(&folder, &production);
    assert_eq!(production.get("/people/users").status, 404);
    assert_eq!(production.get("/api/v1/users").status, 200);
}

#[test]
fn what_the_service_keeps_is_for_its_own_user_only() {
    let service = Service::start(&[]);
    service.create("ann");
    let data = service.folder().path().join("data");
    assert_eq!(mode(&data), 0o700);
    let mut files: Vec<_> = fs::read_dir(&data).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    for kept in ["audit_signing.key", "encryption.key", "jwt_secret", "usermgmt.db"] {
        assert!(files.contains(&data.join(kept)), "{files:?}");
    }
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

#[rstest]
fn a_cursor_from_before_a_restart_still_works(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
) {
    let Some(database) = kind.database() else { return };
    let service = Service::start_on(&database, &[]);
    for name in ["ann", "ben", "cem"] {
        service.create(name);
    }
    let page = service.get("/api/v1/users?limit=1");
    let next = format!("/api/v1/users?limit=1&cursor={}", page.text("next_cursor"));
    service.stop();

    let service = Service::start_on(&database, &[]);
    assert_eq!(service.get(&next).body["users"][0]["username"], "ben");
}

#[test]
fn a_place_that_cannot_be_written_ends_the_start() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("data"), "a file, not a folder").unwrap();
    let ended = run(folder.path(), &[], &["serve"]);
    assert!(ended.reason().contains("sqlite://data/usermgmt.db"), "{ended:?}");
    let ended = run(folder.path(), &[("DATABASE_URL", "memory:")], &["serve"]);
    assert!(ended.reason().starts_with("ENCRYPTION_KEY: cannot keep a key in ./data/encryption.key"), "{ended:?}");
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn lines_with(service: &Service, words: &str) -> Vec<Value> {
    let log = service.log();
    log.iter().filter(|line| line.contains(words)).map(|line| serde_json::from_str(line).unwrap()).collect()
}
