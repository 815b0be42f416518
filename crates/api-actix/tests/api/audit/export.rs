//! `GET /audit/export`.

use serde_json::Value;

use crate::test_app::TestApp;

async fn with_three() -> TestApp {
    let app = TestApp::new();
    for name in ["ann", "bob", "=cid"] {
        app.user(name).await;
    }
    app.sequence().await;
    app
}

#[actix_web::test]
async fn lines_of_json_hold_what_is_proven_and_what_can_be_read() {
    let app = with_three().await;
    let answer = app.get("/api/v1/audit/export").await;
    assert_eq!(answer.header("content-type"), "application/x-ndjson");
    assert!(answer.header("content-disposition").contains("audit.ndjson"));
    let lines: Vec<Value> = answer.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let events: Vec<_> = lines.iter().filter(|line| line["event"].is_object()).collect();
    assert_eq!(events.iter().map(|line| line["position"].as_i64().unwrap()).collect::<Vec<_>>(), [1, 2, 3]);
    let listed = app.get("/api/v1/audit").await.json();
    assert!(listed["events"].as_array().unwrap().iter().all(|event| events.iter().any(|line| line["event"] == *event)));
    assert!(!events[0]["canonical"].as_str().unwrap().contains("ann@example.com"), "personal values are sealed");
}

#[actix_web::test]
async fn a_table_is_for_reading() {
    let app = with_three().await;
    let answer = app.get("/api/v1/audit/export?format=csv&from=2&to=2").await;
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    let text = answer.text();
    let mut lines = text.lines();
    assert!(lines.next().unwrap().starts_with("position,id,recorded_at,action"), "{text}");
    assert!(lines.next().unwrap().starts_with("2,"), "{text}");
    assert_eq!(lines.next(), None);
}

#[actix_web::test]
async fn what_cannot_be_exported_is_422() {
    let app = TestApp::new();
    for (query, expected) in [
        ("format=xml", "format invalid_format"),
        ("from=0", "from invalid_range"),
        ("to=0", "to invalid_range"),
        ("from=3&to=2", "to invalid_range"),
        ("from=x", "from not_a_number"),
    ] {
        assert_eq!(app.get(&format!("/api/v1/audit/export?{query}")).await.wrong(), [expected], "{query}");
    }
    assert_eq!(app.get("/api/v1/audit/export").await.text(), "", "nothing happened yet");
}

#[actix_web::test]
async fn an_export_is_compressed_on_demand() {
    let app = with_three().await;
    let request = app.request(reqwest::Method::GET, "/api/v1/audit/export").header("accept-encoding", "gzip");
    assert_eq!(app.send(request).await.header("content-encoding"), "gzip");
}
