//! `PATCH /users/{id}`.

use reqwest::Method;
use serde_json::json;

use crate::test_app::TestApp;

#[actix_web::test]
async fn a_merge_patch_changes_what_it_names() {
    let app = TestApp::new();
    app.user("ann").await;
    for media_type in
        ["application/merge-patch+json", "application/json", "application/merge-patch+json; charset=utf-8"]
    {
        let patch = app.request(Method::PATCH, "/api/v1/users/1").header("content-type", media_type);
        let answer = app.send(patch.body(format!(r#"{{"last_name": "{media_type}"}}"#))).await;
        assert_eq!((answer.status, &answer.json()["last_name"]), (200, &json!(media_type)));
    }
}

#[actix_web::test]
async fn a_patch_of_another_type_is_told_which_ones_are_taken() {
    let app = TestApp::new();
    let patch = app.request(Method::PATCH, "/api/v1/users/1").header("content-type", "application/json-patch+json");
    let answer = app.send(patch.body("[]")).await;
    assert_eq!(answer.problem(), "415 unsupported_media_type");
    assert_eq!(answer.header("accept-patch"), "application/merge-patch+json, application/json");
}

#[actix_web::test]
async fn a_tag_of_any_text_is_a_version_that_is_not_there() {
    let app = TestApp::new();
    app.user("ann").await;
    let patch = app.request(Method::PATCH, "/api/v1/users/1").header("if-match", "\"é\"");
    assert_eq!(app.send(patch.json(&json!({"locale": "de"}))).await.problem(), "412 precondition_failed");
}

#[actix_web::test]
async fn metadata_are_merged() {
    let app = TestApp::new();
    app.user("ann").await;
    app.patch("/api/v1/users/1", json!({"app_metadata": {"a": 1, "b": {"c": 2, "d": 3}}})).await;
    let user = app.patch("/api/v1/users/1", json!({"app_metadata": {"a": null, "b": {"c": [4]}}})).await.json();
    assert_eq!(user["app_metadata"], json!({"b": {"c": [4], "d": 3}}));
}

#[actix_web::test]
async fn metadata_that_grow_too_large_are_refused_where_they_stand() {
    let app = TestApp::new();
    app.user("ann").await;
    let part = |name: &str| json!({"user_metadata": {name: "x".repeat(9000)}});
    assert_eq!(app.patch("/api/v1/users/1", part("a")).await.status, 200);
    assert_eq!(app.patch("/api/v1/users/1", part("b")).await.wrong(), ["/user_metadata too_large"]);
}

#[actix_web::test]
async fn a_patch_without_a_body_changes_nothing() {
    let app = TestApp::new();
    let user = app.user("ann").await;
    let answer = app.send(app.request(Method::PATCH, "/api/v1/users/1")).await;
    assert_eq!((answer.status, answer.json()), (200, user));
    assert_eq!(app.events().await.len(), 1);
}

#[actix_web::test]
async fn a_new_password_is_never_shown_but_changes_the_version() {
    let app = TestApp::new();
    app.user("ann").await;
    let answer = app.patch("/api/v1/users/1", json!({"password": "another horse"})).await;
    assert_eq!((answer.status, answer.header("etag")), (200, "\"2\""));
    assert!(!answer.text().contains("horse"));
}

#[actix_web::test]
async fn every_wrong_member_is_named() {
    let app = TestApp::new();
    app.user("ann").await;
    let body = json!({"username": "a b", "locale": 5, "is_active": 1, "role": "root", "external_id": "", "app_metadata": "{}"});
    insta::assert_debug_snapshot!(app.patch("/api/v1/users/1", body).await.wrong(), @r#"
    [
        "/app_metadata wrong_type",
        "/external_id too_short",
        "/is_active wrong_type",
        "/locale wrong_type",
        "/role invalid_role",
        "/username whitespace",
    ]
    "#);
}

#[actix_web::test]
async fn a_deleted_user_is_not_changed() {
    let app = TestApp::new();
    app.user("ann").await;
    app.delete("/api/v1/users/1").await;
    assert_eq!(app.patch("/api/v1/users/1", json!({"locale": "de"})).await.problem(), "404 user_not_found");
}
