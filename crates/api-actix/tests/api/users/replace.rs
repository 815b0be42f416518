//! `PUT /users/{id}`.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};

use crate::test_app::TestApp;

#[actix_web::test]
async fn what_is_named_changes_and_what_is_missing_stays() {
    let app = TestApp::new();
    let before = app.user("ann").await;
    app.clock.advance(TimeDelta::minutes(1));
    let answer = app.put("/api/v1/users/1", json!({"full_name": "Ann Archer", "role": "moderator"})).await;
    assert_eq!((answer.status, answer.header("etag")), (200, "\"2\""));
    let after = answer.json();
    assert_eq!((&after["full_name"], &after["role"]), (&json!("Ann Archer"), &json!("moderator")));
    assert_eq!((&after["username"], &after["created_at"]), (&before["username"], &before["created_at"]));
    assert_eq!(after["updated_at"], "2026-03-04T05:07:07.080910Z");
    assert_eq!(app.get("/api/v1/users/1").await.json(), after);
}

#[actix_web::test]
async fn null_clears_what_is_optional_and_nothing_else() {
    let app = TestApp::new();
    app.user("ann").await;
    app.put("/api/v1/users/1", json!({"full_name": "Ann", "external_id": "x", "user_metadata": {"a": 1}})).await;
    let cleared =
        app.put("/api/v1/users/1", json!({"full_name": null, "external_id": null, "user_metadata": null})).await.json();
    assert_eq!((&cleared["full_name"], &cleared["external_id"]), (&Value::Null, &Value::Null));
    assert_eq!(cleared["user_metadata"], json!({}));
    let required = json!({"username": null, "email": null, "password": null, "role": null, "is_active": null});
    let wrong = app.put("/api/v1/users/1", required).await.wrong();
    let names = ["email", "is_active", "password", "role", "username"];
    assert_eq!(wrong, names.map(|name| format!("/{name} null_not_allowed")));
}

#[actix_web::test]
async fn metadata_are_replaced() {
    let app = TestApp::new();
    app.user("ann").await;
    app.put("/api/v1/users/1", json!({"user_metadata": {"a": 1, "b": {"c": 2}}})).await;
    let user = app.put("/api/v1/users/1", json!({"user_metadata": {"b": {"d": null}}})).await.json();
    assert_eq!(user["user_metadata"], json!({"b": {"d": null}}));
}

#[actix_web::test]
async fn what_was_read_may_be_sent_back() {
    let app = TestApp::new();
    let user = app.user("ann").await;
    app.clock.advance(TimeDelta::minutes(1));
    let answer = app.put("/api/v1/users/1", user.clone()).await;
    assert_eq!((answer.status, answer.json(), answer.header("etag")), (200, user, "\"1\""));
}

#[actix_web::test]
async fn a_change_based_on_an_old_version_is_refused() {
    let app = TestApp::new();
    app.user("ann").await;
    let put = |tag: &'static str, locale: &'static str| {
        app.request(Method::PUT, "/api/v1/users/1").header("if-match", tag).json(&json!({"locale": locale}))
    };
    assert_eq!(app.send(put("\"1\"", "de")).await.status, 200);
    for tag in ["\"1\"", "W/\"2\"", "\"other\"", "\"02\""] {
        assert_eq!(app.send(put(tag, "fr")).await.problem(), "412 precondition_failed", "{tag}");
    }
    assert_eq!(app.get("/api/v1/users/1").await.json()["locale"], "de");
    assert_eq!(app.send(put("\"7\", \"2\"", "fr")).await.status, 200);
    assert_eq!(app.send(put("*", "it")).await.status, 200);
    assert_eq!(app.send(put("3", "es")).await.problem(), "400 malformed_request");
}

#[actix_web::test]
async fn a_change_without_a_version_is_refused_where_one_is_required() {
    let app = TestApp::with(|config| config.require_if_match = true);
    app.user("ann").await;
    assert_eq!(app.put("/api/v1/users/1", json!({"locale": "de"})).await.problem(), "428 precondition_required");
    assert_eq!(app.patch("/api/v1/users/1", json!({"locale": "de"})).await.problem(), "428 precondition_required");
    assert_eq!(app.delete("/api/v1/users/1").await.problem(), "428 precondition_required");
    let put = app.request(Method::PUT, "/api/v1/users/1").header("if-match", "\"1\"").json(&json!({"locale": "de"}));
    assert_eq!(app.send(put).await.status, 200);
}

#[actix_web::test]
async fn the_form_comes_before_the_user_the_user_before_the_version_and_the_version_before_conflicts() {
    let app = TestApp::new();
    app.user("ann").await;
    app.user("bob").await;
    let put = |id: u8, body: &'static str| {
        let request = app.request(Method::PUT, &format!("/api/v1/users/{id}")).header("if-match", "\"9\"");
        request.header("content-type", "application/json").body(body)
    };
    assert_eq!(app.send(put(7, "{")).await.problem(), "400 malformed_json");
    assert_eq!(app.send(put(7, r#"{"email": 1}"#)).await.problem(), "422 validation_failed");
    assert_eq!(app.send(put(7, r#"{"username": "bob"}"#)).await.problem(), "404 user_not_found");
    assert_eq!(app.send(put(1, r#"{"username": "bob"}"#)).await.problem(), "412 precondition_failed");
    assert_eq!(app.put("/api/v1/users/1", json!({"username": "bob"})).await.problem(), "409 username_taken");
    assert_eq!(app.put("/api/v1/users/1", json!({"email": "BOB@example.com"})).await.problem(), "409 email_taken");
}

#[actix_web::test]
async fn a_merge_patch_is_no_replacement() {
    let app = TestApp::new();
    app.user("ann").await;
    let put =
        app.request(Method::PUT, "/api/v1/users/1").header("content-type", "application/merge-patch+json").body("{}");
    assert_eq!(app.send(put).await.problem(), "415 unsupported_media_type");
}

#[actix_web::test]
async fn nobody_is_a_404_problem_and_no_id_422() {
    let app = TestApp::new();
    assert_eq!(app.put("/api/v1/users/1", json!({})).await.problem(), "404 user_not_found");
    assert_eq!(app.put("/api/v1/users/ann", json!({})).await.wrong(), ["id invalid_id"]);
}
