//! `GET /events` as a stream.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};

use crate::raw::Half;
use crate::signed_in::SignedIn;
use crate::test_app::TestApp;

const PATIENCE: Duration = Duration::from_secs(30);

/// Somebody who reads a stream.
struct Reader {
    response: Response,
    buffer: String,
}

impl Reader {
    async fn begin(request: RequestBuilder) -> Self {
        let response = request.header("accept", "text/event-stream").send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-store");
        assert!(!response.headers().contains_key("content-encoding"));
        let mut reader = Self { response, buffer: String::new() };
        assert_eq!(reader.block().await.as_deref(), Some(": following\nretry: 3000"));
        reader
    }

    /// What comes up to the next empty line; `None` at the end.
    async fn block(&mut self) -> Option<String> {
        tokio::time::timeout(PATIENCE, async {
            loop {
                if let Some((block, rest)) = self.buffer.split_once("\n\n") {
                    let (block, rest) = (block.to_owned(), rest.to_owned());
                    self.buffer = rest;
                    return Some(block);
                }
                // A connection that breaks off is as good an end as any.
                let chunk = self.response.chunk().await.ok()??;
                self.buffer.push_str(std::str::from_utf8(&chunk).unwrap());
            }
        })
        .await
        .expect("something comes in time")
    }

    /// The next event: its id, its name and its data.
    async fn event(&mut self) -> (i64, String, Value) {
        let block = self.block().await.unwrap();
        let mut fields = block.lines().map(|line| line.split_once(": ").unwrap());
        let mut next = |name| fields.next().filter(|field| field.0 == name).map(|field| field.1).unwrap();
        let (id, event) = (next("id").parse().unwrap(), next("event").to_owned());
        (id, event, serde_json::from_str(next("data")).unwrap())
    }
}

async fn with_users(names: &[&str]) -> TestApp {
    let app = TestApp::new();
    for name in names {
        app.user(name).await;
    }
    app.sequence().await;
    app
}

fn stream(app: &TestApp, query: &str) -> RequestBuilder {
    app.request(Method::GET, &format!("/api/v1/events{query}"))
}

#[actix_web::test]
async fn a_stream_tells_what_happened_and_goes_on() {
    let app = with_users(&["ann", "bob"]).await;
    let mut reader = Reader::begin(stream(&app, "").header("accept-encoding", "gzip, br")).await;
    let pages = app.get("/api/v1/events").await.json();
    for position in [1, 2] {
        let (id, name, data) = reader.event().await;
        assert_eq!((id, name.as_str()), (position, "user.created"));
        assert_eq!(data, pages["events"][usize::try_from(position).unwrap() - 1]);
    }
    app.patch("/api/v1/users/1", json!({"locale": "de", "full_name": "Line\u{2028}break"})).await;
    app.sequence().await;
    let written = Instant::now();
    let (id, name, _) = reader.event().await;
    assert_eq!((id, name.as_str()), (3, "user.updated"));
    assert!(written.elapsed() < Duration::from_secs(5), "told after {:?}", written.elapsed());
}

#[actix_web::test]
async fn whoever_comes_back_goes_on_behind_what_they_saw() {
    let app = with_users(&["ann", "bob", "cid"]).await;
    let mut reader = Reader::begin(stream(&app, "?after=1")).await;
    assert_eq!(reader.event().await.0, 2);
    drop(reader);
    let mut reader = Reader::begin(stream(&app, "?after=1").header("last-event-id", "2")).await;
    assert_eq!(reader.event().await.0, 3, "the header goes before the parameter");
    let wrong = stream(&app, "").header("accept", "text/event-stream").header("last-event-id", "x");
    assert_eq!(app.send(wrong).await.wrong(), ["Last-Event-ID not_a_number"]);
}

#[actix_web::test]
async fn a_stream_with_nothing_to_tell_shows_that_it_lives() {
    let app = TestApp::with(|config| config.limits.heartbeat = Duration::from_millis(300));
    app.reach_storage().await;
    let begun = Instant::now();
    let mut reader = Reader::begin(stream(&app, "")).await;
    for _ in 0..2 {
        assert_eq!(reader.block().await.as_deref(), Some(": still here"));
    }
    assert!(begun.elapsed() >= Duration::from_millis(600));
}

async fn administrators(app: &TestApp) -> (SignedIn<'_>, SignedIn<'_>, Reader) {
    let (root, boss) = (app.as_admin().await, app.sign_in(testkit::user().named("boss").admin()).await);
    app.sequence().await;
    let head = root.get("/api/v1/events?limit=500").await.json()["position"].clone();
    let reader = Reader::begin(boss.request(Method::GET, &format!("/api/v1/events?after={head}"))).await;
    (root, boss, reader)
}

/// Whether it ends, with nothing more told.
async fn ends(mut reader: Reader) -> bool {
    reader.block().await.is_none()
}

#[actix_web::test]
async fn a_stream_ends_with_the_session() {
    let app = TestApp::with_auth();
    let (_root, boss, reader) = administrators(&app).await;
    let begun = Instant::now();
    assert_eq!(boss.post_nothing("/api/v1/auth/logout").await.status, 204);
    assert!(ends(reader).await);
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
}

#[actix_web::test]
async fn a_stream_ends_with_the_right_to_read() {
    let app = TestApp::with_auth();
    let (root, _boss, reader) = administrators(&app).await;
    assert_eq!(root.patch("/api/v1/users/2", json!({"role": "moderator"})).await.status, 200);
    assert!(ends(reader).await);
}

#[actix_web::test]
async fn a_stream_ends_with_the_token() {
    let app = TestApp::with_auth();
    let (_root, _boss, reader) = administrators(&app).await;
    app.clock.advance(TimeDelta::minutes(16));
    assert!(ends(reader).await);
}

#[actix_web::test]
async fn streams_and_waits_end_when_the_server_stops() {
    let app = TestApp::new();
    app.reach_storage().await;
    let reader = Reader::begin(stream(&app, "")).await;
    let begun = Instant::now();
    let waiting = app.get("/api/v1/events?wait=30");
    let stopping = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        app.stopper.stop().await;
    };
    let (waited, (), ended) = futures_util::future::join3(waiting, stopping, ends(reader)).await;
    assert_eq!((waited.status, ended), (200, true));
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[actix_web::test]
async fn no_more_follow_than_there_are_places_for() {
    // That somebody left shows when something is sent to them.
    let app =
        TestApp::with(|config| (config.limits.followers, config.limits.heartbeat) = (1, Duration::from_millis(200)));
    app.reach_storage().await;
    let reader = Reader::begin(stream(&app, "")).await;
    let second = stream(&app, "").header("accept", "text/event-stream");
    assert_eq!(app.send(second).await.problem(), "503 unavailable");
    drop(reader);
    let begun = Instant::now();
    while app.get("/api/v1/events?wait=1").await.status != 200 {
        assert!(begun.elapsed() < PATIENCE, "the place is never free again");
    }
}

#[actix_web::test]
async fn whoever_may_not_is_told_so_before_a_stream_begins() {
    let app = TestApp::with_auth();
    let ann = app.as_user("ann").await;
    let request = ann.request(Method::GET, "/api/v1/events").header("accept", "text/event-stream");
    assert_eq!(app.send(request).await.problem(), "403 forbidden");
}

#[actix_web::test]
async fn whoever_takes_nothing_is_cut() {
    let app = TestApp::with(|config| {
        (config.limits.followers, config.limits.unread_time) = (1, Duration::from_secs(3));
    });
    app.user("ann").await;
    // More than the system keeps for somebody who does not read.
    for number in 0..80 {
        let filling = format!("{number}{}", "x".repeat(16_000));
        let changed = json!({"user_metadata": {"a": filling}, "app_metadata": {"a": filling}});
        assert_eq!(app.put("/api/v1/users/1", changed).await.status, 200);
    }
    app.sequence().await;
    let request = "GET /v1/events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n";
    let _unread = Half::send(app.address, request).await.until_answered().await;
    let waiting = "/api/v1/events?after=1000&wait=1";
    assert_eq!(app.get(waiting).await.problem(), "503 unavailable", "the reader has the place");
    let begun = Instant::now();
    while app.get(waiting).await.status != 200 {
        assert!(begun.elapsed() < PATIENCE, "the place is never free again");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
