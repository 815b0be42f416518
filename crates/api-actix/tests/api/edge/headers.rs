//! Request ids and the headers that every answer has.

use reqwest::Method;

use crate::raw;
use crate::test_app::TestApp;

#[actix_web::test]
async fn a_usable_request_id_is_taken_over_and_any_other_replaced() {
    let app = TestApp::new();
    for (given, is_kept) in [
        ("Abc-1._2", true),
        (&*"a".repeat(128), true),
        (&*"a".repeat(129), false),
        ("a b", false),
        ("a/b", false),
        ("", false),
    ] {
        let answer = app.send(app.request(Method::GET, "/health").header("x-request-id", given)).await;
        assert_eq!(answer.header("x-request-id") == given, is_kept, "{given}");
        assert!(!answer.header("x-request-id").is_empty());
    }
}

#[actix_web::test]
async fn two_request_ids_are_none() {
    let app = TestApp::new();
    let request = app.request(Method::GET, "/health").header("x-request-id", "one").header("x-request-id", "two");
    let answer = app.send(request).await;
    assert!(!["one", "two"].contains(&answer.header("x-request-id")));
}

#[actix_web::test]
async fn every_answer_has_the_protective_headers() {
    let app = TestApp::new();
    app.user("ann").await;
    for path in [
        "/api/v1/users/1",
        "/api/v1/users",
        "/health",
        "/nothing",
        "/api/v1/users/x",
        "/v1//users",
        "/docs/index.html",
        "/problems/internal",
    ] {
        let answer = app.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin", "{path}");
        assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
        assert!(!answer.header("cache-control").is_empty(), "{path}");
        assert!(!answer.header("x-request-id").is_empty(), "{path}");
        assert_eq!(answer.header("server"), "", "{path}");
    }
}

#[actix_web::test]
async fn an_error_shows_the_request_id_that_the_caller_gave() {
    let app = TestApp::new();
    let answer = app.send(app.request(Method::GET, "/v1/users/9").header("x-request-id", "mine")).await;
    assert_eq!(answer.problem(), "404 user_not_found");
    assert_eq!(answer.json()["request_id"], "mine");
}

#[actix_web::test]
async fn pipelined_requests_are_answered_in_order_and_head_without_a_body() {
    let app = TestApp::new();
    let head = "HEAD /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let get = "GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let last = "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let answers = raw::exchange(app.address, format!("{head}{get}{last}")).await;
    let statuses: Vec<_> = answers.match_indices("HTTP/1.1 ").map(|(at, _)| &answers[at + 9..at + 12]).collect();
    assert_eq!(statuses, ["200", "404", "200"]);
    assert_eq!(answers.matches("healthy").count(), 1);
}

#[actix_web::test]
async fn a_head_between_pipelined_gets_is_answered_without_a_body_and_they_with_one() {
    let app = TestApp::new();
    let of = |method: &str, end: &str| format!("{method} /health HTTP/1.1\r\nHost: localhost\r\n{end}\r\n");
    let requests = [of("GET", ""), of("HEAD", ""), of("HEAD", ""), of("GET", "Connection: close\r\n")];
    let answers = raw::exchange(app.address, requests.concat()).await;
    let bodies: Vec<_> = answers.split("HTTP/1.1 200 OK").skip(1).map(|answer| answer.contains("healthy")).collect();
    assert_eq!(bodies, [true, false, false, true], "{answers}");
    assert_eq!(answers.to_lowercase().matches("content-length: 20").count(), 4, "{answers}");
}
