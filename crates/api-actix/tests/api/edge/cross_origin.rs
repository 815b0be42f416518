//! Pages of other origins that may call the service.

use reqwest::Method;

use crate::test_app::TestApp;

const PAGE: &str = "https://app.example.com";

fn app() -> TestApp {
    TestApp::with(|config| config.cors_origins = vec![PAGE.into()])
}

#[actix_web::test]
async fn an_allowed_page_may_ask_with_the_headers_of_the_contract() {
    let app = app();
    let preflight = app.request(Method::OPTIONS, "/api/v1/users/1").header("origin", PAGE);
    let preflight = preflight.header("access-control-request-method", "PATCH");
    let headers = "authorization, content-type, if-match, if-none-match, idempotency-key, x-request-id";
    let answer = app.send(preflight.header("access-control-request-headers", headers)).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("access-control-allow-origin"), PAGE);
    assert!(answer.header("access-control-allow-methods").contains("PATCH"));
    for name in headers.split(", ") {
        assert!(answer.header("access-control-allow-headers").contains(name), "{name}");
    }
    assert_eq!(answer.header("access-control-allow-credentials"), "");
}

#[actix_web::test]
async fn an_allowed_page_may_read_the_headers_of_the_contract_on_errors_too() {
    let app = app();
    for path in ["/api/v1/users", "/api/v1/users/7", "/nothing"] {
        let answer = app.send(app.request(Method::GET, path).header("origin", PAGE)).await;
        assert_eq!(answer.header("access-control-allow-origin"), PAGE, "{path}");
        let exposed = answer.header("access-control-expose-headers").to_lowercase();
        for name in ["etag", "location", "link", "ratelimit", "ratelimit-policy", "retry-after", "x-request-id"] {
            assert!(exposed.contains(name), "{path} {name}");
        }
        assert!(
            answer.headers.get_all("vary").iter().any(|vary| vary.to_str().unwrap().to_lowercase().contains("origin"))
        );
    }
}

#[actix_web::test]
async fn an_allowed_page_may_read_why_it_was_refused_before_anything_was_routed() {
    let app = TestApp::with(|config| {
        config.cors_origins = vec![PAGE.into()];
        config.limits.url = 100;
        config.limits.head = 1000;
    });
    let long = format!("/health?{}", "x".repeat(100));
    for (path, cookie, status) in
        [("/v1//users", "", 400), (&*long, "", 414), ("/health", &*"x".repeat(1000), 431), ("/v1/users/x", "", 422)]
    {
        for (origin, allowed) in [(PAGE, PAGE), ("HTTPS://APP.example.com", "HTTPS://APP.example.com")] {
            let request = app.request(Method::GET, path).header("origin", origin).header("cookie", cookie);
            let answer = app.send(request).await;
            assert_eq!((answer.status, answer.header("access-control-allow-origin")), (status, allowed), "{path}");
            assert!(answer.header("access-control-expose-headers").contains("X-Request-Id"), "{path}");
            assert_eq!(answer.header("vary"), "origin", "{path}");
        }
    }
}

#[actix_web::test]
async fn a_preflight_for_what_is_not_allowed_says_what_that_is() {
    let app = TestApp::with(|config| {
        config.cors_origins = vec![PAGE.into()];
        config.auth_required = true;
    });
    for (origin, method, headers, named) in [
        (PAGE, "GET", "accept, x-secret", "the header x-secret;"),
        (PAGE, "TRACE", "accept", "the method TRACE;"),
        (PAGE, "patch", "accept", "the method patch;"),
        ("https://evil.example", "GET", "accept", "the origin https://evil.example "),
    ] {
        let preflight = app.request(Method::OPTIONS, "/api/v1/users").header("origin", origin);
        let preflight = preflight.header("access-control-request-method", method);
        let answer = app.send(preflight.header("access-control-request-headers", headers)).await;
        assert_eq!(answer.problem(), "400 malformed_request");
        assert!(answer.json()["detail"].as_str().unwrap().contains(named), "{}", answer.text());
        assert_eq!((answer.header("access-control-allow-methods"), answer.header("vary")), ("", "origin"));
    }
}

#[actix_web::test]
async fn options_without_a_wanted_method_are_no_preflight() {
    let app = app();
    let answer = app.send(app.request(Method::OPTIONS, "/api/v1/users").header("origin", PAGE)).await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (204, PAGE));
}

#[actix_web::test]
async fn without_origins_no_page_is_told_anything() {
    let app = TestApp::new();
    let answer = app.send(app.request(Method::GET, "/health").header("origin", PAGE)).await;
    assert_eq!(answer.header("access-control-allow-origin"), "");
}

#[actix_web::test]
async fn any_origin_may_be_allowed() {
    let app = TestApp::with(|config| config.cors_origins = vec!["*".into()]);
    let answer = app.send(app.request(Method::GET, "/api/v1/users").header("origin", PAGE)).await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, "*"));
}
