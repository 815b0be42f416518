//! Access tokens that are not good, and what each is answered.

use std::time::Duration;

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::json;
use testkit::user;

use crate::answer::Answer;
use crate::raw;
use crate::signed_in::SignedIn;
use crate::test_app::{TestApp, new_user};

const ME: &str = "/api/v1/auth/me";
const NO_TOKEN: &str = r#"Bearer realm="usermgmt""#;
const INVALID: &str = r#"Bearer realm="usermgmt", error="invalid_token", error_description="The token is invalid""#;
const EXPIRED: &str =
    r#"Bearer realm="usermgmt", error="invalid_token", error_description="The access token has expired""#;

fn refused(answer: &Answer) -> (String, &str) {
    (answer.problem(), answer.header("www-authenticate"))
}

#[actix_web::test]
async fn without_a_token_nobody_is_told_of_an_error_in_one() {
    let app = TestApp::with_auth();
    assert_eq!(refused(&app.get(ME).await), ("401 unauthenticated".into(), NO_TOKEN));
    for header in ["Basic cm9vdDpyb290", "Bearer", "Bearer ", "", "access-0", "Token access-0", "Digest x=1"] {
        for path in [ME, "/api/v1/users/1"] {
            let answer = app.send(app.request(Method::GET, path).header("authorization", header)).await;
            assert_eq!(refused(&answer), ("401 unauthenticated".into(), NO_TOKEN), "{header}");
        }
    }
}

#[actix_web::test]
async fn the_scheme_has_no_case_and_stands_in_one_line() {
    let app = TestApp::with_auth();
    let ann = app.as_user("ann").await;
    for scheme in ["Bearer", "bearer", "BEARER", "bEaReR "] {
        let header = format!("{scheme} {}", ann.access_token);
        assert_eq!(
            app.send(app.request(Method::GET, ME).header("authorization", header)).await.status,
            200,
            "{scheme}"
        );
    }
    let header = format!("Bearer {}", ann.access_token);
    let twice = app.request(Method::GET, ME).header("authorization", &header).header("authorization", &header);
    assert_eq!(app.send(twice).await.problem(), "401 unauthenticated");
}

#[actix_web::test]
async fn a_token_is_read_from_the_header_alone() {
    let app = TestApp::with_auth();
    let ann = app.as_user("ann").await;
    let token = &ann.access_token;
    assert_eq!(app.get(&format!("{ME}?access_token={token}")).await.problem(), "401 unauthenticated");
    assert_eq!(app.post("/api/v1/users", json!({"access_token": token})).await.problem(), "401 unauthenticated");
    let cookie = app.request(Method::GET, ME).header("cookie", format!("access_token={token}"));
    assert_eq!(app.send(cookie).await.problem(), "401 unauthenticated");
}

#[actix_web::test]
async fn a_token_that_nobody_signed_is_invalid() {
    let app = TestApp::with_auth();
    let ann = app.as_user("ann").await;
    for token in
        ["x", "access-99", "a.b.c", "access-0 access-0", "access-0,access-0", "\"access-0\"", &ann.refresh_token]
    {
        let answer = app.send(app.request(Method::GET, ME).bearer_auth(token)).await;
        assert_eq!(refused(&answer), ("401 token_invalid".into(), INVALID), "{token}");
    }
    let odd = format!("GET {ME} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer ");
    let answer = raw::exchange(app.address, [odd.as_bytes(), b"\xff\xfe\r\n\r\n"].concat()).await;
    assert_eq!(raw::status(&answer), "401");
}

#[actix_web::test]
async fn a_huge_token_is_a_head_that_is_too_large() {
    let app = TestApp::with_auth();
    let answer = app.send(app.request(Method::GET, ME).bearer_auth("x".repeat(100_000))).await;
    assert_eq!(answer.problem(), "431 headers_too_large");
}

#[actix_web::test]
async fn a_token_ends_with_its_time() {
    let app = TestApp::with_auth();
    let ann = app.as_user("ann").await;
    app.clock.advance(TimeDelta::minutes(14));
    assert_eq!(ann.get(ME).await.status, 200);
    app.clock.advance(TimeDelta::minutes(1));
    assert_eq!(refused(&ann.get(ME).await), ("401 token_expired".into(), EXPIRED));
}

#[actix_web::test]
async fn a_token_ends_with_its_session_and_its_user() {
    let app = TestApp::with_auth();
    let root = app.as_admin().await;
    for (name, end) in [("ida", "deactivate"), ("dora", "delete"), ("rita", "sessions"), ("petra", "password")] {
        let ann = app.as_user(name).await;
        let path = format!("/api/v1/users/{}", ann.id().await);
        let answer = match end {
            "deactivate" => root.post_nothing(&format!("{path}/deactivate")).await,
            "delete" => root.delete(&path).await,
            "sessions" => root.delete(&format!("{path}/sessions")).await,
            _ => root.patch(&path, json!({"password": "seven llamas"})).await,
        };
        assert!(answer.status < 300, "{end}: {}", answer.text());
        assert_eq!(refused(&ann.get(ME).await), ("401 token_invalid".into(), INVALID), "{end}");
    }
}

#[actix_web::test]
async fn another_role_makes_tokens_stale_and_refreshing_goes_on() {
    let app = TestApp::with_auth();
    let (root, ann) = (app.as_admin().await, app.as_user("ann").await);
    let path = format!("/api/v1/users/{}", ann.id().await);
    assert_eq!(ann.get("/api/v1/users").await.problem(), "403 forbidden");
    assert_eq!(root.patch(&path, json!({"role": "moderator"})).await.status, 200);
    assert_eq!(refused(&ann.get(ME).await), ("401 token_expired".into(), EXPIRED));
    let next = app.post("/api/v1/auth/refresh", json!({"refresh_token": ann.refresh_token})).await.json();
    let ann = SignedIn::new(&app, &next);
    assert_eq!(ann.get("/api/v1/users").await.status, 200);
}

#[actix_web::test]
async fn who_cannot_learn_of_revocations_lets_nobody_in() {
    let app = TestApp::with_auth();
    let ann = app.sign_in(user().named("ann")).await;
    app.directory.blind(true);
    let answer = ann.get(ME).await;
    assert_eq!((answer.problem().as_str(), answer.header("retry-after")), ("503 unavailable", "1"));
}

#[actix_web::test]
async fn what_one_does_is_written_down_under_ones_name() {
    let app = TestApp::with_auth();
    let ann = app.as_user("ann").await;
    let me = ann.patch(ME, json!({"locale": "de"})).await;
    let events = app.events().await;
    let event = events.iter().find(|event| event.action == "user.updated").unwrap();
    assert_eq!(event.request_id.as_deref(), Some(me.header("x-request-id")));
    assert_eq!((event.actor_name.as_deref(), event.session_id.as_deref()), (Some("ann"), Some(&*ann.session)));
}

/// The head of a request, and of its body all but the last byte.
fn almost_all(caller: &SignedIn<'_>, method: &str, path: &str, body: &str) -> String {
    let (token, length) = (&caller.access_token, body.len());
    let (almost, _) = body.split_at(length - 1);
    format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{almost}"
    )
}

#[actix_web::test]
async fn who_is_put_out_while_their_body_is_on_its_way_changes_nothing_with_it() {
    let app = TestApp::with_auth();
    let root = app.as_admin().await;
    for (name, end) in [("rob", "sessions"), ("del", "role"), ("ida", "deactivate")] {
        let boss = app.sign_in(user().named(name).admin()).await;
        let own = format!("/api/v1/users/{}", boss.id().await);
        let new = new_user(&format!("friend-of-{name}")).to_string();
        let create = raw::Half::send(app.address, almost_all(&boss, "POST", "/api/v1/users", &new)).await;
        let raise = json!({"role": "admin", "locale": "fr"}).to_string();
        let raise = raw::Half::send(app.address, almost_all(&boss, "PATCH", &own, &raise)).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        let ended = match end {
            "sessions" => root.delete(&format!("{own}/sessions")).await,
            "role" => root.patch(&own, json!({"role": "user"})).await,
            _ => root.post_nothing(&format!("{own}/deactivate")).await,
        };
        assert!(ended.status < 300, "{end}: {}", ended.text());
        for answer in [create.and_the_rest("}").await, raise.and_the_rest("}").await] {
            assert_eq!(raw::status(&answer), "401", "{end}: {answer}");
        }
    }
}
