//! Health, readiness, documents and pages.

use std::sync::Arc;
use std::time::{Duration, Instant};

use api_actix::error_code::ErrorCode;
use api_actix::{AuditState, RedisState};
use domain::ports::{SchemaState, StorageFault};
use reqwest::Method;
use serde_json::json;

use crate::failing::{Broken, Hanging, OtherSchema};
use crate::test_app::{Rules, Stores, TestApp};

#[actix_web::test]
async fn a_living_process_is_healthy() {
    let app = TestApp::new();
    let answer = app.get("/health").await;
    assert_eq!((answer.status, answer.json()), (200, json!({"status": "healthy"})));
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[actix_web::test]
async fn the_numbers_name_routes_and_nothing_that_a_client_wrote() {
    let app = TestApp::new();
    app.user("zebedee").await;
    assert_eq!(app.get("/api/v1/users/1").await.status, 200);
    assert_eq!(app.get("/v1/users/4711?name=zebedee").await.status, 404);
    assert_eq!(app.get("/zebedee").await.status, 404);
    let brew = Method::from_bytes(b"ZEBEDEE").unwrap();
    assert_eq!(app.send(app.request(brew, "/api/v1/users")).await.status, 405);
    let answer = app.get("/metrics").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/plain; version=0.0.4; charset=utf-8"));
    let numbers = answer.text();
    let counted = |labels: &str| numbers.contains(&format!("http_server_request_duration_seconds_count{{{labels}}}"));
    for labels in [
        r#"http_request_method="POST",http_response_status_code="201",http_route="/api/v1/users""#,
        r#"http_request_method="GET",http_response_status_code="200",http_route="/api/v1/users/{id}""#,
        r#"http_request_method="GET",http_response_status_code="404",http_route="/v1/users/{id}""#,
        r#"http_request_method="GET",http_response_status_code="404""#,
        r#"http_request_method="_OTHER",http_response_status_code="405",http_route="/api/v1/users""#,
    ] {
        assert!(counted(labels), "{labels} is missing in {numbers}");
    }
    assert!(numbers.contains("http_server_active_requests{http_request_method=\"GET\"}"), "{numbers}");
    assert!(!numbers.to_lowercase().contains("zebedee") && !numbers.contains("/4711"), "{numbers}");
}

#[actix_web::test]
async fn numbers_that_are_served_elsewhere_are_not_served_here() {
    let app = TestApp::with(|config| config.metrics_apart = true);
    assert_eq!(app.get("/metrics").await.problem(), "404 not_found");
}

#[actix_web::test]
async fn a_service_with_its_database_is_ready() {
    let app = TestApp::new();
    app.reach_storage().await;
    let answer = app.get("/ready").await;
    let checks = json!({"database": "ok", "redis": "off", "migrations": "ok", "audit": "ok"});
    assert_eq!((answer.status, answer.json()), (200, json!({"status": "ready", "checks": checks})));
}

#[actix_web::test]
async fn a_service_without_its_database_is_alive_but_not_ready() {
    let app = TestApp::start(|_| {}, |_| Broken::stores(StorageFault::Unavailable));
    assert_eq!(app.get("/health").await.status, 200);
    let answer = app.get("/ready").await;
    assert_eq!(answer.problem(), "503 unavailable");
    assert_eq!(
        answer.json()["checks"],
        json!({"database": "failed", "redis": "off", "migrations": "unknown", "audit": "unknown"})
    );
    assert_eq!(answer.header("retry-after"), "1");
    assert!(!answer.text().contains("hunter2"));
}

#[actix_web::test]
async fn a_database_that_hangs_is_not_waited_for_longer_than_two_seconds() {
    let app = TestApp::start(|_| {}, |_| Hanging::stores());
    let started = Instant::now();
    assert_eq!(app.get("/ready").await.problem(), "503 unavailable");
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
}

#[actix_web::test]
async fn tables_of_another_version_are_not_ready() {
    for (state, migrations) in [(SchemaState::Pending, "pending"), (SchemaState::Newer, "newer")] {
        let other = |usual| Stores { probe: Arc::new(OtherSchema(state)), ..usual };
        let app = TestApp::start(|_| {}, other);
        let answer = app.get("/ready").await;
        assert_eq!(answer.problem(), "503 unavailable");
        assert_eq!(answer.json()["checks"]["migrations"], migrations);
    }
}

#[actix_web::test]
async fn a_service_that_is_about_to_stop_says_so_and_still_answers() {
    let app = TestApp::new();
    app.stopper.announce();
    assert_eq!(app.get("/ready").await.problem(), "503 unavailable");
    assert_eq!(app.get("/api/v1/users").await.status, 200);
}

#[actix_web::test]
async fn a_stopped_service_refuses_connections() {
    let app = TestApp::new();
    assert_eq!(app.get("/health").await.status, 200);
    app.stopper.stop().await;
    assert!(app.request(Method::GET, "/health").send().await.unwrap_err().is_connect());
}

#[actix_web::test]
async fn the_document_is_open_api_3_with_complete_paths() {
    let app = TestApp::new();
    let answer = app.get("/openapi.json").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
    let document = answer.json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3."));
    assert!(
        document["paths"]["/api/v1/users/{id}"]["patch"]["requestBody"]["content"]["application/merge-patch+json"]
            .is_object()
    );
    assert_eq!(document["servers"][0]["url"], "/");
}

#[actix_web::test]
async fn every_answer_in_the_document_has_a_body_with_a_schema_and_every_error_an_example() {
    let app = TestApp::new();
    let document = app.get("/openapi.json").await.json();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            for (status, response) in operation["responses"].as_object().unwrap() {
                let place = format!("{method} {path} {status}");
                assert!(response["headers"]["X-Request-Id"].is_object(), "{place}");
                if ["204", "304", "308"].contains(&status.as_str()) {
                    continue;
                }
                for (media_type, content) in response["content"].as_object().expect(&place) {
                    let plain = ["/openapi.json", "/problems/{code}", "/.well-known/jwks.json"];
                    let is_plain = plain.contains(&path.as_str()) && status == "200";
                    // Lines, rows and streams have a form of their own, which the description tells.
                    let is_text = ["application/x-ndjson", "text/csv", "text/event-stream", "text/plain"]
                        .contains(&media_type.as_str());
                    let is_told =
                        content["schema"]["$ref"].is_string() || is_text && content["schema"]["type"] == "string";
                    assert!(is_plain || is_told, "{place} {media_type}");
                    if status.as_str() >= "400" {
                        assert_eq!(media_type, "application/problem+json", "{place}");
                        assert!(!content["examples"].as_object().expect(&place).is_empty());
                    }
                }
            }
        }
    }
}

#[actix_web::test]
async fn the_documentation_page_needs_nothing_from_elsewhere() {
    let app = TestApp::new();
    for path in ["/docs", "/docs/"] {
        let answer = app.get(path).await;
        assert_eq!((answer.status, answer.header("location")), (308, "/docs/index.html"), "{path}");
    }
    let page = app.get("/docs/index.html").await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(page.header("content-security-policy").starts_with("default-src 'none'; script-src 'self';"));
    let html = page.text();
    assert!(!html.contains("http://") && !html.contains("https://"), "{html}");
    let links = html.split('"').filter_map(|part| part.strip_prefix("./"));
    for link in links {
        let file = app.get(&format!("/docs/{link}")).await;
        assert_eq!(file.status, 200, "{link}");
        assert!(!file.body.is_empty(), "{link}");
    }
    assert!(app.get("/docs/swagger-initializer.js").await.text().contains("/openapi.json"));
    assert_eq!(app.get("/docs/nothing.js").await.problem(), "404 not_found");
}

#[actix_web::test]
async fn every_code_has_a_page_and_the_index_leads_to_it() {
    let app = TestApp::new();
    let index = app.get("/problems").await.text();
    for code in ErrorCode::ALL {
        let path = format!("/problems/{}", code.as_str());
        assert!(index.contains(&format!("href=\"{path}\"")), "{path}");
        let page = app.get(&path).await;
        assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"), "{path}");
        assert!(page.header("content-security-policy").contains("default-src 'none'"));
        assert!(page.text().contains(&code.status().as_u16().to_string()), "{path}");
    }
}

#[actix_web::test]
async fn an_unknown_code_has_no_page() {
    let app = TestApp::new();
    assert_eq!(app.get("/problems/teapot").await.problem(), "404 not_found");
    assert_eq!(app.get("/problems/%3Cscript%3E").await.problem(), "404 not_found");
}

#[actix_web::test]
async fn the_keys_of_tokens_are_there_for_everybody_and_may_be_kept_for_a_while() {
    let app = TestApp::with_auth();
    let answer = app.get("/.well-known/jwks.json").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
    assert_eq!((answer.json(), answer.header("cache-control")), (json!({"keys": []}), "public, max-age=300"));
}

#[actix_web::test]
async fn a_service_that_lets_nobody_in_is_not_ready() {
    let app = TestApp::with_auth();
    app.reach_storage().await;
    app.directory.blind(true);
    let answer = app.get("/ready").await;
    assert_eq!(answer.problem(), "503 unavailable");
    assert_eq!(answer.json()["checks"], json!({"database": "ok", "redis": "off", "migrations": "ok", "audit": "ok"}));
    app.directory.blind(false);
    assert_eq!(app.get("/ready").await.status, 200);
}

#[actix_web::test]
async fn a_trail_that_can_be_changed_is_told_and_leaves_the_service_ready() {
    for (audit, told) in [(AuditState::Unprotected, "unprotected"), (AuditState::Unknown, "unknown")] {
        let app = TestApp::under(Rules { audit, ..Rules::default() }, |_| {}, |stores| stores);
        app.reach_storage().await;
        let answer = app.get("/ready").await;
        assert_eq!((answer.status, &answer.json()["checks"]["audit"]), (200, &json!(told)));
    }
}

#[actix_web::test]
async fn a_redis_that_is_away_is_told_and_leaves_the_service_ready() {
    for (redis, told) in [(RedisState::Ok, "ok"), (RedisState::Degraded, "degraded")] {
        let app = TestApp::under(Rules { redis, ..Rules::default() }, |_| {}, |stores| stores);
        app.reach_storage().await;
        let answer = app.get("/ready").await;
        assert_eq!((answer.status, &answer.json()["checks"]["redis"]), (200, &json!(told)));
    }
}
