//! More to do than can be done soon.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::rt::time::{sleep, timeout};
use futures_util::future::{join, join_all};
use reqwest::Method;
use tokio::sync::Semaphore;

use crate::answer::Answer;
use crate::failing::{Door, Held};
use crate::raw::{self, Half};
use crate::signed_in::SignedIn;
use crate::test_app::TestApp;

const USERS: &str = "/api/v1/users";

/// A server that always works on this many requests, on storage that lists users as the door allows.
fn app(in_work: usize, auth_required: bool) -> (TestApp, Arc<Door>) {
    let door = Arc::new(Door { allowed: Semaphore::new(0), arrived: Semaphore::new(0) });
    let held = Arc::clone(&door);
    let app = TestApp::start(
        |config| {
            config.limits.in_work = in_work;
            config.auth_required = auth_required;
        },
        |usual| Held::stores(usual, held),
    );
    (app, door)
}

#[actix_web::test]
async fn what_is_too_much_for_too_long_is_refused_early_and_everything_is_served_again_at_once() {
    let (app, door) = app(8, false);
    let (held, ()) = join(join_all((0..8).map(|_| app.get(USERS))), async {
        door.arrived.acquire_many(8).await.unwrap().forget();
        sleep(Duration::from_millis(200)).await;
        let asked_at = Instant::now();
        let refused = app.get(USERS).await;
        assert_eq!(refused.problem(), "503 unavailable");
        assert!(["1", "2", "3"].contains(&refused.header("retry-after")), "{}", refused.header("retry-after"));
        assert_eq!(refused.header("x-content-type-options"), "nosniff");
        assert_eq!(refused.header("cache-control"), "no-store");
        assert!(asked_at.elapsed() < Duration::from_secs(5), "it did not wait for its turn");
        let body = "x".repeat(10_000);
        let refused = app.send(app.request(Method::PATCH, "/api/v1/users/1").body(body)).await;
        assert_eq!(refused.problem(), "503 unavailable", "before its body is looked at");
        for path in ["/health", "/metrics"] {
            assert_eq!(app.get(path).await.status, 200, "{path}");
        }
        door.allowed.add_permits(100);
    })
    .await;
    assert_eq!(held.iter().map(|answer| answer.status).collect::<Vec<_>>(), [200; 8], "what was let in is answered");
    assert_eq!(app.get(USERS).await.status, 200);
}

#[actix_web::test]
async fn who_waits_for_events_keeps_nobody_from_working() {
    let (app, door) = app(2, false);
    door.allowed.add_permits(1);
    let follow = || app.get("/api/v1/events?wait=2");
    let (_, listed) = join(join_all((0..10).map(|_| follow())), async {
        sleep(Duration::from_millis(300)).await;
        app.get(USERS).await
    })
    .await;
    assert_eq!(listed.status, 200);
}

#[actix_web::test]
async fn who_sends_a_body_slowly_keeps_nobody_from_working() {
    let (app, door) = app(2, false);
    door.allowed.add_permits(1);
    let head = "PATCH /api/v1/users/1 HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 19\r\n\r\n{";
    let slow = join_all((0..12).map(|_| Half::send(app.address, head))).await;
    sleep(Duration::from_millis(300)).await;
    assert_eq!(app.get(USERS).await.status, 200);
    for half in slow.into_iter().take(2) {
        let answer = half
            .and_the_rest("\"locale\": \"de-AT\"}".to_owned() + "GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
            .await;
        assert_eq!(raw::status(&answer), "404", "{answer}");
    }
}

#[actix_web::test]
async fn a_caller_who_sends_without_end_leaves_room_for_one_who_does_not() {
    let (app, door) = app(8, true);
    let greedy = app.as_admin().await;
    let modest = app.sign_in(testkit::user().named("modest").admin()).await;
    let until = Instant::now() + Duration::from_secs(4);
    let sends_without_end = |caller: &SignedIn<'_>| {
        let (app, request) = (&app, caller.request(Method::GET, USERS));
        async move {
            let mut refused = 0_u32;
            let mut sent = 0_u32;
            while Instant::now() < until {
                sent += 1;
                if is_refused(&app.send(request.try_clone().unwrap()).await) {
                    refused += 1;
                    sleep(Duration::from_millis(2)).await;
                }
            }
            (refused, sent)
        }
    };
    let storage = async {
        while Instant::now() < until + Duration::from_secs(1) {
            door.allowed.add_permits(2);
            sleep(Duration::from_millis(10)).await;
        }
        door.allowed.add_permits(1_000);
    };
    let asks_now_and_then = async {
        sleep(Duration::from_secs(1)).await;
        let (mut refused, mut sent) = (0_u32, 0_u32);
        while Instant::now() < until {
            sent += 1;
            refused += u32::from(is_refused(&modest.get(USERS).await));
            sleep(Duration::from_millis(20)).await;
        }
        (refused, sent)
    };
    let many = join_all((0..30).map(|_| sends_without_end(&greedy)));
    let everything = join(storage, join(many, asks_now_and_then));
    let ((), (greedy, modest)) = timeout(Duration::from_secs(30), everything).await.unwrap();
    let greedy = greedy.into_iter().fold((0, 0), |(refused, sent), (more, of)| (refused + more, sent + of));
    assert!(greedy.0 * 2 > greedy.1, "most of the greedy one's are refused: {greedy:?}");
    assert!(modest.1 > 5 && modest.0 * 4 < modest.1, "and few of the modest one's: {modest:?}");
}

fn is_refused(answer: &Answer) -> bool {
    assert!([200, 503].contains(&answer.status), "{}", answer.text());
    answer.status == 503
}
