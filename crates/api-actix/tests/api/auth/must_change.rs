//! Accounts whose owners must choose another password first.

use serde_json::json;
use testkit::user;

use crate::test_app::{PASSWORD, TestApp};

#[actix_web::test]
async fn nothing_is_answered_but_the_way_to_another_password() {
    let app = TestApp::with_auth();
    let ann = app.sign_in(user().named("ann").admin().must_change_password()).await;
    assert_eq!(ann.get("/api/v1/auth/me").await.json()["must_change_password"], true);
    for (path, body) in [("/api/v1/users/1", json!({"locale": "de"})), ("/api/v1/auth/me", json!({"locale": "de"}))] {
        assert_eq!(ann.patch(path, body).await.problem(), "403 password_change_required", "{path}");
    }
    for path in ["/api/v1/users/1", "/api/v1/users", "/api/v1/auth/sessions"] {
        assert_eq!(ann.get(path).await.problem(), "403 password_change_required", "{path}");
    }
    let body = json!({"current_password": PASSWORD, "new_password": "seven llamas"});
    assert_eq!(ann.post("/api/v1/auth/change-password", body).await.status, 204);
    assert_eq!(ann.get("/api/v1/auth/me").await.json()["must_change_password"], false);
    assert_eq!(ann.get("/api/v1/users").await.status, 200);
}

#[actix_web::test]
async fn whoever_must_may_also_leave() {
    let app = TestApp::with_auth();
    let ann = app.sign_in(user().named("ann").must_change_password()).await;
    assert_eq!(ann.post_nothing("/api/v1/auth/logout").await.status, 204);
}

#[actix_web::test]
async fn administrators_ask_for_another_password_when_they_make_or_change_an_account() {
    let app = TestApp::with_auth();
    let root = app.as_admin().await;
    let body =
        json!({"username": "ann", "email": "ann@example.com", "password": PASSWORD, "must_change_password": true});
    let made = root.post("/api/v1/users", body).await;
    assert_eq!((made.status, &made.json()["must_change_password"]), (201, &json!(null)));
    let ann = app.login("ann").await;
    assert_eq!(ann.get("/api/v1/users").await.problem(), "403 password_change_required");
    let path = format!("/api/v1/users/{}", made.json()["id"]);
    assert_eq!(
        root.patch(&path, json!({"must_change_password": "yes"})).await.wrong(),
        ["/must_change_password wrong_type"]
    );
    assert_eq!(root.patch(&path, json!({"must_change_password": false})).await.status, 200);
    assert_eq!(ann.get(&path).await.status, 200);
}
