//! `POST /users/{id}/unlock`.

use serde_json::json;
use testkit::user;

use crate::test_app::{PASSWORD, TestApp};

#[actix_web::test]
async fn whoever_failed_too_often_may_try_again_at_once() {
    let app = TestApp::with_auth();
    let moderator = app.sign_in(user().named("mo").moderator()).await;
    let ann = app.given(user().named("ann")).await;
    let login = async |password: &str| {
        app.post("/api/v1/auth/login", json!({"username": "ann", "password": password})).await.status
    };
    for _ in 0..5 {
        assert_eq!(login("wrong horse").await, 401);
    }
    assert_eq!(login(PASSWORD).await, 429);
    let path = format!("/api/v1/users/{}/unlock", ann.id);
    let answer = moderator.post_nothing(&path).await;
    assert_eq!((answer.status, answer.header("etag"), &answer.json()["username"]), (200, "\"1\"", &json!("ann")));
    assert_eq!(login(PASSWORD).await, 200);
    assert_eq!(moderator.post_nothing(&path).await.status, 200, "again, and nothing happens");
    let events = app.events().await;
    assert_eq!(events.iter().filter(|event| event.action == "user.unlocked").count(), 1);
}

#[actix_web::test]
async fn who_may_not_is_told_so_or_that_nobody_is_there() {
    let app = TestApp::with_auth();
    let (ann, moderator) = (app.as_user("ann").await, app.sign_in(user().named("mo").moderator()).await);
    let root = app.given(user().named("root").admin()).await;
    let path = format!("/api/v1/users/{}/unlock", root.id);
    assert_eq!(moderator.post_nothing(&path).await.problem(), "403 forbidden");
    assert_eq!(ann.post_nothing(&path).await.problem(), "404 user_not_found");
    assert_eq!(moderator.post_nothing("/api/v1/users/999/unlock").await.problem(), "404 user_not_found");
    assert_eq!(moderator.post_nothing("/api/v1/users/x/unlock").await.wrong(), ["id invalid_id"]);
}
