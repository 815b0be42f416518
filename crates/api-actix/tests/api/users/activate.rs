//! `POST /users/{id}/activate`.

use reqwest::Method;
use serde_json::{Value, json};

use crate::test_app::TestApp;

#[actix_web::test]
async fn an_activated_user_is_active_and_no_longer_suspended() {
    let app = TestApp::new();
    app.user("ann").await;
    app.post("/api/v1/users/1/deactivate", json!({"until": "2027-01-01T00:00:00Z"})).await;
    let answer = app.post_nothing("/api/v1/users/1/activate").await;
    assert_eq!((answer.status, answer.header("etag")), (200, "\"3\""));
    assert_eq!((&answer.json()["is_active"], &answer.json()["suspended_until"]), (&json!(true), &Value::Null));
}

#[actix_web::test]
async fn activating_the_active_changes_nothing() {
    let app = TestApp::new();
    let user = app.user("ann").await;
    let answer = app.post_nothing("/v1/users/1/activate").await;
    assert_eq!((answer.status, answer.json(), answer.header("etag")), (200, user, "\"1\""));
}

#[actix_web::test]
async fn another_version_than_the_one_named_is_left_alone() {
    let app = TestApp::new();
    app.user("ann").await;
    let stale = app.request(Method::POST, "/api/v1/users/1/activate").header("if-match", "\"5\"");
    assert_eq!(app.send(stale).await.problem(), "412 precondition_failed");
}

#[actix_web::test]
async fn nobody_is_a_404_problem_and_no_id_422() {
    let app = TestApp::new();
    assert_eq!(app.post_nothing("/api/v1/users/1/activate").await.problem(), "404 user_not_found");
    assert_eq!(app.post_nothing("/api/v1/users/x/activate").await.wrong(), ["id invalid_id"]);
}
