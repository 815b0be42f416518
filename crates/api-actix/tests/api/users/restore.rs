//! `POST /users/{id}/restore`.

use chrono::TimeDelta;
use serde_json::json;

use crate::test_app::{TestApp, new_user};

#[actix_web::test]
async fn a_deleted_user_comes_back_as_they_were() {
    let app = TestApp::new();
    let mut user = app.user("ann").await;
    app.delete("/api/v1/users/1").await;
    app.clock.advance(TimeDelta::hours(1));
    let answer = app.post_nothing("/api/v1/users/1/restore").await;
    user["updated_at"] = "2026-03-04T06:06:07.080910Z".into();
    assert_eq!((answer.status, answer.json(), answer.header("etag")), (200, user, "\"3\""));
    assert_eq!(app.get("/api/v1/users/1").await.status, 200);
}

#[actix_web::test]
async fn a_name_that_was_taken_meanwhile_is_a_conflict() {
    let app = TestApp::new();
    app.user("ann").await;
    app.delete("/api/v1/users/1").await;
    app.user("ann").await;
    assert_eq!(app.post_nothing("/api/v1/users/1/restore").await.problem(), "409 username_taken");
    app.patch("/api/v1/users/2", json!({"username": "bob"})).await;
    assert_eq!(app.post_nothing("/api/v1/users/1/restore").await.problem(), "409 email_taken");
    assert_eq!(app.get("/api/v1/users/1").await.problem(), "404 user_not_found");
}

#[actix_web::test]
async fn restoring_the_living_changes_nothing_and_nobody_is_a_404_problem() {
    let app = TestApp::new();
    let user = app.post("/api/v1/users", new_user("ann")).await.json();
    let answer = app.post_nothing("/api/v1/users/1/restore/").await;
    assert_eq!((answer.status, answer.json(), answer.header("etag")), (200, user, "\"1\""));
    assert_eq!(app.post_nothing("/api/v1/users/2/restore").await.problem(), "404 user_not_found");
    assert_eq!(app.post_nothing("/api/v1/users/x/restore").await.wrong(), ["id invalid_id"]);
}
