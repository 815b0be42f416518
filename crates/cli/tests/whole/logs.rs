//! What logs hold, and what they never do.

use rstest::rstest;
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::client::Answer;
use crate::database::Kind;
use crate::service::{Service, run};

/// Nothing of this may stand in a log, at any level.
const PRIVATE: [&str; 16] = [
    "open-sesame",
    "better-sesame",
    "$2b$",
    "zebedee",
    "tarantula",
    "personal.example",
    "Quentin",
    "Featherstone",
    "payroll-77",
    "favourite-colour",
    "gossip",
    "203.0.113.77",
    "Browserine",
    "created_after",
    "q=zeb",
    "cursor=",
];

#[rstest]
fn nothing_secret_or_personal_is_logged(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
    #[values("info", "debug", "trace")] level: &str,
) {
    let Some(database) = kind.database() else { return };
    let key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    let settings = [("LOG_LEVEL", level), ("TRUSTED_PROXIES", "127.0.0.1"), ("ENCRYPTION_KEY", key)];
    let service = Service::start_on(&database, &settings);
    let statuses: Vec<u16> = live_through_everything(&service).iter().map(|answer| answer.status).collect();
    for status in [200, 201, 204, 400, 404, 409, 412, 422] {
        assert!(statuses.contains(&status), "the journey has no {status}: {statuses:?}");
    }

    let log = service.stop();
    assert!(log.len() > statuses.len(), "a line for each call");
    for line in log {
        assert!(serde_json::from_str::<Value>(&line).is_ok_and(|line| line.is_object()), "not JSON: {line}");
        for word in PRIVATE.into_iter().chain([key]) {
            assert!(!line.to_lowercase().contains(&word.to_lowercase()), "{word} stands in {line}");
        }
    }
}

#[test]
fn the_request_id_of_a_problem_leads_to_its_line() {
    let service = Service::start(&[]);
    let own = service.call("GET", "/api/v1/users/7", &[("X-Request-Id", "my-own-id.7")], None);
    assert_eq!((own.header("x-request-id"), own.text("request_id")), ("my-own-id.7", "my-own-id.7"));
    let made = service.get("/api/v1/users/8");
    assert_eq!(made.header("x-request-id"), made.text("request_id"));
    let log = service.stop();
    for id in ["my-own-id.7", made.text("request_id")] {
        let lines = log.iter().filter(|line| line.contains(id));
        let lines: Vec<Value> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
        let [line] = lines.as_slice() else { panic!("one line for {id}: {lines:?}") };
        assert_eq!((&line["request_id"], &line["status"]), (&id.into(), &404.into()));
        assert_eq!(line["route"], "/api/v1/users/{id}");
    }
}

#[test]
fn a_failure_is_logged_once_with_its_causes_and_the_clients_request_id() {
    let Some(database) = Kind::Sqlite.database() else { return };
    let service = Service::start_on(&database, &[]);
    database.execute("ALTER TABLE users RENAME COLUMN locale TO gone");
    let failed = service.get("/api/v1/users/1");
    assert_eq!(failed.problem(), (500, "Something went wrong"));
    let log = service.stop();
    let id = failed.text("request_id");
    let lines: Vec<&String> = log.iter().filter(|line| line.contains(id) && line.contains("ERROR")).collect();
    let [line] = lines.as_slice() else { panic!("one line for {id}: {log:#?}") };
    assert!(line.contains("no such column"), "{line}");
}

#[test]
fn logs_can_be_text() {
    let service = Service::start(&[("LOG_FORMAT", "text")]);
    service.create("zebedee");
    let log = service.stop().join("\n");
    assert!(log.contains(" INFO "), "{log}");
    assert!(log.contains("POST /api/v1/users 201"), "{log}");
    assert!(!log.contains('\u{1b}'), "colours are for terminals: {log}");
    assert!(!log.contains("zebedee"), "{log}");
}

#[test]
fn a_reader_of_the_log_that_goes_away_takes_nothing_with_it() {
    let mut service = Service::start(&[]);
    service.stop_reading_the_log();
    for name in ["ann", "ben", "cem"] {
        service.create(name);
    }
    assert_eq!(service.get("/api/v1/users/99").status, 404);
    service.signal(Signal::TERM);
    assert_eq!(service.wait().code(), Some(0));
}

/// Every call, well and badly, of people with telling names.
fn live_through_everything(service: &Service) -> Vec<Answer> {
    let headers = [("X-Forwarded-For", "203.0.113.77"), ("User-Agent", "Browserine/7")];
    let call = |method, path: &str, body: Option<Value>| service.call(method, path, &headers, body.as_ref());
    let users = "/api/v1/users";
    let person = json!({
        "username": "zebedee", "email": "zebedee@personal.example", "password": "open-sesame",
        "full_name": "Quentin Featherstone", "external_id": "payroll-77",
        "user_metadata": {"favourite-colour": "gossip"}, "app_metadata": {"gossip": "payroll-77"},
    });
    let mut other = person.clone();
    other["username"] = "tarantula".into();
    let mut third = other.clone();
    third["email"] = "tarantula@personal.example".into();
    let suspension = json!({"reason": "gossip", "until": "2999-01-01T00:00:00Z"});
    let stale = service.call("DELETE", "/api/v1/users/1", &[("If-Match", "\"99\"")], None);
    let wrong = json!({"username": "zebedee@tarantula", "email": "Quentin", "password": "gossip", "role": "zebedee"});
    let mut answers = vec![
        stale,
        call("POST", users, Some(person.clone())),
        call("POST", users, Some(person.clone())),
        call("POST", users, Some(other)),
        call("POST", users, Some(third)),
        call("POST", users, Some(wrong)),
        call("POST", users, Some("zebedee".into())),
        call("GET", "/api/v1/users?q=zeb&email=zebedee@personal.example&created_after=2020-01-01T00:00:00Z", None),
        call("GET", "/api/v1/users?username=zebedee&sort=gossip", None),
        call("GET", "/api/v1/users?cursor=zebedee", None),
        call("GET", "/api/v1/users/zebedee", None),
        call("GET", "/api/v1/users//zebedee", None),
        call("GET", "/zebedee", None),
        call("zebedee", "/zebedee", None),
        call("GET", "/api/v1/users/1", None),
        service.call("PATCH", "/api/v1/users/1", &[("If-Match", "\"99\"")], Some(&person)),
        call("PATCH", "/api/v1/users/1", Some(json!({"password": "better-sesame", "locale": "de"}))),
        call("PUT", "/api/v1/users/1", Some(person)),
        call("POST", "/api/v1/users/1/deactivate", Some(suspension)),
        call("POST", "/api/v1/users/1/activate", None),
        call("DELETE", "/api/v1/users/1", None),
        call("GET", "/api/v1/users/1", None),
        call("GET", "/api/v1/users?deleted=only", None),
        call("POST", "/api/v1/users/1/restore", None),
    ];
    let page = call("GET", "/api/v1/users?limit=1", None);
    if let Some(cursor) = page.body["next_cursor"].as_str() {
        answers.push(call("GET", &format!("/api/v1/users?limit=1&cursor={cursor}"), None));
    }
    answers.push(page);
    answers
}

#[rstest]
fn the_password_of_the_database_is_in_no_trace(#[values("mysql", "postgres")] scheme: &str) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("{scheme}://ann:s3cr3tpw@127.0.0.1:1/users");
    let settings = [("DATABASE_URL", url.as_str()), ("LOG_LEVEL", "trace"), ("DATABASE_CONNECT_TIMEOUT_SECONDS", "1")];
    let ended = run(folder.path(), &settings, &["migrate", "status"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stderr.contains("ann:[redacted]@127.0.0.1"), "{}", ended.stderr);
    assert!(!ended.stderr.contains("s3cr3tpw") && !ended.stdout.contains("s3cr3tpw"), "{}", ended.stderr);
}
