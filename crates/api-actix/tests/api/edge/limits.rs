//! Sizes and times.

use std::time::Duration;

use reqwest::Method;

use crate::raw;
use crate::test_app::{TestApp, new_user};

#[actix_web::test]
async fn a_url_of_8_kib_is_read_and_a_longer_one_is_not() {
    let app = TestApp::new();
    let target = |length: usize| format!("/health?x={}", "a".repeat(length - "/health?x=".len()));
    assert_eq!(app.get(&target(8 * 1024)).await.status, 200);
    let answer = app.get(&target(8 * 1024 + 1)).await;
    assert_eq!(answer.problem(), "414 uri_too_long");
    assert_eq!(answer.json()["instance"], "/health");
}

#[actix_web::test]
async fn a_head_over_16_kib_is_not_read() {
    let app = TestApp::new();
    let request = |length: usize| app.request(Method::GET, "/health").header("cookie", "a".repeat(length));
    assert_eq!(app.send(request(15 * 1024)).await.status, 200);
    assert_eq!(app.send(request(16 * 1024)).await.problem(), "431 headers_too_large");
}

#[actix_web::test]
async fn a_large_body_is_refused_before_it_is_sent() {
    let app = TestApp::new();
    let head =
        "POST /v1/users HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 65537\r\n\r\n";
    let answer = raw::exchange(app.address, head).await;
    assert_eq!(raw::status(&answer), "413", "{answer}");
    assert!(answer.contains("\"code\":\"payload_too_large\""));
}

#[actix_web::test]
async fn a_body_that_stalls_is_a_408_problem() {
    let app = TestApp::with(|config| config.limits.request_time = Duration::from_millis(200));
    for framing in ["Content-Length: 100", "Transfer-Encoding: chunked"] {
        let head = format!(
            "POST /v1/users HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{framing}\r\n\r\n"
        );
        let answer = raw::exchange(app.address, head).await;
        assert_eq!(raw::status(&answer), "408", "{answer}");
        assert!(answer.contains("\"code\":\"request_timeout\""), "{answer}");
    }
}

#[actix_web::test]
async fn a_head_that_stalls_is_given_up() {
    let app = TestApp::with(|config| config.limits.head_time = Duration::from_millis(300));
    let answer = raw::exchange(app.address, "GET /health HTTP/1.1\r\nHost: loc").await;
    assert_eq!(raw::status(&answer), "408", "{answer}");
}

#[actix_web::test]
async fn an_endless_body_is_cut_off_soon_after_an_early_answer() {
    let app = TestApp::new();
    for (media_type, status) in [("text/plain", "415"), ("application/json", "413")] {
        let head = format!(
            "POST /v1/users HTTP/1.1\r\nHost: localhost\r\nContent-Type: {media_type}\r\nTransfer-Encoding: chunked\r\n\r\n"
        );
        let chunk = [b"4000\r\n", "x".repeat(0x4000).as_bytes(), b"\r\n"].concat();
        let (time, answer) = raw::send_without_end(app.address, head, chunk).await;
        assert!(time < Duration::from_secs(4), "{time:?}");
        assert!(answer.is_empty() || raw::status(&answer) == status, "{answer}");
    }
}

#[actix_web::test]
async fn a_small_body_that_nobody_read_does_not_cost_the_connection() {
    let app = TestApp::new();
    let refused =
        "POST /v1/users HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello";
    let next = "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let answers = raw::exchange(app.address, format!("{refused}{next}")).await;
    assert!(answers.contains("415") && answers.contains("healthy"), "{answers}");
}

#[actix_web::test]
async fn a_write_ends_although_its_client_left() {
    let app = TestApp::new();
    let request = app.request(Method::POST, "/api/v1/users").json(&new_user("ann"));
    let _ = request.timeout(Duration::from_micros(1)).send().await;
    assert_eq!(app.post("/api/v1/users", new_user("bob")).await.status, 201);
    let total = app.get("/api/v1/users").await.json()["total"].as_u64().unwrap();
    assert_eq!(total, u64::try_from(app.events().await.len()).unwrap());
}

#[actix_web::test]
async fn what_the_parser_refuses_is_a_bare_status() {
    let app = TestApp::new();
    for request in [
        "GET /health HTTP/1.1\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "nonsense\r\n\r\n",
    ] {
        let answer = raw::exchange(app.address, request).await;
        assert_eq!(raw::status(&answer), "400", "{request}: {answer}");
    }
}

#[actix_web::test]
async fn a_client_that_reads_no_answers_is_disconnected() {
    let app = TestApp::with(|config| config.limits.unread_time = Duration::from_millis(500));
    let requests = "GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(100);
    assert!(raw::is_reset_without_reading(app.address, requests).await);
}
