//! `GET /auth/me` and `PATCH /auth/me`.

use reqwest::Method;
use serde_json::json;
use testkit::user;

use crate::test_app::{PASSWORD, TestApp};

const ME: &str = "/api/v1/auth/me";

#[actix_web::test]
async fn one_sees_oneself_and_what_one_may_do() {
    let app = TestApp::with_auth();
    let ann = app.sign_in(user().named("ann").moderator()).await;
    let answer = ann.get(ME).await;
    assert_eq!((answer.status, answer.header("etag")), (200, "\"1\""));
    assert_eq!((answer.header("cache-control"), answer.header("vary")), ("private, no-cache", "authorization"));
    let me = answer.json();
    assert_eq!(me["permissions"], json!(["users:read", "users:assist", "sessions:manage"]));
    assert_eq!((&me["username"], &me["must_change_password"]), (&json!("ann"), &json!(false)));
    let mut shown: Vec<_> = me.as_object().unwrap().keys().cloned().collect();
    shown.retain(|name| !["permissions", "must_change_password"].contains(&name.as_str()));
    let user = ann.get("/api/v1/users/1").await.json();
    assert_eq!(shown, user.as_object().unwrap().keys().cloned().collect::<Vec<_>>());
    assert_eq!(app.as_user("bob").await.get(ME).await.json()["permissions"], json!([]));
}

#[actix_web::test]
async fn a_version_that_the_client_has_is_not_sent_again() {
    let app = TestApp::with_auth();
    let ann = app.as_user("ann").await;
    let answer = app.send(ann.request(Method::GET, ME).header("if-none-match", "\"1\"")).await;
    assert_eq!((answer.status, answer.header("vary"), answer.body.len()), (304, "authorization", 0));
    let answer = app.send(ann.request(Method::GET, ME).header("if-none-match", "\"2\"")).await;
    assert_eq!(answer.status, 200);
}

#[actix_web::test]
async fn one_changes_oneself_by_merging() {
    let app = TestApp::with_auth();
    let ann = app.sign_in(user().named("ann").user_metadata(r#"{"a":1,"b":2}"#)).await;
    let answer = ann.patch(ME, json!({"locale": "de", "user_metadata": {"a": null}, "permissions": ["x"]})).await;
    assert_eq!((answer.status, answer.header("etag")), (200, "\"2\""));
    let me = answer.json();
    assert_eq!((&me["locale"], &me["user_metadata"], &me["permissions"]), (&json!("de"), &json!({"b": 2}), &json!([])));
    let stale = ann.request(Method::PATCH, ME).header("if-match", "\"1\"").json(&json!({"locale": "en"}));
    assert_eq!(app.send(stale).await.problem(), "412 precondition_failed");
    assert_eq!(ann.patch(ME, json!({"locale": 5})).await.wrong(), ["/locale wrong_type"]);
}

#[actix_web::test]
async fn nobody_raises_themself() {
    let app = TestApp::with_auth();
    let ann = app.as_user("ann").await;
    for body in [
        json!({"role": "admin"}),
        json!({"is_active": false}),
        json!({"app_metadata": {"plan": "gold"}}),
        json!({"must_change_password": true}),
    ] {
        assert_eq!(ann.patch(ME, body.clone()).await.problem(), "403 forbidden", "{body}");
    }
    let same = ann.patch(ME, ann.get(ME).await.json()).await;
    assert_eq!((same.status, same.header("etag")), (200, "\"1\""), "what was read may be sent back");
}

#[actix_web::test]
async fn what_would_take_the_account_over_needs_the_current_password() {
    let app = TestApp::with_auth();
    let ann = app.as_user("ann").await;
    for change in [json!({"email": "new@example.com"}), json!({"username": "anna"}), json!({"password": "new horse 1"})]
    {
        assert_eq!(ann.patch(ME, change.clone()).await.problem(), "403 current_password_wrong", "{change}");
        let mut wrong = change.clone();
        wrong["current_password"] = json!("wrong horse");
        assert_eq!(ann.patch(ME, wrong).await.problem(), "403 current_password_wrong", "{change}");
    }
    let mut body = json!({"email": "new@example.com", "username": "anna", "password": "new horse 1"});
    body["current_password"] = json!(PASSWORD);
    let answer = ann.patch(ME, body.clone()).await;
    assert_eq!((answer.status, &answer.json()["email"]), (200, &json!("new@example.com")));
    assert!(!answer.text().contains("horse"));
    body["current_password"] = json!(5);
    assert_eq!(ann.put("/api/v1/users/1", body).await.wrong(), ["/current_password wrong_type"]);
    assert!(ann.is_in().await, "the session that changed the password goes on");
}

#[actix_web::test]
async fn guessing_the_current_password_is_as_slow_as_signing_in() {
    let app = TestApp::with_auth();
    let ann = app.as_user("ann").await;
    let body = json!({"email": "new@example.com", "current_password": "wrong horse"});
    for _ in 0..5 {
        assert_eq!(ann.put("/api/v1/users/1", body.clone()).await.problem(), "403 current_password_wrong");
    }
    let answer = ann.put("/api/v1/users/1", body).await;
    assert_eq!((answer.problem().as_str(), answer.header("retry-after")), ("429 too_many_attempts", "30"));
}
