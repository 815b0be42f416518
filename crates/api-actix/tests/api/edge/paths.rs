//! Paths that are taken, written differently, or refused.

use crate::raw;
use crate::test_app::TestApp;

#[actix_web::test]
async fn one_trailing_slash_and_encoded_letters_change_nothing() {
    let app = TestApp::new();
    app.user("ann").await;
    for target in [
        "/v1/users/1/",
        "/v1/%75sers/1",
        "/%761/users/",
        "/health/",
        "/api/v1/users/?limit=1",
        "http://localhost/v1/users/1",
    ] {
        let answer = raw::get(app.address, target).await;
        assert_eq!(raw::status(&answer), "200", "{target}: {answer}");
    }
}

#[actix_web::test]
async fn what_could_be_read_in_two_ways_is_a_400_problem() {
    let app = TestApp::new();
    for target in [
        "//v1/users",
        "/v1//users",
        "/v1/users//",
        "/v1/./users",
        "/v1/x/../users",
        "/v1/%2e%2e/users",
        "/v1/users%2f1",
        "/v1/users%5c1",
        "/v1/users%251",
        "/v1/users;x=1",
        "/v1/users%3b",
        "/v1\\users",
        "/v1/users/%00",
        "/v1/users/%0d%0aX:1",
        "/v1/users/%ff",
        "/v1/users/%",
        "/v1/users/%4",
        "/v1/users/%zz",
    ] {
        let answer = raw::get(app.address, target).await;
        assert_eq!(raw::status(&answer), "400", "{target}: {answer}");
        assert!(
            answer.contains("\"code\":\"malformed_request\"") || answer.ends_with("\r\n\r\n"),
            "{target}: {answer}"
        );
    }
}

#[actix_web::test]
async fn methods_are_not_overridden() {
    let app = TestApp::new();
    app.user("ann").await;
    let request =
        app.request(reqwest::Method::GET, "/v1/users/1?_method=DELETE").header("x-http-method-override", "DELETE");
    assert_eq!(app.send(request).await.status, 200);
    assert_eq!(app.get("/v1/users/1").await.status, 200);
}
