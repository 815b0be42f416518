//! Who may knock while authentication is off.

use reqwest::Method;

use crate::test_app::TestApp;

#[actix_web::test]
async fn a_foreign_host_is_refused_save_for_probes() {
    let app = TestApp::with(|config| config.allowed_hosts = vec!["api.example.com".into()]);
    let get = |path: &str, host: &str| app.request(Method::GET, path).header("host", host);
    assert_eq!(app.send(get("/api/v1/users", "evil.example")).await.problem(), "403 forbidden_host");
    assert_eq!(app.send(get("/docs", "evil.example")).await.problem(), "403 forbidden_host");
    assert_eq!(app.send(get("/api/v1/users", "api.example.com")).await.status, 200);
    for probe in ["/health", "/ready"] {
        assert_eq!(app.send(get(probe, "10.0.0.7:8000")).await.status, 200);
    }
}

#[actix_web::test]
async fn a_page_of_a_foreign_origin_can_neither_read_nor_write() {
    let app = TestApp::new();
    for method in [Method::GET, Method::POST, Method::OPTIONS] {
        let request = app.request(method, "/api/v1/users").header("origin", "https://evil.example");
        assert_eq!(app.send(request).await.problem(), "403 forbidden_origin");
    }
    let port = app.address.port();
    for (origin, status) in [
        (format!("http://127.0.0.1:{port}"), 200),
        ("http://127.0.0.1:3000".into(), 403),
        (format!("http://localhost:{port}"), 403),
        (format!("http://127.0.0.1:{port}@evil.example"), 403),
    ] {
        let request = app.request(Method::GET, "/api/v1/users").header("origin", &origin);
        assert_eq!(app.send(request).await.status, status, "{origin}");
    }
}

#[actix_web::test]
async fn with_authentication_any_host_is_answered() {
    let app = TestApp::with(|config| config.auth_required = true);
    assert_eq!(app.send(app.request(Method::GET, "/health/").header("host", "evil.example")).await.status, 200);
}
