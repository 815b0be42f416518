//! What is logged about requests, and what is not.

use std::io;
use std::sync::{LazyLock, Mutex, PoisonError};

use domain::ports::StorageFault;
use reqwest::Method;
use serde_json::Value;

use crate::failing::{Broken, Hanging};
use crate::test_app::{TestApp, new_user};

/// The lines that all tests of this binary logged; each test looks for the request ids that it chose.
static LINES: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// The one subscriber of this binary.
static SUBSCRIBED: LazyLock<()> = LazyLock::new(|| {
    tracing_subscriber::fmt().json().flatten_event(true).with_writer(|| Lines).init();
});

struct Lines;

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LINES.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What was logged under a request id.
fn logged(request_id: &str) -> Vec<Value> {
    let lines = LINES.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let lines = String::from_utf8(lines).unwrap();
    let events = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    events.filter(|event| event["request_id"] == request_id).collect()
}

fn app() -> TestApp {
    LazyLock::force(&SUBSCRIBED);
    TestApp::new()
}

#[actix_web::test]
async fn each_answer_is_one_event_with_the_route_and_nothing_personal() {
    let app = app();
    app.user("ann").await;
    let request = app.request(Method::HEAD, "/v1/users/1?email=ann%40example.com").header("x-request-id", "log-1");
    app.send(request.header("user-agent", "secret-agent")).await;
    let events = logged("log-1");
    assert_eq!(events.len(), 1);
    let event = &events[0];
    assert_eq!((&event["target"], &event["level"]), (&"access".into(), &"INFO".into()));
    assert_eq!((&event["method"], &event["status"]), (&"HEAD".into(), &200.into()));
    assert_eq!(event["route"], "/v1/users/{id}");
    assert!(event["duration_ms"].as_f64().unwrap() > 0.0);
    for personal in ["ann", "users/1", "secret-agent", "127.0.0.1"] {
        assert!(!event.to_string().contains(personal), "{event}");
    }
}

#[actix_web::test]
async fn a_path_that_leads_nowhere_is_not_logged_as_it_was_sent() {
    let app = app();
    for (id, path, status) in [("log-2", "/ann@example.com", 404), ("log-3", "/v1//ann@example.com", 400)] {
        app.send(app.request(Method::GET, path).header("x-request-id", id)).await;
        let events = logged(id);
        assert_eq!((events.len(), &events[0]["route"], &events[0]["status"]), (1, &"unmatched".into(), &status.into()));
        assert!(!events[0].to_string().contains("ann"));
    }
}

#[actix_web::test]
async fn a_fault_is_logged_once_with_its_cause_under_the_id_that_the_client_sees() {
    LazyLock::force(&SUBSCRIBED);
    for (id, fault, level) in [("log-4", StorageFault::Failed, "ERROR"), ("log-5", StorageFault::Unavailable, "WARN")] {
        let app = TestApp::start(|_| {}, |_| Broken::stores(fault));
        let request = app.request(Method::POST, "/api/v1/users").json(&new_user("ann")).header("x-request-id", id);
        app.send(request).await;
        let faults: Vec<_> = logged(id).into_iter().filter(|event| event["target"] != "access").collect();
        assert_eq!((faults.len(), &faults[0]["level"]), (1, &level.into()));
        assert!(faults[0]["error"].as_str().unwrap().contains("db.internal:3306"), "{}", faults[0]);
        assert!(!faults[0].to_string().contains("correct horse"));
    }
}

#[actix_web::test]
async fn a_panic_is_logged_with_its_message() {
    LazyLock::force(&SUBSCRIBED);
    let app = TestApp::start(|_| {}, |_| Hanging::stores());
    app.send(app.request(Method::GET, "/v1/users").header("x-request-id", "log-6")).await;
    let faults: Vec<_> = logged("log-6").into_iter().filter(|event| event["level"] == "ERROR").collect();
    assert_eq!(faults.len(), 1);
    assert!(faults[0]["error"].as_str().unwrap().contains("a handler panicked: a defect"), "{}", faults[0]);
}
