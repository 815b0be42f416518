//! `GET /audit/verify`.

use serde_json::{Value, json};

use crate::test_app::TestApp;

async fn with(count: usize) -> TestApp {
    let app = TestApp::new();
    for number in 0..count {
        app.user(&format!("user{number}")).await;
    }
    app.sequence().await;
    app
}

#[actix_web::test]
async fn a_trail_that_nobody_touched_is_in_order() {
    let app = with(3).await;
    let found = app.get("/api/v1/audit/verify").await.json();
    let newest = app.get("/api/v1/audit?limit=1").await.json()["events"][0].clone();
    assert_eq!(found["ok"], true);
    assert_eq!((&found["from"], &found["to"], &found["events"]), (&json!(1), &json!(3), &json!(3)));
    assert_eq!((&found["checkpoints"], &found["signed_to"]), (&json!(1), &json!(3)));
    assert_eq!(found["hash"], newest["hash"]);
    assert_eq!(found["first_wrong"], Value::Null);
    assert_eq!(found["unplaced"], json!({"forged": [], "forged_count": 0, "waiting": 0}));
    assert_eq!(found["public_key"].as_str().unwrap().len(), 64);
    assert_eq!(found["key_id"].as_str().unwrap().len(), 16);
}

#[actix_web::test]
async fn a_part_ends_with_what_was_signed_and_says_nothing_of_the_end() {
    let app = with(3).await;
    let found = app.get("/api/v1/audit/verify?from=2&to=2").await.json();
    assert_eq!((&found["from"], &found["to"], &found["unplaced"]), (&json!(2), &json!(3), &Value::Null));
    let beyond = app.get("/api/v1/audit/verify?from=9").await.json();
    assert_eq!((&beyond["ok"], &beyond["events"]), (&json!(true), &json!(0)));
}

#[actix_web::test]
async fn events_that_have_no_place_yet_are_no_offence() {
    let app = TestApp::new();
    app.user("ann").await;
    let found = app.get("/api/v1/audit/verify").await.json();
    assert_eq!((&found["ok"], &found["events"], &found["signed_to"]), (&json!(true), &json!(0), &Value::Null));
}

#[actix_web::test]
async fn a_part_that_cannot_be_is_422() {
    let app = TestApp::new();
    for (query, expected) in
        [("from=0", "from invalid_range"), ("from=3&to=2", "to invalid_range"), ("to=x", "to not_a_number")]
    {
        assert_eq!(app.get(&format!("/api/v1/audit/verify?{query}")).await.wrong(), [expected], "{query}");
    }
}
