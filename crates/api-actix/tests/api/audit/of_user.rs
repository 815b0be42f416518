//! `GET /users/{id}/audit`.

use serde_json::json;

use crate::test_app::TestApp;

#[actix_web::test]
async fn it_holds_what_was_done_to_the_user_and_to_their_sessions() {
    let app = TestApp::with_auth();
    let (root, ann) = (app.as_admin().await, app.as_user("ann").await);
    root.patch("/api/v1/users/2", json!({"locale": "de"})).await;
    ann.delete(&format!("/api/v1/auth/sessions/{}", ann.session)).await;
    let page = root.get("/api/v1/users/2/audit").await.json();
    let mut actions: Vec<_> =
        page["events"].as_array().unwrap().iter().map(|it| it["action"].as_str().unwrap()).collect();
    actions.sort_unstable();
    assert_eq!(actions, ["auth.login", "session.created", "session.revoked", "user.created", "user.updated"]);
    let one = root.get("/api/v1/users/2/audit?action=user.updated&actor=1").await.json();
    assert_eq!(one["events"].as_array().map(Vec::len), Some(1));
}

#[actix_web::test]
async fn a_deleted_user_still_has_it_and_nobody_has_none() {
    let app = TestApp::new();
    app.user("ann").await;
    app.delete("/api/v1/users/1").await;
    let page = app.get("/api/v1/users/1/audit").await.json();
    assert_eq!(page["events"].as_array().map(Vec::len), Some(2));
    for nobody in ["2", "019cb74d-4a88-7000-8000-000000000099"] {
        assert_eq!(app.get(&format!("/api/v1/users/{nobody}/audit")).await.problem(), "404 user_not_found");
    }
    assert_eq!(app.get("/api/v1/users/x/audit").await.wrong(), ["id invalid_id"]);
}
