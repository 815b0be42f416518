//! `POST /auth/refresh`.

use chrono::TimeDelta;
use domain::ports::StorageFault;
use reqwest::Method;
use serde_json::json;

use crate::answer::Answer;
use crate::failing::Broken;
use crate::signed_in::SignedIn;
use crate::test_app::TestApp;

const REFRESH: &str = "/api/v1/auth/refresh";

async fn refresh(app: &TestApp, token: &str) -> Answer {
    app.post(REFRESH, json!({"refresh_token": token})).await
}

#[actix_web::test]
async fn a_refresh_token_is_good_for_a_new_pair_without_any_access_token() {
    let app = TestApp::with_auth();
    let ann = app.as_user("ann").await;
    app.clock.advance(TimeDelta::minutes(20));
    assert_eq!(ann.get("/api/v1/auth/me").await.problem(), "401 token_expired");
    let answer = refresh(&app, &ann.refresh_token).await;
    assert_eq!((answer.status, answer.header("cache-control"), answer.header("pragma")), (200, "no-store", "no-cache"));
    let next = SignedIn::new(&app, &answer.json());
    assert_eq!(next.session, ann.session);
    assert_ne!(next.refresh_token, ann.refresh_token);
    assert!(next.is_in().await);
}

#[actix_web::test]
async fn a_retry_is_answered_with_the_same_successor_and_later_the_session_ends() {
    let app = TestApp::with_auth();
    let ann = app.as_user("ann").await;
    let first = refresh(&app, &ann.refresh_token).await.json();
    app.clock.advance(TimeDelta::seconds(9));
    let retry = refresh(&app, &ann.refresh_token).await.json();
    assert_eq!(retry["refresh_token"], first["refresh_token"]);
    app.clock.advance(TimeDelta::seconds(2));
    assert_eq!(refresh(&app, &ann.refresh_token).await.problem(), "401 token_invalid");
    assert!(app.events().await.iter().any(|event| event.action == "auth.refresh_reused"));
    assert!(!ann.is_in().await);
    assert_eq!(refresh(&app, first["refresh_token"].as_str().unwrap()).await.problem(), "401 token_invalid");
}

#[actix_web::test]
async fn the_form_of_oauth_is_read_too() {
    let app = TestApp::with_auth();
    let ann = app.as_user("ann").await;
    let send = async |body: String| {
        let request = app.request(Method::POST, REFRESH).header("content-type", "application/x-www-form-urlencoded");
        app.send(request.header("authorization", "Basic Og==").body(body)).await
    };
    let token = &ann.refresh_token;
    let other = send(format!("grant_type=password&refresh_token={token}")).await;
    assert_eq!(other.problem(), "400 unsupported_grant_type");
    assert_eq!(send(format!("grant_type=refresh_token&refresh_token={token}")).await.status, 200);
}

#[actix_web::test]
async fn what_is_no_token_of_ours_is_invalid_and_what_is_no_text_is_wrong() {
    let app = TestApp::with_auth();
    for token in ["", "x", &"A".repeat(43), &"é".repeat(43), "access-0"] {
        let answer = refresh(&app, token).await;
        assert_eq!(answer.problem(), "401 token_invalid", "{token}");
        assert!(answer.header("www-authenticate").contains(r#"error="invalid_token""#));
    }
    assert_eq!(app.post(REFRESH, json!({"refresh_token": 5})).await.wrong(), ["/refresh_token wrong_type"]);
    assert_eq!(app.post_nothing(REFRESH).await.wrong(), ["/refresh_token required"]);
}

#[actix_web::test]
async fn a_database_that_is_away_is_503() {
    let app = TestApp::start(|config| config.auth_required = true, |_| Broken::stores(StorageFault::Unavailable));
    assert_eq!(refresh(&app, &"A".repeat(43)).await.problem(), "503 unavailable");
}
