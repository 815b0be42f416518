//! `GET /audit`.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::test_app::TestApp;

fn actions(page: &Value) -> Vec<&str> {
    page["events"].as_array().unwrap().iter().map(|event| event["action"].as_str().unwrap()).collect()
}

#[actix_web::test]
async fn an_event_says_who_did_what_to_whom_and_from_where() {
    let app = TestApp::with_auth();
    let root = app.as_admin().await;
    let ann = root.post("/api/v1/users", crate::test_app::new_user("ann")).await.json();
    let request = root.request(reqwest::Method::PATCH, "/api/v1/users/2").header("user-agent", "test/1");
    let change = json!({"locale": "de", "password": "another horse"});
    let changed = app.send(request.header("x-request-id", "my-request").json(&change)).await;
    assert_eq!(changed.status, 200);
    let path = "/api/v1/audit?action=user.updated";
    let event = root.get(path).await.json()["events"][0].clone();
    let expected = json!({
        "id": event["id"],
        "position": null,
        "recorded_at": "2026-03-04T05:06:07.080910Z",
        "action": "user.updated",
        "actor": {"type": "user", "id": root.id().await, "name": "root"},
        "target": {"type": "user", "id": ann["uuid"]},
        "changes": [{"field": "locale", "old": null, "new": "de"}],
        "ip": "127.0.0.1",
        "user_agent": "test/1",
        "request_id": "my-request",
        "session_id": root.session,
        "hash": null,
    });
    assert_eq!(event, expected);
    let secret = root.get("/api/v1/audit?action=user.password_changed").await;
    assert_eq!(secret.json()["events"][0]["changes"], json!([{"field": "password"}]));
    app.sequence().await;
    let event = root.get(path).await.json()["events"][0].clone();
    assert!(event["position"].as_i64().unwrap() > 1);
    assert_eq!(event["hash"].as_str().unwrap().len(), 64);
}

#[actix_web::test]
async fn pages_lead_through_events_of_one_moment_from_the_newest_to_the_oldest() {
    let app = TestApp::new();
    for name in ["ann", "bob", "cid", "dan", "eve"] {
        app.user(name).await;
    }
    app.clock.advance(TimeDelta::seconds(1));
    app.patch("/api/v1/users/1", json!({"locale": "de"})).await;
    let (mut path, mut seen) = ("/api/v1/audit?limit=2".to_owned(), Vec::new());
    loop {
        let page = app.get(&path).await.json();
        seen.extend(page["events"].as_array().unwrap().iter().map(|event| event["id"].clone()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/api/v1/audit?limit=2&cursor={cursor}");
        assert!(seen.len() < 7, "{seen:?}");
    }
    let all = app.get("/api/v1/audit?limit=99999").await.json();
    let all: Vec<_> = all["events"].as_array().unwrap().iter().map(|event| event["id"].clone()).collect();
    assert_eq!((seen.len(), &seen), (6, &all));
}

#[actix_web::test]
async fn conditions_find_what_meets_all_of_them() {
    let app = TestApp::with_auth();
    let root = app.as_admin().await;
    root.post("/api/v1/users", crate::test_app::new_user("ann")).await;
    app.clock.advance(TimeDelta::seconds(1));
    root.patch("/api/v1/users/2", json!({"locale": "de"})).await;
    let id = root.id().await;
    for (query, expected) in [
        ("", 5),
        (&*format!("actor={id}"), 4),
        ("actor=1", 4),
        ("target=2", 2),
        ("target=2&actor=1&action=user.updated", 1),
        ("target=2&actor=2", 0),
        (&*format!("target={}", root.session), 1),
        ("action=session.created", 1),
        ("from=2026-03-04T05:06:08Z", 1),
        ("to=2026-03-04T05:06:08Z", 4),
        ("actor=019cb74d-4a88-7000-8000-000000000099", 0),
    ] {
        let page = root.get(&format!("/api/v1/audit?{query}")).await.json();
        assert_eq!(page["events"].as_array().map(Vec::len), Some(expected), "{query}: {:?}", actions(&page));
    }
}

#[actix_web::test]
async fn every_wrong_condition_is_named() {
    let app = TestApp::new();
    for (query, expected) in [
        ("action=user.create", "action unknown_action"),
        ("actor=ann", "actor invalid_id"),
        ("actor=7", "actor unknown_user"),
        ("target=7", "target unknown_user"),
        ("from=yesterday", "from not_a_time"),
        ("to=2026", "to not_a_time"),
        ("limit=0", "limit too_small"),
        ("limit=-1", "limit not_a_number"),
        ("cursor=forged", "cursor invalid_cursor"),
    ] {
        let answer = app.get(&format!("/api/v1/audit?{query}")).await;
        assert_eq!(answer.wrong(), [expected], "{query}");
    }
    let answer = app.get("/api/v1/audit?action=user.create").await;
    assert!(answer.text().contains("user.password_changed"), "{}", answer.text());
    let several = app.get("/api/v1/audit?action=x&from=y&limit=z").await;
    assert_eq!(several.wrong().len(), 3);
}

#[actix_web::test]
async fn a_cursor_is_good_for_its_own_conditions_only() {
    let app = TestApp::new();
    app.user("ann").await;
    app.user("bob").await;
    let page = app.get("/api/v1/audit?limit=1").await.json();
    let cursor = page["next_cursor"].as_str().unwrap();
    for path in ["/api/v1/audit?action=user.created&", "/api/v1/users/1/audit?"] {
        assert_eq!(app.get(&format!("{path}cursor={cursor}")).await.wrong(), ["cursor invalid_cursor"], "{path}");
    }
}

#[actix_web::test]
async fn whoever_shows_no_numbers_takes_none() {
    let app = TestApp::with(|config| config.user_id_format = api_actix::UserIdFormat::Uuid);
    app.user("ann").await;
    assert_eq!(app.get("/api/v1/audit?actor=1").await.wrong(), ["actor invalid_id"]);
}

#[actix_web::test]
async fn of_an_erased_person_the_values_read_erased() {
    let app = TestApp::new();
    let ann = app.user("ann").await;
    app.sequence().await;
    assert_eq!(app.delete("/api/v1/users/1?purge=true").await.status, 204);
    let page = app.get("/api/v1/audit").await;
    assert!(!page.text().contains("ann@example.com") && !page.text().contains("\"ann\""), "{}", page.text());
    let page = page.json();
    assert_eq!(actions(&page), ["user.purged", "user.created"]);
    let created = &page["events"][1];
    let email = created["changes"].as_array().unwrap().iter().find(|change| change["field"] == "email").unwrap();
    assert_eq!(*email, json!({"field": "email", "old": "[erased]", "new": "[erased]"}));
    assert_eq!(created["position"], 1, "its place stays");
    let of_ann = format!("/api/v1/users/{}/audit", ann["uuid"].as_str().unwrap());
    assert_eq!(actions(&app.get(&of_ann).await.json()).len(), 2);
    assert_eq!(app.get("/api/v1/users/1/audit").await.problem(), "404 user_not_found");
}
