//! `POST /auth/logout`.

use serde_json::json;

use crate::test_app::TestApp;

#[actix_web::test]
async fn whoever_signs_out_is_out_with_both_tokens_and_on_this_device_alone() {
    let app = TestApp::with_auth();
    let (here, there) = (app.as_user("ann").await, app.login("ann").await);
    let answer = here.post_nothing("/api/v1/auth/logout/").await;
    assert_eq!((answer.status, answer.body.len()), (204, 0));
    assert!(!here.is_in().await);
    let spent = app.post("/api/v1/auth/refresh", json!({"refresh_token": here.refresh_token})).await;
    assert_eq!(spent.problem(), "401 token_invalid");
    assert!(there.is_in().await);
    assert!(app.events().await.iter().any(|event| event.action == "auth.logout"));
}

#[actix_web::test]
async fn nobody_signs_out_twice_or_without_a_token() {
    let app = TestApp::with_auth();
    let ann = app.as_user("ann").await;
    ann.post_nothing("/api/v1/auth/logout").await;
    assert_eq!(ann.post_nothing("/api/v1/auth/logout").await.problem(), "401 token_invalid");
    assert_eq!(app.post_nothing("/api/v1/auth/logout").await.problem(), "401 unauthenticated");
}
