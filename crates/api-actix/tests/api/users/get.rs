//! `GET /users/{id}`.

use std::time::Duration;

use api_actix::UserIdFormat;
use domain::ports::StorageFault;
use reqwest::Method;
use serde_json::json;

use crate::failing::{Broken, Hanging};
use crate::test_app::TestApp;

#[actix_web::test]
async fn a_user_is_found_by_number_and_by_uuid_under_both_bases() {
    let app = TestApp::new();
    let user = app.user("ann").await;
    let uuid = user["uuid"].as_str().unwrap();
    for path in ["/api/v1/users/1", "/v1/users/1", "/v1/users/1/", "/v1/%75sers/%31", &format!("/v1/users/{uuid}")] {
        let answer = app.get(path).await;
        assert_eq!((answer.status, answer.json()), (200, user.clone()), "{path}");
        assert_eq!(answer.header("etag"), "\"1\"");
        assert_eq!(answer.header("cache-control"), "private, no-cache");
        assert_eq!(answer.header("content-type"), "application/json");
    }
}

#[actix_web::test]
async fn nobody_is_a_404_problem() {
    let app = TestApp::new();
    for id in ["1", "0", "99999999999999999999999", &"9".repeat(400), "019cb74d-4a88-7000-8000-000000000001"] {
        let answer = app.get(&format!("/api/v1/users/{id}")).await;
        assert_eq!(answer.problem(), "404 user_not_found");
        assert_eq!(answer.json()["detail"], "User not found");
        assert_eq!(answer.json()["instance"], format!("/api/v1/users/{id}"));
    }
}

#[actix_web::test]
async fn what_is_no_id_is_422() {
    let app = TestApp::new();
    for id in [
        "ann",
        "-1",
        "01",
        "00000000000000000000002",
        "1.0",
        "0x1",
        "1e3",
        "%20",
        "%C3%A9",
        "null",
        "019cb74d4a8870008000000000000001",
    ] {
        assert_eq!(app.get(&format!("/api/v1/users/{id}")).await.wrong(), ["id invalid_id"], "{id}");
    }
}

#[actix_web::test]
async fn where_numbers_are_hidden_they_are_no_ids() {
    let app = TestApp::with(|config| config.user_id_format = UserIdFormat::Uuid);
    let user = app.user("ann").await;
    assert_eq!(app.get("/api/v1/users/1").await.wrong(), ["id invalid_id"]);
    assert_eq!(app.get(&format!("/api/v1/users/{}", user["id"].as_str().unwrap())).await.json(), user);
}

#[actix_web::test]
async fn a_client_that_has_the_version_gets_no_body() {
    let app = TestApp::new();
    app.user("ann").await;
    for (tags, expected) in [
        ("\"1\"", 304),
        ("W/\"1\"", 304),
        ("\"0\", \"1\"", 304),
        ("*", 304),
        ("\"2\"", 200),
        ("\"01\"", 200),
        ("\"é\"", 200),
    ] {
        let answer = app.send(app.request(Method::GET, "/api/v1/users/1").header("if-none-match", tags)).await;
        assert_eq!(answer.status, expected, "{tags}");
        assert_eq!(answer.header("etag"), "\"1\"");
        assert_eq!(answer.header("cache-control"), "private, no-cache");
        assert_eq!(answer.body.is_empty(), expected == 304);
    }
    app.patch("/api/v1/users/1", json!({"locale": "de"})).await;
    let answer = app.send(app.request(Method::GET, "/api/v1/users/1").header("if-none-match", "\"1\"")).await;
    assert_eq!(answer.status, 200);
}

#[actix_web::test]
async fn a_deleted_user_is_shown_to_whoever_asks_for_deleted_ones() {
    let app = TestApp::new();
    app.user("ann").await;
    assert_eq!(app.get("/api/v1/users/1?deleted=true").await.json()["deleted_at"], json!(null));
    app.delete("/api/v1/users/1").await;
    assert_eq!(app.get("/api/v1/users/1").await.problem(), "404 user_not_found");
    assert_eq!(app.get("/api/v1/users/1?deleted=false").await.problem(), "404 user_not_found");
    let answer = app.get("/api/v1/users/1?deleted=true").await;
    assert_eq!(answer.json()["deleted_at"], "2026-03-04T05:06:07.080910Z");
    assert_eq!(app.get("/api/v1/users/1?deleted=maybe").await.wrong(), ["deleted not_a_boolean"]);
}

#[actix_web::test]
async fn a_member_that_was_not_asked_for_is_not_there() {
    let app = TestApp::new();
    assert!(app.user("ann").await.get("deleted_at").is_none());
    assert!(app.get("/api/v1/users/1?unknown=1").await.json().get("deleted_at").is_none());
}

#[actix_web::test]
async fn head_has_the_head_of_get() {
    let app = TestApp::new();
    app.user("ann").await;
    let (get, head) = (app.get("/api/v1/users/1").await, app.send(app.request(Method::HEAD, "/api/v1/users/1")).await);
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.header("content-length"), get.body.len().to_string());
    assert_eq!(head.header("etag"), get.header("etag"));
    let missing = app.send(app.request(Method::HEAD, "/api/v1/users/2")).await;
    assert_eq!((missing.status, missing.body.len()), (404, 0));
    assert_eq!(missing.header("content-type"), "application/problem+json");
}

#[actix_web::test]
async fn a_database_that_is_away_is_503() {
    let app = TestApp::start(|_| {}, |_| Broken::stores(StorageFault::Unavailable));
    assert_eq!(app.get("/api/v1/users/1").await.problem(), "503 unavailable");
}

#[actix_web::test]
async fn an_answer_that_does_not_come_in_time_is_503() {
    let in_time = |config: &mut api_actix::ApiConfig| config.limits.request_time = Duration::from_millis(100);
    let app = TestApp::start(in_time, |_| Hanging::stores());
    let answer = app.get("/api/v1/users/1").await;
    assert_eq!(answer.problem(), "503 unavailable");
    assert_eq!(answer.header("retry-after"), "1");
}

#[actix_web::test]
async fn a_malformed_condition_is_said_before_who_is_there() {
    let app = TestApp::new();
    app.user("ann").await;
    for path in ["/api/v1/users/1", "/api/v1/users/99"] {
        let answer = app.send(app.request(Method::GET, path).header("if-none-match", "1")).await;
        assert_eq!(answer.problem(), "400 malformed_request", "{path}");
    }
}
