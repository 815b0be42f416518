//! `POST /users/{id}/deactivate`.

use reqwest::Method;
use serde_json::{Value, json};

use crate::test_app::TestApp;

#[actix_web::test]
async fn a_user_is_deactivated_for_good_without_a_body() {
    let app = TestApp::new();
    app.user("ann").await;
    let answer = app.post_nothing("/api/v1/users/1/deactivate").await;
    assert_eq!((answer.status, answer.header("etag")), (200, "\"2\""));
    assert_eq!((&answer.json()["is_active"], &answer.json()["suspended_until"]), (&json!(false), &Value::Null));
}

#[actix_web::test]
async fn a_user_is_deactivated_until_a_time_which_is_shown_in_utc() {
    let app = TestApp::new();
    app.user("ann").await;
    let body = json!({"reason": "on leave", "until": "2026-12-24T18:00:00.5+01:00", "unknown": 1});
    let user = app.post("/api/v1/users/1/deactivate", body).await.json();
    assert_eq!(user["suspended_until"], "2026-12-24T17:00:00.500000Z");
    assert_eq!(user["is_active"], false);
}

#[actix_web::test]
async fn a_time_that_is_none_or_is_over_is_refused() {
    let app = TestApp::new();
    app.user("ann").await;
    for (until, code) in [
        (json!("tomorrow"), "not_a_time"),
        (json!("2026-12-24"), "not_a_time"),
        (json!(1_800_000_000), "wrong_type"),
        (json!("2026-03-04T05:06:07.080910Z"), "not_in_the_future"),
    ] {
        let answer = app.post("/api/v1/users/1/deactivate", json!({"until": until})).await;
        assert_eq!(answer.wrong(), [format!("/until {code}")], "{until}");
    }
    let answer = app.post("/api/v1/users/1/deactivate", json!({"reason": "a\u{7}b", "until": "never"})).await;
    assert_eq!(answer.wrong(), ["/reason control_character", "/until not_a_time"]);
}

#[actix_web::test]
async fn another_version_than_the_one_named_is_left_alone() {
    let app = TestApp::new();
    app.user("ann").await;
    let stale = app.request(Method::POST, "/api/v1/users/1/deactivate").header("if-match", "\"5\"");
    assert_eq!(app.send(stale).await.problem(), "412 precondition_failed");
}

#[actix_web::test]
async fn nobody_is_a_404_problem_and_no_id_422() {
    let app = TestApp::new();
    assert_eq!(app.post_nothing("/api/v1/users/1/deactivate").await.problem(), "404 user_not_found");
    assert_eq!(app.post_nothing("/api/v1/users/x/deactivate").await.wrong(), ["id invalid_id"]);
}

#[actix_web::test]
async fn a_leap_second_is_a_moment_that_can_be_kept() {
    let app = TestApp::new();
    app.user("ann").await;
    let answer = app.post("/api/v1/users/1/deactivate", json!({"until": "2998-12-31T23:59:60Z"})).await;
    assert_eq!(answer.json()["suspended_until"], "2998-12-31T23:59:59.999999Z");
    assert_eq!(app.get("/api/v1/users?created_before=2998-12-31T23:59:60Z").await.json()["total"], 1);
}
