//! `AUTH_REQUIRED=false`: everybody is an administrator, and whoever shows a token is themself.

use reqwest::Method;
use serde_json::json;

use crate::quotas::quota;
use crate::test_app::TestApp;

#[actix_web::test]
async fn a_token_that_is_there_names_its_actor() {
    let app = TestApp::new();
    let ann = app.as_user("ann").await;
    assert_eq!(app.get("/api/v1/users").await.status, 200);
    assert_eq!(ann.get("/api/v1/users").await.problem(), "403 forbidden");
    assert_eq!(ann.patch("/api/v1/users/1", json!({"locale": "de"})).await.status, 200);
    let events = app.events().await;
    assert!(events.iter().any(|event| event.action == "user.updated" && event.actor_name.as_deref() == Some("ann")));
}

#[actix_web::test]
async fn a_token_that_is_not_good_is_refused_all_the_same() {
    let app = TestApp::new();
    let ann = app.as_user("ann").await;
    app.clock.advance(chrono::TimeDelta::hours(1));
    assert_eq!(ann.get("/api/v1/users").await.problem(), "401 token_expired");
    for header in ["Bearer x", "Basic Og==", ""] {
        let answer = app.send(app.request(Method::GET, "/api/v1/users").header("authorization", header)).await;
        assert_eq!(answer.status, 401, "{header}");
    }
}

#[actix_web::test]
async fn what_is_about_oneself_needs_a_token() {
    let app = TestApp::new();
    for (method, path) in [
        (Method::GET, "me"),
        (Method::PATCH, "me"),
        (Method::POST, "logout"),
        (Method::POST, "change-password"),
        (Method::GET, "sessions"),
        (Method::DELETE, "sessions"),
        (Method::DELETE, "sessions/019aa5b0-7c1e-7000-8000-00000000005e"),
    ] {
        let answer = app.send(app.request(method, &format!("/api/v1/auth/{path}"))).await;
        assert_eq!(answer.problem(), "401 unauthenticated", "{path}");
    }
    assert_eq!(app.as_user("ann").await.get("/api/v1/auth/me").await.status, 200);
}

#[actix_web::test]
async fn reads_and_writes_have_no_limits_and_tries_do() {
    let app = TestApp::with(|config| {
        config.rate_limits.read = Some(quota("read", 1));
        config.rate_limits.write = Some(quota("write", 1));
        config.rate_limits.auth = Some(quota("auth", 3));
    });
    let ann = app.as_user("ann").await;
    for _ in 0..3 {
        assert_eq!(app.get("/api/v1/users").await.header("ratelimit"), "");
        assert_eq!(ann.get("/api/v1/users/1").await.status, 200);
        assert_eq!(ann.patch("/api/v1/users/1", json!({})).await.status, 200);
    }
    let answer = app.post("/api/v1/auth/login", json!({})).await;
    assert_eq!((answer.status, answer.header("ratelimit")), (422, "\"auth\";r=1;t=60"));
}
