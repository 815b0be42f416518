//! The header `Idempotency-Key`.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use futures_util::future::join_all;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use testkit::user;

use crate::answer::Answer;
use crate::failing::Slow;
use crate::test_app::{PASSWORD, TestApp, new_user};

const REPLAYED: &str = "idempotency-replayed";

fn keyed(app: &TestApp, method: Method, path: &str, key: &str) -> RequestBuilder {
    app.request(method, path).header("idempotency-key", key)
}

fn bodied(app: &TestApp, method: Method, path: &str, key: &str, body: &Value) -> RequestBuilder {
    let request = keyed(app, method, path, key);
    if body.is_null() { request } else { request.json(body) }
}

async fn create(app: &TestApp, key: &str, body: &Value) -> Answer {
    app.send(keyed(app, Method::POST, "/api/v1/users", key).json(body)).await
}

/// All of an answer that does not belong to the one request.
fn shown(answer: &Answer) -> (u16, String, BTreeMap<String, String>) {
    let of_request = ["date", "x-request-id", REPLAYED];
    let headers = answer.headers.iter().filter(|(name, _)| !of_request.contains(&name.as_str()));
    let headers: BTreeMap<_, _> =
        headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    (answer.status, answer.text(), headers)
}

#[actix_web::test]
async fn every_change_happens_once_and_is_answered_the_same_again() {
    let app = TestApp::new();
    for name in ["ann", "bob", "cid", "dan"] {
        app.user(name).await;
    }
    app.delete("/api/v1/users/4").await;
    app.login("ann").await;
    let (nothing, put, patch) = (Value::Null, json!({"first_name": "Anna"}), json!({"user_metadata": {"a": 1}}));
    let make = new_user("eve");
    let bulk = json!({"operations": [{"op": "delete", "id": 3}]});
    let cases = [
        (Method::POST, "/api/v1/users", &make, 201),
        (Method::PUT, "/api/v1/users/1", &put, 200),
        (Method::PATCH, "/api/v1/users/1", &patch, 200),
        (Method::POST, "/api/v1/users/1/unlock", &nothing, 200),
        (Method::POST, "/api/v1/users/1/reset-password", &nothing, 200),
        (Method::DELETE, "/api/v1/users/1/sessions", &nothing, 204),
        (Method::POST, "/api/v1/users/1/deactivate", &nothing, 200),
        (Method::POST, "/api/v1/users/1/activate", &nothing, 200),
        (Method::DELETE, "/api/v1/users/2", &nothing, 204),
        (Method::POST, "/api/v1/users/4/restore", &nothing, 200),
        (Method::DELETE, "/api/v1/users/2?purge=true", &nothing, 204),
        (Method::POST, "/api/v1/users/bulk", &bulk, 200),
    ];
    let mut first = Vec::new();
    for (number, (method, path, body, status)) in cases.iter().enumerate() {
        let answer = app.send(bodied(&app, method.clone(), path, &format!("key-{number}"), body)).await;
        assert_eq!((answer.status, answer.header(REPLAYED)), (*status, ""), "{method} {path} {}", answer.text());
        first.push(shown(&answer));
    }
    let events = app.events().await.len();
    app.login("eve").await;
    app.clock.advance(TimeDelta::hours(23));
    for (number, (method, path, body, _)) in cases.iter().enumerate() {
        let answer = app.send(bodied(&app, method.clone(), path, &format!("key-{number}"), body)).await;
        assert_eq!(answer.header(REPLAYED), "true", "{method} {path} {}", answer.text());
        assert_eq!(shown(&answer), first[number], "{method} {path}");
    }
    let signed_in_since = 2;
    assert_eq!(app.events().await.len(), events + signed_in_since);
}

#[actix_web::test]
async fn every_change_outside_of_signing_in_is_said_to_take_a_key() {
    let document = TestApp::new().get("/openapi.json").await.json();
    let mut taking = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let takes = operation["parameters"].to_string().contains(r#""name":"Idempotency-Key""#);
            let changes = method != "get" && path.starts_with("/api/v1/") && !path.starts_with("/api/v1/auth/");
            assert_eq!(takes, changes, "{method} {path}");
            if takes {
                taking.insert(operation["operationId"].as_str().unwrap().to_owned());
            }
        }
    }
    // Whoever adds one adds it to the two tests around this one.
    let tried = [
        "activateUser",
        "bulkUsers",
        "createUser",
        "deactivateUser",
        "deleteUser",
        "patchUser",
        "replaceUser",
        "resetUserPassword",
        "restoreUser",
        "revokeUserSession",
        "revokeUserSessions",
        "unlockUser",
    ];
    assert_eq!(taking.iter().collect::<Vec<_>>(), tried.iter().collect::<Vec<_>>());
}

#[actix_web::test]
async fn a_session_ends_once() {
    let app = TestApp::with_auth();
    let (root, ann) = (app.as_admin().await, app.as_user("ann").await);
    let path = format!("/api/v1/users/{}/sessions/{}", ann.id().await, ann.session);
    let end = || root.request(Method::DELETE, &path);
    for replayed in ["", "true"] {
        let answer = app.send(end().header("idempotency-key", "end")).await;
        assert_eq!((answer.status, answer.header(REPLAYED)), (204, replayed));
    }
    assert_eq!(app.send(end()).await.problem(), "404 session_not_found");
}

#[actix_web::test]
async fn of_many_at_once_one_is_carried_out() {
    let app = TestApp::new();
    let body = new_user("ann");
    let answers = join_all((0..8).map(|_| create(&app, "twins", &body))).await;
    let mut made = BTreeSet::new();
    let mut first = 0;
    for answer in &answers {
        if answer.status == 409 {
            assert_eq!((answer.problem(), answer.header("retry-after")), ("409 request_in_progress".into(), "1"));
        } else {
            assert_eq!(answer.status, 201, "{}", answer.text());
            made.insert(answer.text());
            first += usize::from(answer.header(REPLAYED).is_empty());
        }
    }
    assert_eq!((made.len(), first, app.events().await.len()), (1, 1, 1));
    let later = create(&app, "twins", &body).await;
    assert_eq!((later.status, later.header(REPLAYED)), (201, "true"));
}

#[actix_web::test]
async fn a_client_that_left_finds_its_answer_or_its_request_is_carried_out_then() {
    let app = TestApp::start(|_| {}, |usual| Slow::stores(usual, Duration::from_millis(30)));
    // It leaves before the reservation, behind it, in the middle of the change, and so on.
    for patience in [1, 15, 35, 50, 65, 80] {
        let (key, body) = (format!("key-{patience}"), new_user(&format!("user-{patience}")));
        let request = keyed(&app, Method::POST, "/api/v1/users", &key).json(&body);
        let _ = request.timeout(Duration::from_millis(patience)).send().await;
        let came_back = Instant::now();
        let answer = loop {
            let answer = create(&app, &key, &body).await;
            if answer.status != 409 || came_back.elapsed() > Duration::from_secs(10) {
                break answer;
            }
        };
        assert_eq!(answer.status, 201, "{patience} ms: {}", answer.text());
    }
    assert_eq!(app.events().await.len(), 6);
}

#[actix_web::test]
async fn a_key_is_good_for_one_request() {
    let app = TestApp::new();
    let (ann, body) = (new_user("ann"), json!({"locale": "de"}));
    assert_eq!(create(&app, "key", &ann).await.status, 201);
    let patch = |path: &str| keyed(&app, Method::PATCH, path, "patch").json(&body);
    assert_eq!(app.send(patch("/api/v1/users/1")).await.status, 200);
    let others = [
        keyed(&app, Method::POST, "/api/v1/users", "key").json(&new_user("bob")),
        keyed(&app, Method::POST, "/v1/users", "key").json(&ann),
        keyed(&app, Method::POST, "/api/v1/users?x=1", "key").json(&ann),
        keyed(&app, Method::PUT, "/api/v1/users/1", "patch").json(&body),
        patch("/api/v1/users/2"),
        patch("/api/v1/users/1").header("if-match", "\"1\""),
        keyed(&app, Method::DELETE, "/api/v1/users/1", "patch"),
    ];
    for other in others {
        assert_eq!(app.send(other).await.problem(), "422 idempotency_key_reused");
    }
    assert_eq!(app.events().await.len(), 2);
}

#[actix_web::test]
async fn a_key_is_known_for_a_day() {
    let app = TestApp::new();
    assert_eq!(create(&app, "key", &new_user("ann")).await.status, 201);
    app.clock.advance(TimeDelta::hours(24));
    assert_eq!(create(&app, "key", &new_user("ann")).await.header(REPLAYED), "true");
}

#[actix_web::test]
async fn only_successes_are_kept() {
    let app = TestApp::new();
    app.user("ann").await;
    let again = new_user("ann");
    assert_eq!(create(&app, "key", &again).await.problem(), "409 username_taken");
    assert_eq!(create(&app, "key", &again).await.problem(), "409 username_taken");
    app.delete("/api/v1/users/1").await;
    let made = create(&app, "key", &again).await;
    assert_eq!((made.status, made.header(REPLAYED)), (201, ""));
    let weak = json!({"username": "bob", "email": "bob@example.com", "password": "x"});
    assert_eq!(create(&app, "other", &weak).await.wrong(), ["/password too_short"]);
    assert_eq!(create(&app, "other", &new_user("bob")).await.status, 201, "the key is as new");
}

#[actix_web::test]
async fn the_form_comes_before_the_key_and_the_key_before_what_one_may() {
    let app = TestApp::with_auth();
    let (root, ann) = (app.as_admin().await, app.as_user("ann").await);
    let delete = |id: &str| ann.request(Method::DELETE, &format!("/api/v1/users/{id}"));
    let malformed = || "a b";
    assert_eq!(app.send(delete("x").header("idempotency-key", malformed())).await.wrong(), ["id invalid_id"]);
    let answer = app.send(delete("1").header("idempotency-key", malformed())).await;
    assert_eq!(answer.problem(), "400 malformed_request");
    assert!(answer.json()["detail"].as_str().unwrap().contains("idempotency-key"), "{}", answer.text());
    let nobody = app.request(Method::DELETE, "/api/v1/users/1").header("idempotency-key", malformed());
    assert_eq!(app.send(nobody).await.problem(), "401 unauthenticated");

    let make =
        |name| root.request(Method::POST, "/api/v1/users").header("idempotency-key", "key").json(&new_user(name));
    assert_eq!(app.send(make("bob")).await.status, 201);
    assert_eq!(app.send(make("ann")).await.problem(), "422 idempotency_key_reused", "although the name is taken");
}

#[actix_web::test]
async fn every_caller_has_keys_of_their_own() {
    let app = TestApp::with_auth();
    let (root, other) = (app.as_admin().await, app.sign_in(user().named("boss").admin()).await);
    for (caller, name) in [(&root, "ann"), (&other, "bob")] {
        let make = caller.request(Method::POST, "/api/v1/users").header("idempotency-key", "1").json(&new_user(name));
        let made = app.send(make).await;
        assert_eq!((made.status, &made.json()["username"]), (201, &json!(name)));
    }
}

#[actix_web::test]
async fn whoever_was_put_out_is_not_answered_again() {
    let app = TestApp::with_auth();
    let (root, boss) = (app.as_admin().await, app.sign_in(user().named("boss").admin()).await);
    let make = || boss.request(Method::POST, "/api/v1/users").header("idempotency-key", "1").json(&new_user("ann"));
    assert_eq!(app.send(make()).await.status, 201);
    root.patch(&format!("/api/v1/users/{}", boss.id().await), json!({"role": "user"})).await;
    let answer = app.send(make()).await;
    assert_eq!(answer.problem(), "401 token_expired");
    let boss = app.login("boss").await;
    let make = boss.request(Method::POST, "/api/v1/users").header("idempotency-key", "1").json(&new_user("ann"));
    assert_eq!(app.send(make).await.problem(), "422 idempotency_key_reused", "in another role");
}

#[actix_web::test]
async fn an_answer_about_somebody_who_was_erased_is_gone_and_nothing_happens_again() {
    let app = TestApp::new();
    assert_eq!(create(&app, "key", &new_user("ann")).await.status, 201);
    assert_eq!(app.delete("/api/v1/users/1?purge=true").await.status, 204);
    let events = app.events().await.len();
    assert_eq!(create(&app, "key", &new_user("ann")).await.problem(), "404 user_not_found");
    assert_eq!(app.events().await.len(), events);
}

#[actix_web::test]
async fn signing_in_has_no_keys() {
    let app = TestApp::new();
    app.user("ann").await;
    let login = json!({"username": "ann", "password": PASSWORD});
    let login = || keyed(&app, Method::POST, "/api/v1/auth/login", "a b").json(&login);
    let (one, other) = (app.send(login()).await.json(), app.send(login()).await.json());
    assert_ne!(one["session_id"], other["session_id"]);
}

#[actix_web::test]
async fn pages_may_read_that_an_answer_was_given_before() {
    let page = "https://app.example.com";
    let app = TestApp::with(|config| config.cors_origins = vec![page.into()]);
    let answer = app.send(app.request(Method::GET, "/api/v1/users").header("origin", page)).await;
    assert!(answer.header("access-control-expose-headers").contains("Idempotency-Replayed"));
}
