//! `POST /auth/login`.

use domain::ports::StorageFault;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::user;

use crate::answer::Answer;
use crate::failing::Broken;
use crate::test_app::{PASSWORD, TestApp};

const LOGIN: &str = "/api/v1/auth/login";

async fn form(app: &TestApp, body: &str) -> Answer {
    let request = app.request(Method::POST, LOGIN).header("content-type", "application/x-www-form-urlencoded");
    app.send(request.body(body.to_owned())).await
}

#[actix_web::test]
async fn a_name_and_a_password_are_answered_with_tokens_that_nobody_keeps() {
    let app = TestApp::with_auth();
    app.given(user().named("ann")).await;
    let answer = app.post(LOGIN, json!({"username": "Ann", "password": PASSWORD, "unknown": 1})).await;
    assert_eq!((answer.status, answer.header("cache-control"), answer.header("pragma")), (200, "no-store", "no-cache"));
    let mut tokens = answer.json();
    assert_eq!(tokens["session_id"].take().as_str().map(str::len), Some(36));
    insta::assert_json_snapshot!(tokens, @r#"
    {
      "access_token": "access-0",
      "expires_in": 900,
      "refresh_expires_in": 604800,
      "refresh_token": "____________________________________token-1",
      "session_id": null,
      "token_type": "bearer"
    }
    "#);
    assert!(app.events().await.iter().any(|event| event.action == "auth.login" && event.ip.is_some()));
}

#[actix_web::test]
async fn an_email_address_is_a_name_too_under_either_member() {
    let app = TestApp::with_auth();
    app.given(user().named("ann")).await;
    for member in ["username", "email"] {
        let answer = app.post(LOGIN, json!({member: "ANN@example.org", "password": PASSWORD})).await;
        assert_eq!(answer.status, 200, "{member}");
    }
    let both = json!({"username": "ann", "email": "bob", "password": PASSWORD});
    assert_eq!(app.post(LOGIN, both).await.status, 200);
}

#[actix_web::test]
async fn the_form_of_oauth_is_read_as_swagger_ui_sends_it() {
    let app = TestApp::with_auth();
    app.given(user().named("ann")).await;
    let request = app.request(Method::POST, LOGIN).header("authorization", "Basic Og==");
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let body = "grant_type=password&username=ann&password=correct+horse&scope=&client_id=&client_secret=";
    assert_eq!(app.send(request.body(body)).await.json()["token_type"], "bearer");
    assert_eq!(form(&app, "username=ann&password=correct%20horse").await.status, 200);
}

#[actix_web::test]
async fn a_page_that_is_not_ours_cannot_make_its_visitors_fail() {
    let app = TestApp::with_auth();
    app.given(user().named("ann")).await;
    let post = |origin: &'static str| {
        let request = app.request(Method::POST, LOGIN).header("host", "api.example.com").header("origin", origin);
        app.send(
            request.header("content-type", "application/x-www-form-urlencoded").body("username=ann&password=wrong"),
        )
    };
    for _ in 0..6 {
        let answer = post("https://evil.example").await;
        assert_eq!(
            (answer.problem().as_str(), answer.header("ratelimit")),
            ("403 forbidden_origin", ""),
            "not counted"
        );
    }
    assert_eq!(post("https://api.example.com").await.problem(), "401 invalid_credentials");
    assert_eq!(form(&app, "username=ann&password=correct%20horse").await.status, 200);
}

#[actix_web::test]
async fn other_grants_are_not_offered_here() {
    let app = TestApp::with_auth();
    for grant in ["client_credentials", "refresh_token", "PASSWORD"] {
        let answer = form(&app, &format!("grant_type={grant}&username=ann&password=x")).await;
        assert_eq!(answer.problem(), "400 unsupported_grant_type", "{grant}");
        assert!(answer.json()["detail"].as_str().unwrap().contains("must be password"));
    }
    assert_eq!(form(&app, "username=ann&username=bob&password=x").await.problem(), "400 malformed_request");
    assert_eq!(form(&app, "username=%ff&password=x").await.problem(), "400 malformed_request");
}

#[actix_web::test]
async fn whatever_is_wrong_the_answer_is_the_same() {
    let app = TestApp::with_auth();
    app.given(user().named("ann")).await;
    app.given(user().named("ida").inactive()).await;
    let gone = app.given(user().named("gone")).await;
    app.as_admin().await.delete(&format!("/api/v1/users/{}", gone.id)).await;
    let mut answers = Vec::new();
    for (name, password) in [
        ("ann", "wrong horse"),
        ("nobody", PASSWORD),
        ("ida", PASSWORD),
        ("gone", PASSWORD),
        ("", ""),
        ("ann", &"x".repeat(10_000)),
    ] {
        let answer = app.post(LOGIN, json!({"username": name, "password": password})).await;
        assert_eq!(answer.problem(), "401 invalid_credentials", "{name}");
        assert_eq!(answer.header("www-authenticate"), r#"Bearer realm="usermgmt""#, "{name}");
        let mut body = answer.json();
        assert_eq!(body["detail"], "Invalid credentials");
        body["request_id"] = Value::Null;
        answers.push(body);
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
}

#[actix_web::test]
async fn missing_and_wrong_members_are_all_named() {
    let app = TestApp::with_auth();
    for (body, wrong) in [
        (json!({}), ["/password required", "/username required"].as_slice()),
        (json!({"username": 1, "password": null}), &["/password null_not_allowed", "/username wrong_type"]),
        (json!({"email": ["a"], "password": "x"}), &["/email wrong_type"]),
        (
            json!({"username": null, "email": "ann", "password": "x\0"}),
            &["/password control_character", "/username null_not_allowed"],
        ),
        (json!({"username": "ann", "password": "x", "grant_type": 5}), &["/grant_type wrong_type"]),
    ] {
        assert_eq!(app.post(LOGIN, body.clone()).await.wrong(), wrong, "{body}");
    }
    assert_eq!(app.post_nothing(LOGIN).await.wrong(), ["/password required", "/username required"]);
    assert_eq!(form(&app, "username=&password").await.wrong(), ["/password required", "/username required"]);
    let text = app.request(Method::POST, LOGIN).header("content-type", "text/plain").body("{}");
    assert_eq!(app.send(text).await.problem(), "415 unsupported_media_type");
    let broken = app.request(Method::POST, LOGIN).header("content-type", "application/json").body("{");
    assert_eq!(app.send(broken).await.problem(), "400 malformed_json");
}

#[actix_web::test]
async fn after_five_failures_even_the_right_password_must_wait_alike_for_names_that_nobody_has() {
    let app = TestApp::with_auth();
    app.given(user().named("ann")).await;
    for name in ["ann", "nobody"] {
        for _ in 0..5 {
            let answer = app.post(LOGIN, json!({"username": name, "password": "wrong horse"})).await;
            assert_eq!(answer.problem(), "401 invalid_credentials");
        }
        let answer = app.post(LOGIN, json!({"username": name, "password": PASSWORD})).await;
        assert_eq!((answer.problem().as_str(), answer.header("retry-after")), ("429 too_many_attempts", "30"));
    }
    app.clock.advance(chrono::TimeDelta::seconds(30));
    assert_eq!(app.post(LOGIN, json!({"username": "ann", "password": PASSWORD})).await.status, 200);
}

#[actix_web::test]
async fn a_body_is_as_large_as_others_and_tokens_are_never_compressed() {
    let app = TestApp::with_auth();
    app.given(user().named("ann")).await;
    let request = app.request(Method::POST, LOGIN).header("accept-encoding", "br, gzip, zstd");
    let answer = app.send(request.json(&json!({"username": "ann", "password": PASSWORD}))).await;
    assert_eq!((answer.status, answer.header("content-encoding")), (200, ""));
    let large = json!({"username": "a".repeat(70_000), "password": "x"});
    assert_eq!(app.post(LOGIN, large).await.problem(), "413 payload_too_large");
}

#[actix_web::test]
async fn a_database_that_is_away_and_a_full_queue_are_nobodys_fault() {
    let app = TestApp::start(|config| config.auth_required = true, |_| Broken::stores(StorageFault::Unavailable));
    let body = json!({"username": "ann", "password": PASSWORD});
    let answer = app.post(LOGIN, body.clone()).await;
    assert_eq!((answer.problem().as_str(), answer.header("retry-after")), ("503 unavailable", "1"));
    let app = TestApp::with_auth();
    app.hasher.overload(true);
    assert_eq!(app.post(LOGIN, body).await.problem(), "503 unavailable");
}
