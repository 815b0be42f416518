//! `POST /users/{id}/reset-password` and `POST /auth/reset-password`.

use chrono::TimeDelta;
use serde_json::json;
use testkit::user;

use crate::test_app::{PASSWORD, Rules, TestApp};

const RESET: &str = "/api/v1/auth/reset-password";

#[actix_web::test]
async fn a_token_of_an_administrator_is_good_once_for_a_new_password() {
    let app = TestApp::with_auth();
    let (root, ann) = (app.as_admin().await, app.as_user("ann").await);
    let answer = root.post_nothing(&format!("/api/v1/users/{}/reset-password", ann.id().await)).await;
    assert_eq!((answer.status, answer.header("cache-control"), answer.header("pragma")), (200, "no-store", "no-cache"));
    assert_eq!(answer.json()["expires_at"], "2026-03-04T06:06:07.080910Z");
    let token = answer.json()["token"].clone();
    let short = app.post(RESET, json!({"token": token, "new_password": "short"})).await;
    assert_eq!(short.wrong(), ["/new_password too_short"], "and the token is as good as before");
    let body = json!({"token": token, "new_password": "seven llamas"});
    let answer = app.post(RESET, body.clone()).await;
    assert_eq!((answer.status, answer.body.len()), (204, 0));
    assert!(!ann.is_in().await);
    let login = app.post("/api/v1/auth/login", json!({"username": "ann", "password": "seven llamas"})).await;
    assert_eq!(login.status, 200);
    assert_eq!(app.post(RESET, body).await.problem(), "422 reset_token_invalid");
}

#[actix_web::test]
async fn a_token_is_good_for_an_hour_and_until_the_next_one() {
    let app = TestApp::with_auth();
    let root = app.as_admin().await;
    let ann = app.given(user().named("ann")).await;
    let path = format!("/api/v1/users/{}/reset-password", ann.id);
    let first = root.post_nothing(&path).await.json()["token"].clone();
    let second = root.post_nothing(&path).await.json()["token"].clone();
    app.clock.advance(TimeDelta::hours(1));
    for token in [first, second, json!("x"), json!("A".repeat(43))] {
        let answer = app.post(RESET, json!({"token": token, "new_password": "seven llamas"})).await;
        assert_eq!(answer.problem(), "422 reset_token_invalid");
    }
    assert_eq!(app.post(RESET, json!({"token": 1})).await.wrong(), ["/new_password required", "/token wrong_type"]);
}

#[actix_web::test]
async fn only_administrators_make_tokens() {
    let app = TestApp::with_auth();
    let (ann, moderator) = (app.as_user("ann").await, app.sign_in(user().named("mo").moderator()).await);
    let path = format!("/api/v1/users/{}/reset-password", ann.id().await);
    assert_eq!(ann.post_nothing(&path).await.problem(), "403 forbidden");
    assert_eq!(moderator.post_nothing(&path).await.problem(), "403 forbidden");
    let other = format!("/api/v1/users/{}/reset-password", moderator.id().await);
    assert_eq!(ann.post_nothing(&other).await.problem(), "404 user_not_found");
    assert_eq!(moderator.post_nothing("/api/v1/users/x/reset-password").await.wrong(), ["id invalid_id"]);
}

#[actix_web::test]
async fn a_password_that_is_guessed_too_easily_leaves_the_token_good() {
    let app = TestApp::under(Rules { min_password_score: 2, ..Rules::default() }, |c| c.auth_required = true, |s| s);
    let root = app.as_admin().await;
    let ann = app.given(user().named("ann")).await;
    let made = root.post_nothing(&format!("/api/v1/users/{}/reset-password", ann.id)).await;
    let token = made.json()["token"].clone();
    let weak = app.post(RESET, json!({"token": token, "new_password": "Password1234"})).await;
    assert_eq!(weak.wrong(), ["/new_password too_weak"]);
    assert_eq!(app.post(RESET, json!({"token": token, "new_password": PASSWORD})).await.status, 204);
}
