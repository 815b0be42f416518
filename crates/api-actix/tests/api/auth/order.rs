//! The order of checks: 401, 429, the form (415, 400, 422), 403 and 404, 428 and 412, 409. Each request here breaks two
//! neighbours' rules, or more, and is told of the first.

use reqwest::{Method, RequestBuilder};
use serde_json::json;
use testkit::user;

use crate::quotas::quota;
use crate::signed_in::SignedIn;
use crate::test_app::TestApp;

const JSON: &str = "application/json";

fn with(request: RequestBuilder, media_type: &str, body: &'static str) -> RequestBuilder {
    request.header("content-type", media_type).body(body)
}

async fn code(app: &TestApp, request: RequestBuilder) -> String {
    app.send(request).await.problem()
}

fn patch(caller: &SignedIn<'_>, path: &str) -> RequestBuilder {
    caller.request(Method::PATCH, path)
}

#[actix_web::test]
async fn who_calls_comes_before_how_often() {
    let app = TestApp::with(|config| {
        config.auth_required = true;
        config.rate_limits.write = Some(quota("write", 0));
    });
    let ann = app.as_user("ann").await;
    let invalid = app.request(Method::PATCH, "/api/v1/users/1").bearer_auth("x");
    assert_eq!(code(&app, with(invalid, "text/plain", "{")).await, "401 token_invalid");
    let often = with(patch(&ann, "/api/v1/users/1"), "text/plain", "{");
    assert_eq!(code(&app, often).await, "429 too_many_requests");
    for path in ["login", "register", "reset-password"] {
        let app = TestApp::with(|config| config.rate_limits.auth = Some(quota("auth", 0)));
        let often = with(app.request(Method::POST, &format!("/api/v1/auth/{path}")), "text/plain", "{");
        assert_eq!(code(&app, often).await, "429 too_many_requests", "{path}");
    }
    let refresh = with(app.request(Method::POST, "/api/v1/auth/refresh"), "text/plain", "{");
    assert_eq!(code(&app, refresh).await, "429 too_many_requests");
}

#[actix_web::test]
async fn the_form_comes_before_what_one_may() {
    let app = TestApp::with_auth();
    let (ann, other) = (app.as_user("ann").await, "/api/v1/users/999");
    assert_eq!(code(&app, with(patch(&ann, other), "text/plain", "{")).await, "415 unsupported_media_type");
    assert_eq!(code(&app, with(patch(&ann, other), JSON, "{")).await, "400 malformed_json");
    assert_eq!(code(&app, with(patch(&ann, other), JSON, r#"{"role": 5}"#)).await, "422 validation_failed");
    assert_eq!(code(&app, with(patch(&ann, other), JSON, r#"{"role": "admin"}"#)).await, "404 user_not_found");
    let create = |body| with(ann.request(Method::POST, "/api/v1/users"), JSON, body);
    assert_eq!(code(&app, create("{}")).await, "422 validation_failed");
    let whole = r#"{"username": "ann", "email": "ann@example.org", "password": "correct horse"}"#;
    assert_eq!(code(&app, create(whole)).await, "403 forbidden", "although the name is taken");
}

#[actix_web::test]
async fn what_one_may_comes_before_preconditions_and_those_before_conflicts() {
    let app = TestApp::with(|config| {
        config.auth_required = true;
        config.require_if_match = true;
    });
    let (root, ann) = (app.as_admin().await, app.as_user("ann").await);
    let path = format!("/api/v1/users/{}", app.given(user().named("bob")).await.id);
    let own = format!("/api/v1/users/{}", ann.id().await);
    let raise = json!({"role": "admin"});
    assert_eq!(code(&app, patch(&ann, &path).json(&raise)).await, "404 user_not_found");
    assert_eq!(code(&app, patch(&ann, &own).json(&raise)).await, "403 forbidden");
    let stale = patch(&ann, &own).header("if-match", "\"9\"").json(&raise);
    assert_eq!(code(&app, stale).await, "403 forbidden");
    let taken = json!({"username": "ANN", "email": "root@example.org"});
    assert_eq!(code(&app, patch(&root, &path).json(&taken)).await, "428 precondition_required");
    let stale = patch(&root, &path).header("if-match", "\"9\"").json(&taken);
    assert_eq!(code(&app, stale).await, "412 precondition_failed");
    let current = patch(&root, &path).header("if-match", "\"1\"").json(&taken);
    assert_eq!(code(&app, current).await, "409 username_taken");
}
