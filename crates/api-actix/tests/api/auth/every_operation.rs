//! What holds for every operation that the document describes.

use reqwest::Method;
use serde_json::Value;

use crate::test_app::TestApp;

/// Every operation: its method, a path of it, and what the document says about it.
fn operations(document: &Value) -> Vec<(Method, String, Value)> {
    let sid = "019aa5b0-7c1e-7000-8000-00000000005e";
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let path = path.replace("{id}", "1").replace("{sid}", sid).replace("{code}", "internal");
            found.push((method.to_uppercase().parse().unwrap(), path, operation.clone()));
        }
    }
    found
}

#[actix_web::test]
async fn without_a_token_every_operation_is_401_but_those_that_ask_for_none() {
    let app = TestApp::with_auth();
    let document = app.get("/openapi.json").await.json();
    let mut asking = 0;
    for (method, path, operation) in operations(&document) {
        let asks = !operation["security"].as_array().unwrap().is_empty();
        asking += usize::from(asks);
        for base in ["/api/v1", "/v1"] {
            let path = path.replacen("/api/v1", base, 1);
            // A body that is none, so that nothing could come before.
            let request = app.request(method.clone(), &path).header("content-type", "text/plain").body("x");
            let answer = app.send(request).await;
            assert_eq!(answer.status == 401, asks, "{method} {path} {}", answer.status);
            if asks {
                assert_eq!(answer.problem(), "401 unauthenticated", "{method} {path}");
            }
        }
    }
    assert_eq!(asking, 29);
}

#[actix_web::test]
async fn every_operation_that_asks_for_a_token_says_what_becomes_of_those_without_a_good_one() {
    let app = TestApp::with_auth();
    let document = app.get("/openapi.json").await.json();
    for (method, path, operation) in operations(&document) {
        let asks = !operation["security"].as_array().unwrap().is_empty();
        let answers = &operation["responses"];
        assert_eq!(
            answers["429"]["headers"]["Retry-After"].is_object(),
            path.starts_with("/api/v1"),
            "{method} {path}"
        );
        if asks {
            let codes = answers["401"]["content"]["application/problem+json"]["examples"].as_object().unwrap();
            let codes: Vec<_> = codes.keys().map(String::as_str).collect();
            assert_eq!(codes, ["token_expired", "token_invalid", "unauthenticated"], "{method} {path}");
            assert!(answers["401"]["headers"]["WWW-Authenticate"].is_object(), "{method} {path}");
            assert!(answers["200"]["headers"]["RateLimit"].is_object() != answers["200"].is_null(), "{method} {path}");
        }
    }
}

#[actix_web::test]
async fn one_trailing_slash_is_accepted_everywhere() {
    let app = TestApp::with_auth();
    let document = app.get("/openapi.json").await.json();
    for (method, path, _) in operations(&document).into_iter().filter(|(_, path, _)| path.starts_with("/api/v1")) {
        let (plain, slashed) = (app.request(method.clone(), &path), app.request(method.clone(), &format!("{path}/")));
        let (plain, slashed) = (app.send(plain).await, app.send(slashed).await);
        assert_eq!(plain.status, slashed.status, "{method} {path}");
        assert_eq!(slashed.json()["code"], plain.json()["code"], "{method} {path}");
    }
}
