//! Paths that are not there, and methods that a path does not take.

use reqwest::Method;

use crate::test_app::TestApp;

#[actix_web::test]
async fn what_is_not_there_is_a_404_problem() {
    let app = TestApp::new();
    for path in ["/", "/users", "/v1", "/api", "/api/v1", "/api/v2/users", "/v1/users/1/friends", "/favicon.ico"] {
        assert_eq!(app.get(path).await.problem(), "404 not_found", "{path}");
    }
}

#[actix_web::test]
async fn another_method_is_a_405_problem_that_names_those_that_work() {
    let app = TestApp::new();
    for (method, path, allow) in [
        (Method::DELETE, "/api/v1/users", "GET, HEAD, OPTIONS, POST"),
        (Method::POST, "/v1/users/1", "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"),
        (Method::GET, "/v1/users/1/restore", "OPTIONS, POST"),
        (Method::HEAD, "/v1/users/1/restore", "OPTIONS, POST"),
        (Method::POST, "/health", "GET, HEAD, OPTIONS"),
        (Method::POST, "/docs", "GET, HEAD, OPTIONS"),
        (Method::PUT, "/openapi.json", "GET, HEAD, OPTIONS"),
        (Method::DELETE, "/problems/internal", "GET, HEAD, OPTIONS"),
        (Method::TRACE, "/api/v1/users", "GET, HEAD, OPTIONS, POST"),
        (Method::from_bytes(b"PROPFIND").unwrap(), "/v1/users/", "GET, HEAD, OPTIONS, POST"),
    ] {
        let request = app.request(method.clone(), path).build().unwrap();
        let answer = crate::answer::Answer::of(reqwest::Client::new().execute(request).await.unwrap()).await;
        assert_eq!((answer.status, answer.header("allow")), (405, allow), "{method} {path}");
        if method != Method::HEAD {
            assert_eq!(answer.problem(), "405 method_not_allowed");
        }
    }
}

#[actix_web::test]
async fn options_say_which_methods_work() {
    let app = TestApp::new();
    let answer = app.send(app.request(Method::OPTIONS, "/api/v1/users/1")).await;
    assert_eq!((answer.status, answer.header("allow")), (204, "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"));
    assert_eq!(answer.header("accept-patch"), "application/merge-patch+json, application/json");
    assert!(answer.body.is_empty());
    assert_eq!(app.send(app.request(Method::OPTIONS, "/api/v1/users")).await.header("accept-patch"), "");
    assert_eq!(app.send(app.request(Method::OPTIONS, "/nothing")).await.problem(), "404 not_found");
}
