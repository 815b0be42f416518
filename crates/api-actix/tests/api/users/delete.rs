//! `DELETE /users/{id}`.

use domain::ports::StorageFault;
use reqwest::Method;
use serde_json::json;
use testkit::user;

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

#[actix_web::test]
async fn an_erased_person_is_gone_for_good_and_the_trail_cannot_be_read_any_more() {
    let app = TestApp::new();
    app.user("ann").await;
    app.user("bob").await;
    assert_eq!(app.delete("/api/v1/users/2").await.status, 204);
    for id in [1, 2] {
        assert_eq!(app.delete(&format!("/api/v1/users/{id}?purge=true")).await.status, 204);
        assert_eq!(app.delete(&format!("/api/v1/users/{id}?purge=true")).await.problem(), "404 user_not_found");
        assert_eq!(app.get(&format!("/api/v1/users/{id}?deleted=true")).await.problem(), "404 user_not_found");
        let restored = app.post(&format!("/api/v1/users/{id}/restore"), json!({})).await;
        assert_eq!(restored.problem(), "404 user_not_found");
    }
    assert_eq!(app.events().await.iter().filter(|event| event.action == "user.purged").count(), 2);
    let next = app.post("/api/v1/users", new_user("ann")).await;
    assert_eq!((next.status, &next.json()["id"]), (201, &json!(3)), "numbers never come again");
}

#[actix_web::test]
async fn a_purge_that_is_neither_true_nor_false_deletes_nobody() {
    let app = TestApp::new();
    app.user("ann").await;
    assert_eq!(app.delete("/api/v1/users/1?purge=perhaps").await.status, 422);
    assert_eq!(app.get("/api/v1/users/1").await.status, 200);
}

#[actix_web::test]
async fn only_administrators_erase_people() {
    let app = TestApp::with_auth();
    let ann = app.sign_in(user().named("ann")).await;
    let mo = app.sign_in(user().named("mo").moderator()).await;
    let path = format!("/api/v1/users/{}?purge=true", ann.id().await);
    for who in [&ann, &mo] {
        assert_eq!(who.delete(&path).await.problem(), "403 forbidden");
    }
    assert_eq!(app.as_admin().await.delete(&path).await.status, 204);
    assert!(!ann.is_in().await, "their session went with them");
}
