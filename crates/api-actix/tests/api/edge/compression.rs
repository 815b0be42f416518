//! Large answers without an entity tag are compressed.

use reqwest::Method;

use crate::answer::Answer;
use crate::test_app::TestApp;

async fn get(app: &TestApp, path: &str, accept: &str) -> Answer {
    app.send(app.request(Method::GET, path).header("accept-encoding", accept)).await
}

#[actix_web::test]
async fn a_large_listing_is_compressed_as_the_client_likes() {
    let app = TestApp::new();
    for name in ["ann", "bob", "cid", "dan", "eve"] {
        app.user(name).await;
    }
    let plain = app.get("/api/v1/users").await;
    assert_eq!((plain.header("content-encoding"), plain.header("vary")), ("", "accept-encoding"));
    assert!(plain.body.len() > 1024);
    for (accept, encoding) in [
        ("gzip", "gzip"),
        ("br", "br"),
        ("zstd", "zstd"),
        ("gzip;q=0.5, br;q=0", "gzip"),
        ("identity", ""),
        ("identity;q=0", ""),
        ("lzma", ""),
    ] {
        let answer = get(&app, "/api/v1/users", accept).await;
        assert_eq!((answer.status, answer.header("content-encoding")), (200, encoding), "{accept}");
        assert_eq!(answer.headers.get_all("vary").iter().collect::<Vec<_>>(), ["accept-encoding"], "{accept}");
        assert_eq!(answer.body.len() < plain.body.len(), !encoding.is_empty(), "{accept}");
    }
}

#[actix_web::test]
async fn what_is_small_or_tagged_is_sent_as_it_is() {
    let app = TestApp::new();
    app.user("ann").await;
    app.patch("/api/v1/users/1", serde_json::json!({"app_metadata": {"x": "y".repeat(4000)}})).await;
    for path in ["/health", "/api/v1/users/1", "/api/v1/users/9", "/api/v1/users?skip=1"] {
        let answer = get(&app, path, "gzip, br").await;
        assert_eq!((answer.header("content-encoding"), answer.header("vary")), ("", ""), "{path}");
    }
}
