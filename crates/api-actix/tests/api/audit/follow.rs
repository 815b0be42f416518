//! `GET /events`, page by page.

use std::time::{Duration, Instant};

use actix_web::rt;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::test_app::{TestApp, new_user};

fn positions(page: &Value) -> Vec<i64> {
    page["events"].as_array().unwrap().iter().map(|event| event["position"].as_i64().unwrap()).collect()
}

#[actix_web::test]
async fn events_come_by_position_and_none_twice() {
    let app = TestApp::new();
    assert_eq!(app.get("/api/v1/events").await.json(), json!({"events": [], "position": 0}));
    for name in ["ann", "bob", "cid"] {
        app.user(name).await;
    }
    assert_eq!(app.get("/api/v1/events").await.json()["position"], 0, "nothing has its place yet");
    app.sequence().await;
    let first = app.get("/api/v1/events?limit=2").await.json();
    assert_eq!((positions(&first), &first["position"]), (vec![1, 2], &json!(2)));
    let second = app.get("/api/v1/events?after=2").await.json();
    assert_eq!((positions(&second), &second["position"]), (vec![3], &json!(3)));
    assert_eq!(app.get("/api/v1/events?after=3").await.json(), json!({"events": [], "position": 3}));
    let listed = app.get("/api/v1/audit?limit=1").await.json();
    assert_eq!(second["events"][0], listed["events"][0], "an event reads the same everywhere");
}

#[actix_web::test]
async fn whoever_writes_and_whenever_none_is_skipped() {
    const USERS: usize = 20;
    let app = TestApp::new();
    app.reach_storage().await;
    let writers = join_all((0..USERS).map(async |number| {
        assert_eq!(app.post("/api/v1/users", new_user(&format!("user{number}"))).await.status, 201);
        app.sequence().await;
    }));
    let follower = async {
        let (mut after, mut seen) = (0, Vec::new());
        let begun = Instant::now();
        while seen.len() < USERS && begun.elapsed() < Duration::from_secs(30) {
            let page = app.get(&format!("/api/v1/events?after={after}&wait=1&limit=7")).await.json();
            seen.extend(positions(&page));
            after = page["position"].as_i64().unwrap();
        }
        seen
    };
    let (_, seen) = futures_util::future::join(writers, follower).await;
    assert_eq!(seen, (1..=20).collect::<Vec<_>>());
}

#[actix_web::test]
async fn whoever_waits_is_told_at_once_whichever_server_they_ask() {
    let app = TestApp::new();
    app.user("ann").await;
    app.sequence().await;
    let other = app.beside(|_| {});
    let waiting = async {
        let page = other.get("/api/v1/events?after=1&wait=20").await.json();
        (positions(&page), Instant::now())
    };
    let writing = async {
        rt::time::sleep(Duration::from_millis(500)).await;
        app.user("bob").await;
        app.sequence().await;
        Instant::now()
    };
    let ((seen, told), written) = futures_util::future::join(waiting, writing).await;
    assert_eq!(seen, [2]);
    let late = told.saturating_duration_since(written);
    assert!(late < Duration::from_secs(5), "told {late:?} after it was written");
}

#[actix_web::test]
async fn whoever_waits_in_vain_is_told_where_they_are() {
    let app = TestApp::new();
    app.reach_storage().await;
    let begun = Instant::now();
    let answer = app.get("/api/v1/events?after=5&wait=1").await;
    assert_eq!(answer.json(), json!({"events": [], "position": 5}));
    assert!(begun.elapsed() >= Duration::from_secs(1));
}

#[actix_web::test]
async fn a_long_wait_is_not_cut_by_the_time_for_requests() {
    let app = TestApp::with(|config| config.limits.request_time = Duration::from_millis(300));
    app.reach_storage().await;
    let answer = app.get("/api/v1/events?wait=1").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

#[actix_web::test]
async fn no_more_wait_than_there_are_places_for() {
    let app = TestApp::with(|config| config.limits.followers = 1);
    app.reach_storage().await;
    let first = app.get("/api/v1/events?wait=5");
    let second = async {
        rt::time::sleep(Duration::from_millis(1_500)).await;
        let refused = app.get("/api/v1/events?wait=1").await;
        assert!(!refused.header("retry-after").is_empty());
        assert_eq!(refused.problem(), "503 unavailable");
        assert_eq!(app.get("/api/v1/events").await.status, 200, "who does not wait needs no place");
    };
    let (first, ()) = futures_util::future::join(first, second).await;
    assert_eq!(first.status, 200);
    assert_eq!(app.get("/api/v1/events?wait=1").await.status, 200, "the place is free again");
}

#[actix_web::test]
async fn whoever_is_put_out_while_they_wait_is_told_nothing() {
    let app = TestApp::with_auth();
    let (root, boss) = (app.as_admin().await, app.sign_in(testkit::user().named("boss").admin()).await);
    app.sequence().await;
    let head = root.get("/api/v1/events?limit=500").await.json()["position"].clone();
    let path = format!("/api/v1/events?after={head}&wait=10");
    let waiting = boss.get(&path);
    let putting_out = async {
        rt::time::sleep(Duration::from_millis(500)).await;
        assert_eq!(root.post("/api/v1/users/2/deactivate", json!({})).await.status, 200);
        app.sequence().await;
    };
    let (answer, ()) = futures_util::future::join(waiting, putting_out).await;
    assert_eq!(answer.problem(), "401 token_invalid");
}

#[actix_web::test]
async fn what_cannot_be_followed_is_422() {
    let app = TestApp::new();
    for (query, expected) in
        [("after=-1", "after not_a_number"), ("wait=long", "wait not_a_number"), ("limit=0", "limit too_small")]
    {
        assert_eq!(app.get(&format!("/api/v1/events?{query}")).await.wrong(), [expected], "{query}");
    }
}
