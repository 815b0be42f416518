//! Faults of our own.

use std::time::Duration;

use crate::failing::{Hanging, Slow};
use crate::test_app::{TestApp, new_user};

#[actix_web::test]
async fn a_panic_is_a_500_problem_that_tells_nothing_and_the_service_goes_on() {
    let app = TestApp::start(|_| {}, |_| Hanging::stores());
    for _ in 0..3 {
        let answer = app.get("/api/v1/users").await;
        assert_eq!(answer.problem(), "500 internal");
        assert!(!answer.text().contains("hunter2"));
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
    assert_eq!(app.get("/health").await.status, 200);
}

#[actix_web::test]
async fn what_was_answered_with_503_before_its_password_was_hashed_does_not_happen_later() {
    let app = TestApp::with(|config| config.limits.request_time = Duration::from_millis(500));
    app.reach_storage().await;
    let ann = app.user("ann").await;
    app.hasher.stall(true);
    assert_eq!(app.post("/api/v1/users", new_user("bob")).await.problem(), "503 unavailable");
    let changed = app.patch("/api/v1/users/1", serde_json::json!({"password": "battery staple"})).await;
    assert_eq!(changed.problem(), "503 unavailable");
    app.hasher.stall(false);
    actix_web::rt::time::sleep(Duration::from_secs(1)).await;
    let list = app.get("/api/v1/users").await.json();
    assert_eq!((&list["total"], &list["users"][0]), (&1.into(), &ann));
    assert_eq!(app.events().await.len(), 1);
}

#[actix_web::test]
async fn a_change_that_has_begun_is_waited_for_beyond_the_time_of_a_request() {
    let app = TestApp::start(
        |config| config.limits.request_time = Duration::from_millis(100),
        |usual| Slow::stores(usual, Duration::from_millis(300)),
    );
    app.reach_storage().await;
    let answer = app.post("/api/v1/users", new_user("ann")).await;
    assert_eq!(answer.status, 201, "what happens shall not be called undone: {}", answer.text());
}
