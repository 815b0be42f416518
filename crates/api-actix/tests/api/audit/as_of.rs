//! `GET /users/{id}?as_of=`.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::test_app::TestApp;

async fn at(app: &TestApp, time: &str, more: &str) -> (u16, Value) {
    let answer = app.get(&format!("/api/v1/users/1?as_of={time}{more}")).await;
    (answer.status, answer.json())
}

#[actix_web::test]
async fn everybody_reads_as_they_were() {
    let app = TestApp::new();
    let mut then = vec![("2026-03-04T05:06:07.080910Z", app.user("ann").await)];
    for (time, change) in [
        ("2026-03-04T05:06:08.080910Z", json!({"full_name": "Ann Lee", "user_metadata": {"b": [1, null], "a": {}}})),
        ("2026-03-04T05:06:09.080910Z", json!({"role": "moderator", "is_active": false, "locale": "de-AT"})),
        ("2026-03-04T05:06:10.080910Z", json!({"full_name": null, "last_name": "Lee", "user_metadata": {"a": null}})),
    ] {
        app.clock.advance(TimeDelta::seconds(1));
        let answer = app.patch("/api/v1/users/1", change).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        then.push((time, answer.json()));
    }
    for (time, user) in then {
        assert_eq!(at(&app, time, "").await, (200, user), "{time}");
    }
    let now = app.get("/api/v1/users/1").await.json();
    assert_eq!(at(&app, "2030-01-01T00:00:00%2B01:00", "").await, (200, now));
    assert_eq!(at(&app, "2026-03-04T05:06:07.080909Z", "").await.0, 404);
}

#[actix_web::test]
async fn whoever_was_deleted_then_is_shown_to_those_who_ask_for_deleted_ones() {
    let app = TestApp::new();
    app.user("ann").await;
    app.clock.advance(TimeDelta::seconds(1));
    app.delete("/api/v1/users/1").await;
    let (before, after) = ("2026-03-04T05:06:07.5Z", "2026-03-04T05:06:09Z");
    assert_eq!(at(&app, before, "").await.0, 200);
    assert_eq!(at(&app, before, "&deleted=true").await.1["deleted_at"], Value::Null);
    assert_eq!(at(&app, after, "").await.0, 404);
    assert_eq!(at(&app, after, "&deleted=true").await.1["deleted_at"], "2026-03-04T05:06:08.080910Z");
    app.delete("/api/v1/users/1?purge=true").await;
    for time in [before, after] {
        assert_eq!(at(&app, time, "&deleted=true").await.0, 404, "of an erased person nothing is told");
    }
}

#[actix_web::test]
async fn what_is_no_time_is_422() {
    let app = TestApp::new();
    app.user("ann").await;
    assert_eq!(app.get("/api/v1/users/1?as_of=yesterday").await.wrong(), ["as_of not_a_time"]);
}
