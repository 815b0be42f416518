//! `GET /users/export`.

use domain::ports::StorageFault;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::user;

use crate::failing::Broken;
use crate::test_app::{TestApp, new_user};

const PATH: &str = "/api/v1/users/export";

#[actix_web::test]
async fn a_line_of_ndjson_is_a_user_as_other_answers_show_them() {
    let app = TestApp::new();
    for name in ["ann", "bob", "kim"] {
        app.user(name).await;
    }
    app.delete("/api/v1/users/2").await;
    let answer = app.get(PATH).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/x-ndjson"));
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"users.ndjson\"");
    let lines: Vec<Value> = answer.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (ann, kim) = (app.get("/api/v1/users/1").await.json(), app.get("/api/v1/users/3").await.json());
    assert_eq!(lines, [ann, kim], "and nobody who was deleted");
    assert!(!answer.text().contains("hash"), "{}", answer.text());
}

#[actix_web::test]
async fn cells_that_a_spreadsheet_would_run_are_defused() {
    let app = TestApp::new();
    let mut ann = new_user("ann");
    ann["full_name"] = json!("=1+1");
    assert_eq!(app.post("/api/v1/users", ann).await.status, 201);
    let answer = app.get(&format!("{PATH}?format=csv")).await;
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    let text = answer.text();
    let rows: Vec<_> = text.lines().collect();
    assert!(rows[0].starts_with("id,uuid,username,email,full_name,"), "{text}");
    assert!(rows[1].contains(",'=1+1,"), "{text}");
}

#[actix_web::test]
async fn an_export_of_nobody_is_a_header_or_nothing() {
    let app = TestApp::new();
    assert_eq!(app.get(PATH).await.text(), "");
    assert_eq!(app.get(&format!("{PATH}?format=csv")).await.text().lines().count(), 1);
}

#[actix_web::test]
async fn many_users_come_in_one_stream() {
    let app = TestApp::new();
    for number in 0..1_001 {
        app.given(user().named(&format!("user{number}"))).await;
    }
    let text = app.get(PATH).await.text();
    let ids: Vec<_> =
        text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["id"].as_i64().unwrap()).collect();
    assert_eq!(ids, (1..=1_001).collect::<Vec<_>>());
}

#[actix_web::test]
async fn only_administrators_export_and_only_in_a_known_format() {
    let app = TestApp::with_auth();
    assert_eq!(app.get(PATH).await.problem(), "401 unauthenticated");
    for who in [app.as_user("ann").await, app.sign_in(user().named("mo").moderator()).await] {
        assert_eq!(who.get(PATH).await.problem(), "403 forbidden");
    }
    let admin = app.as_admin().await;
    assert_eq!(admin.get(PATH).await.status, 200);
    assert_eq!(admin.get(&format!("{PATH}?format=xlsx")).await.wrong(), ["format invalid_format"]);
}

#[actix_web::test]
async fn a_database_that_is_away_is_503_before_anything_is_sent() {
    let app = TestApp::start(|_| {}, |_| Broken::stores(StorageFault::Unavailable));
    assert_eq!(app.send(app.request(Method::GET, PATH)).await.problem(), "503 unavailable");
}
