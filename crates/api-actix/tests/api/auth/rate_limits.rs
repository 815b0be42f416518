//! How often callers may ask.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::user;

use crate::answer::Answer;
use crate::quotas::quota;
use crate::test_app::{PASSWORD, Rules, TestApp, new_user};

fn app(auth: u32, read: u32, write: u32) -> TestApp {
    let rules = Rules { allow_registration: true, ..Rules::default() };
    let limits = |config: &mut api_actix::ApiConfig| {
        config.auth_required = true;
        config.rate_limits.auth = Some(quota("auth", auth));
        config.rate_limits.read = Some(quota("read", read));
        config.rate_limits.write = Some(quota("write", write));
        config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    };
    TestApp::under(rules, limits, |stores| stores)
}

fn told(answer: &Answer) -> (u16, &str, &str) {
    (answer.status, answer.header("ratelimit-policy"), answer.header("ratelimit"))
}

/// A request that came through a trusted proxy from this address.
async fn from(app: &TestApp, address: &str, path: &str, body: Value) -> Answer {
    app.send(app.request(Method::POST, path).header("x-forwarded-for", address).json(&body)).await
}

#[actix_web::test]
async fn every_answer_says_where_the_caller_stands_errors_too() {
    let app = app(10, 3, 10);
    let ann = app.as_user("ann").await;
    let policy = "\"read\";q=3;w=60";
    assert_eq!(told(&ann.get("/api/v1/users/1").await), (200, policy, "\"read\";r=2;t=60"));
    assert_eq!(told(&ann.get("/api/v1/users/x").await), (422, policy, "\"read\";r=1;t=60"));
    let head = app.send(ann.request(Method::HEAD, "/api/v1/users")).await;
    assert_eq!(told(&head), (403, policy, "\"read\";r=0;t=60"));
    let answer = ann.get("/api/v1/users/1").await;
    assert_eq!(told(&answer), (429, policy, "\"read\";r=0;t=60"));
    assert_eq!((answer.problem().as_str(), answer.header("retry-after")), ("429 too_many_requests", "2"));
    let patched = ann.patch("/api/v1/users/1", json!({})).await;
    assert_eq!(told(&patched), (200, "\"write\";q=10;w=60", "\"write\";r=9;t=60"));
}

#[actix_web::test]
async fn users_are_counted_apart_and_sessions_of_one_user_together() {
    let app = app(10, 2, 10);
    let (ann, again, bob) = (app.as_user("ann").await, app.login("ann").await, app.as_user("bob").await);
    assert_eq!(ann.get("/api/v1/auth/me").await.status, 200);
    assert_eq!(again.get("/api/v1/auth/me").await.status, 200);
    assert_eq!(ann.get("/api/v1/auth/me").await.problem(), "429 too_many_requests");
    assert_eq!(bob.get("/api/v1/auth/me").await.status, 200);
}

#[actix_web::test]
async fn whoever_is_nobody_is_counted_for_the_network_and_told_that_they_are_nobody() {
    let app = app(10, 2, 1);
    let ann = app.as_user("ann").await;
    for left in [1, 0, 0] {
        let answer = app.get("/api/v1/users/1").await;
        assert_eq!(answer.problem(), "401 unauthenticated");
        assert_eq!(answer.header("ratelimit"), format!("\"read\";r={left};t=60"));
    }
    assert_eq!(ann.get("/api/v1/users/1").await.header("ratelimit"), "\"read\";r=1;t=60", "users are counted apart");
}

#[actix_web::test]
async fn tries_to_become_somebody_are_counted_together_for_each_network() {
    let app = app(3, 10, 1);
    let login = json!({"username": "ann", "password": PASSWORD});
    let reset = json!({"token": "x", "new_password": PASSWORD});
    let (a, b) = ("2001:db8:1:2::7", "2001:db8:1:2:ffff::8");
    let answer = from(&app, a, "/api/v1/auth/register", new_user("ann")).await;
    assert_eq!(told(&answer), (201, "\"auth\";q=3;w=60", "\"auth\";r=2;t=60"));
    assert_eq!(from(&app, b, "/v1/auth/login", login.clone()).await.status, 200);
    assert_eq!(from(&app, a, "/api/v1/auth/reset-password", reset).await.problem(), "422 reset_token_invalid");
    let answer = from(&app, b, "/api/v1/auth/login", login.clone()).await;
    assert_eq!(told(&answer), (429, "\"auth\";q=3;w=60", "\"auth\";r=0;t=60"));
    assert_eq!(answer.header("retry-after"), "2");
    assert_eq!(from(&app, "2001:db8:1:3::7", "/api/v1/auth/login", login.clone()).await.status, 200);
    assert_eq!(from(&app, "203.0.113.7", "/api/v1/auth/login", login).await.status, 200);
}

#[actix_web::test]
async fn refreshing_is_counted_for_each_session_and_guessing_for_each_network() {
    let app = app(10, 10, 2);
    let (ann, bob) = (app.as_user("ann").await, app.as_user("bob").await);
    let path = "/api/v1/auth/refresh";
    let of = |token: &str| json!({"refresh_token": token});
    for (body, code) in [(of("x"), "401 token_invalid"), (json!({}), "422 validation_failed")] {
        assert_eq!(from(&app, "203.0.113.7", path, body).await.problem(), code);
    }
    for body in [of(&"A".repeat(43)), json!({})] {
        let answer = from(&app, "203.0.113.7", path, body).await;
        assert_eq!(told(&answer), (429, "\"write\";q=2;w=60", "\"write\";r=0;t=60"));
    }
    let next = from(&app, "203.0.113.7", path, of(&ann.refresh_token)).await;
    assert_eq!(told(&next), (200, "\"write\";q=2;w=60", "\"write\";r=1;t=60"), "its session has a count of its own");
    let next = next.json()["refresh_token"].as_str().unwrap().to_owned();
    let last = from(&app, "203.0.113.9", path, of(&next)).await;
    assert_eq!(last.status, 200);
    let last = last.json()["refresh_token"].as_str().unwrap().to_owned();
    assert_eq!(from(&app, "203.0.113.9", path, of(&last)).await.problem(), "429 too_many_requests");
    assert_eq!(from(&app, "203.0.113.7", path, of(&bob.refresh_token)).await.status, 200);
}

#[actix_web::test]
async fn the_state_and_the_documents_of_the_service_are_never_limited() {
    let app = app(1, 1, 1);
    app.reach_storage().await;
    for path in ["/health", "/ready", "/openapi.json", "/.well-known/jwks.json", "/docs", "/problems"] {
        for _ in 0..3 {
            let answer = app.get(path).await;
            assert!(answer.status < 400 && answer.header("ratelimit").is_empty(), "{path} {}", answer.status);
        }
    }
}

#[actix_web::test]
async fn a_handler_that_panics_still_tells_the_limit() {
    let app = TestApp::start(
        |config| {
            config.auth_required = true;
            config.rate_limits.read = Some(quota("read", 5));
        },
        |usual| crate::test_app::Stores { queries: crate::failing::Hanging::stores().queries, ..usual },
    );
    let root = app.sign_in(user().named("root").admin()).await;
    let answer = root.get("/api/v1/users").await;
    assert_eq!(told(&answer), (500, "\"read\";q=5;w=60", "\"read\";r=4;t=60"));
}
