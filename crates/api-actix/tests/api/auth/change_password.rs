//! `POST /auth/change-password`.

use serde_json::json;

use crate::test_app::{PASSWORD, Rules, TestApp};

const CHANGE: &str = "/api/v1/auth/change-password";

#[actix_web::test]
async fn another_password_ends_every_other_session() {
    let app = TestApp::with_auth();
    let (here, there) = (app.as_user("ann").await, app.login("ann").await);
    let answer = here.post(CHANGE, json!({"current_password": PASSWORD, "new_password": "seven llamas"})).await;
    assert_eq!((answer.status, answer.body.len()), (204, 0));
    assert!(here.is_in().await && !there.is_in().await);
    let old = app.post("/api/v1/auth/login", json!({"username": "ann", "password": PASSWORD})).await;
    assert_eq!(old.problem(), "401 invalid_credentials");
    let new = app.post("/api/v1/auth/login", json!({"username": "ann", "password": "seven llamas"})).await;
    assert_eq!(new.status, 200);
}

#[actix_web::test]
async fn a_wrong_current_password_is_refused_and_counts_as_a_failure() {
    let app = TestApp::with_auth();
    let ann = app.as_user("ann").await;
    let body = json!({"current_password": "wrong horse", "new_password": "seven llamas"});
    for _ in 0..5 {
        assert_eq!(ann.post(CHANGE, body.clone()).await.problem(), "403 current_password_wrong");
    }
    assert_eq!(ann.post(CHANGE, body).await.problem(), "429 too_many_attempts");
}

#[actix_web::test]
async fn a_password_that_cannot_be_is_named() {
    let app = TestApp::under(Rules { min_password_score: 2, ..Rules::default() }, |c| c.auth_required = true, |s| s);
    let ann = app.as_user("ann").await;
    for (new, wrong) in [
        (json!("short"), "/new_password too_short"),
        (json!(null), "/new_password null_not_allowed"),
        (json!(PASSWORD), "/new_password same_password"),
        (json!("Password1234"), "/new_password too_weak"),
        (json!("for ANN only"), "/new_password contains_name"),
    ] {
        let answer = ann.post(CHANGE, json!({"current_password": PASSWORD, "new_password": new})).await;
        assert_eq!(answer.wrong(), [wrong]);
    }
    assert_eq!(ann.post_nothing(CHANGE).await.wrong(), ["/current_password required", "/new_password required"]);
}
