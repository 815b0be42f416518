//! `/auth/sessions` and `/users/{id}/sessions`.

use reqwest::Method;
use serde_json::json;
use testkit::user;

use crate::test_app::{PASSWORD, TestApp};

const SESSIONS: &str = "/api/v1/auth/sessions";

#[actix_web::test]
async fn one_sees_where_one_is_signed_in() {
    let app = TestApp::with_auth();
    let first = app.as_user("ann").await;
    app.as_user("bob").await;
    app.clock.advance(chrono::TimeDelta::seconds(1));
    let login = app.request(Method::POST, "/api/v1/auth/login").header("user-agent", "Phone/1.0");
    assert_eq!(app.send(login.json(&json!({"username": "ann", "password": PASSWORD}))).await.status, 200);
    let answer = first.get(SESSIONS).await;
    assert_eq!((answer.status, answer.header("cache-control")), (200, "private, no-cache"));
    let sessions = answer.json()["sessions"].clone();
    assert_eq!(sessions.as_array().unwrap().len(), 2);
    let mut phone = sessions[0].clone();
    assert_ne!(phone["id"].take(), first.session);
    insta::assert_json_snapshot!(phone, @r#"
    {
      "created_at": "2026-03-04T05:06:08.080910Z",
      "current": false,
      "expires_at": "2026-03-11T05:06:08.080910Z",
      "id": null,
      "ip": "127.0.0.1",
      "last_used_at": "2026-03-04T05:06:08.080910Z",
      "user_agent": "Phone/1.0"
    }
    "#);
    assert_eq!((&sessions[1]["id"], &sessions[1]["current"]), (&json!(first.session), &json!(true)));
}

#[actix_web::test]
async fn one_signs_out_elsewhere() {
    let app = TestApp::with_auth();
    let (here, there, third) = (app.as_user("ann").await, app.login("ann").await, app.login("ann").await);
    let path = format!("{SESSIONS}/{}", there.session);
    assert_eq!(here.delete(&path).await.status, 204);
    assert!(here.is_in().await && !there.is_in().await && third.is_in().await);
    assert_eq!(here.delete(&path).await.problem(), "404 session_not_found", "it has ended");
    assert_eq!(here.delete(SESSIONS).await.status, 204);
    assert!(here.is_in().await && !third.is_in().await);
    assert_eq!(here.delete(&format!("{SESSIONS}/{}", here.session)).await.status, 204);
    assert!(!here.is_in().await);
}

#[actix_web::test]
async fn somebody_elses_session_is_not_there() {
    let app = TestApp::with_auth();
    let (ann, bob, root) = (app.as_user("ann").await, app.as_user("bob").await, app.as_admin().await);
    for caller in [&ann, &root] {
        let answer = caller.delete(&format!("{SESSIONS}/{}", bob.session)).await;
        assert_eq!(answer.problem(), "404 session_not_found");
    }
    assert!(bob.is_in().await);
    assert_eq!(ann.delete(&format!("{SESSIONS}/x")).await.wrong(), ["sid invalid_id"]);
}

#[actix_web::test]
async fn those_who_help_see_and_end_the_sessions_of_users() {
    let app = TestApp::with_auth();
    let (ann, moderator) = (app.as_user("ann").await, app.sign_in(user().named("mo").moderator()).await);
    let again = app.login("ann").await;
    let path = format!("/api/v1/users/{}/sessions", ann.id().await);
    let listed = moderator.get(&path).await.json()["sessions"].clone();
    assert_eq!((listed.as_array().unwrap().len(), &listed[0]["current"]), (2, &json!(false)));
    assert_eq!(moderator.delete(&format!("{path}/{}", ann.session)).await.status, 204);
    assert!(!ann.is_in().await && again.is_in().await);
    let others = format!("{path}/{}", moderator.session);
    assert_eq!(moderator.delete(&others).await.problem(), "404 session_not_found", "of another user");
    assert_eq!(moderator.delete(&path).await.status, 204);
    assert!(!again.is_in().await && moderator.is_in().await);
}

#[actix_web::test]
async fn who_may_not_learns_nothing() {
    let app = TestApp::with_auth();
    let (ann, bob) = (app.as_user("ann").await, app.as_user("bob").await);
    let (moderator, root) = (app.sign_in(user().named("mo").moderator()).await, app.as_admin().await);
    let path = async |of: &crate::signed_in::SignedIn<'_>| format!("/api/v1/users/{}/sessions", of.id().await);
    let (of_bob, of_root) = (path(&bob).await, path(&root).await);
    let (there, nowhere) = (ann.get(&of_bob).await, ann.get("/api/v1/users/999/sessions").await);
    assert_eq!((there.problem(), nowhere.problem()), ("404 user_not_found".into(), "404 user_not_found".into()));
    assert_eq!(ann.delete(&of_bob).await.problem(), "404 user_not_found");
    assert_eq!(moderator.delete(&of_root).await.problem(), "403 forbidden");
    assert_eq!(moderator.delete(&format!("{of_root}/{}", root.session)).await.problem(), "403 forbidden");
    assert_eq!(moderator.get("/api/v1/users/x/sessions").await.wrong(), ["id invalid_id"]);
    assert!(bob.is_in().await && root.is_in().await);
}
