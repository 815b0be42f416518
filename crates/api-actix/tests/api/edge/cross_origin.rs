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
async fn a_preflight_for_what_is_not_allowed_does_not_allow_it() {
    let app = app();
    let preflight = app.request(Method::OPTIONS, "/api/v1/users").header("origin", PAGE);
    let preflight = preflight.header("access-control-request-method", "GET");
    let answer = app.send(preflight.header("access-control-request-headers", "x-secret")).await;
    assert!(!answer.header("access-control-allow-headers").contains("x-secret"), "{answer:?}");
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
