//! `DELETE /users/{id}`.

use domain::ports::StorageFault;
use reqwest::Method;

use crate::failing::Broken;
use crate::test_app::{TestApp, new_user};

#[actix_web::test]
async fn a_deleted_user_is_gone_and_their_names_are_free() {
    let app = TestApp::new();
    app.user("ann").await;
    let answer = app.delete("/api/v1/users/1").await;
    assert_eq!((answer.status, answer.body.len()), (204, 0));
    assert_eq!(app.get("/api/v1/users/1").await.problem(), "404 user_not_found");
    assert_eq!(app.delete("/api/v1/users/1").await.problem(), "404 user_not_found");
    assert_eq!(app.post("/api/v1/users", new_user("ann")).await.status, 201);
}

#[actix_web::test]
async fn another_version_than_the_one_named_is_not_deleted() {
    let app = TestApp::new();
    app.user("ann").await;
    let stale = app.request(Method::DELETE, "/api/v1/users/1").header("if-match", "\"2\"");
    assert_eq!(app.send(stale).await.problem(), "412 precondition_failed");
    assert_eq!(app.get("/api/v1/users/1").await.status, 200);
    let current = app.request(Method::DELETE, "/api/v1/users/1").header("if-match", "\"1\"");
    assert_eq!(app.send(current).await.status, 204);
}

#[actix_web::test]
async fn nobody_is_a_404_problem_and_no_id_422() {
    let app = TestApp::new();
    assert_eq!(app.delete("/api/v1/users/1").await.problem(), "404 user_not_found");
    assert_eq!(app.delete("/api/v1/users/ann").await.wrong(), ["id invalid_id"]);
}

#[actix_web::test]
async fn a_database_that_is_away_is_503() {
    let app = TestApp::start(|_| {}, |_| Broken::stores(StorageFault::Unavailable));
    assert_eq!(app.delete("/api/v1/users/1").await.problem(), "503 unavailable");
}
