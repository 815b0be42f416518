//! `POST /users`.

use api_actix::UserIdFormat;
use api_actix::rest::users::schema::UserResponse;
use domain::ports::StorageFault;
use reqwest::Method;
use serde_json::{Value, json};

use crate::failing::Broken;
use crate::test_app::Event;
use crate::test_app::{TestApp, new_user};

#[actix_web::test]
async fn a_new_user_is_shown_without_password_and_hash() {
    let app = TestApp::new();
    let body =
        json!({"username": "Ann", "email": "Ann@Example.com", "password": "correct horse", "full_name": "Ann Archer"});
    let answer = app.post("/api/v1/users", body).await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.header("location"), "/api/v1/users/1");
    assert_eq!(answer.header("etag"), "\"1\"");
    assert_eq!(answer.header("cache-control"), "private, no-cache");
    insta::assert_json_snapshot!(answer.json(), @r#"
    {
      "app_metadata": {},
      "created_at": "2026-03-04T05:06:07.080910Z",
      "email": "Ann@Example.com",
      "email_verified": false,
      "external_id": null,
      "first_name": null,
      "full_name": "Ann Archer",
      "id": 1,
      "is_active": true,
      "last_login_at": null,
      "last_name": null,
      "locale": null,
      "role": "user",
      "suspended_until": null,
      "updated_at": "2026-03-04T05:06:07.080910Z",
      "user_metadata": {},
      "username": "Ann",
      "uuid": "019cb73d-3268-7000-8000-000000000001"
    }
    "#);
}

#[actix_web::test]
async fn what_is_answered_is_what_the_document_describes() {
    let app = TestApp::new();
    let user = app.user("ann").await;
    let documented =
        app.get("/openapi.json").await.json()["components"]["schemas"]["UserResponse"]["properties"].clone();
    let mut documented: Vec<_> = documented.as_object().unwrap().keys().cloned().collect();
    documented.retain(|name| name != "deleted_at");
    assert_eq!(user.as_object().unwrap().keys().cloned().collect::<Vec<_>>(), documented);
    serde_json::from_value::<UserResponse>(user).expect("each member has the type of UserResponse");
}

#[actix_web::test]
async fn every_member_is_taken() {
    let app = TestApp::new();
    let mut body = new_user("ann");
    let more = json!({
        "first_name": "Ann", "last_name": "Archer", "role": "moderator", "is_active": false, "external_id": "hr-1",
        "locale": "en-GB", "user_metadata": {"b": [1, null], "a": 0.5}, "app_metadata": {"plan": "free"},
    });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let user = app.post("/v1/users", body.clone()).await.json();
    for (name, value) in body.as_object().unwrap().iter().filter(|(name, _)| *name != "password") {
        assert_eq!(user[name], *value, "{name}");
    }
    assert_eq!(user["full_name"], "Ann Archer");
}

#[actix_web::test]
async fn null_in_an_optional_member_is_like_leaving_it_out() {
    let app = TestApp::new();
    let mut body = new_user("ann");
    for name in ["full_name", "first_name", "last_name", "external_id", "locale", "user_metadata", "app_metadata"] {
        body[name] = Value::Null;
    }
    assert_eq!(app.post("/api/v1/users", body).await.status, 201);
}

#[actix_web::test]
async fn unknown_and_read_only_members_are_ignored() {
    let app = TestApp::new();
    let mut body = new_user("ann");
    body["id"] = 77.into();
    body["password_hash"] = "x".into();
    body["created_at"] = false.into();
    let user = app.post("/api/v1/users", body).await.json();
    assert_eq!((&user["id"], &user["created_at"]), (&json!(1), &json!("2026-03-04T05:06:07.080910Z")));
}

#[actix_web::test]
async fn a_name_is_taken_whatever_its_case_and_the_name_comes_before_the_address() {
    let app = TestApp::new();
    app.user("ann").await;
    let answer = app
        .post("/api/v1/users", json!({"username": "ANN", "email": "ANN@example.com", "password": "correct horse"}))
        .await;
    assert_eq!(answer.problem(), "409 username_taken");
    assert_eq!(answer.json()["detail"], "Username already exists");
    let answer = app
        .post("/api/v1/users", json!({"username": "bob", "email": "ANN@EXAMPLE.com", "password": "correct horse"}))
        .await;
    assert_eq!(answer.problem(), "409 email_taken");
    assert_eq!(answer.json()["detail"], "Email already exists");
}

#[actix_web::test]
async fn an_external_id_belongs_to_one_user() {
    let app = TestApp::new();
    for (name, expected) in [("ann", 201), ("bob", 409)] {
        let mut body = new_user(name);
        body["external_id"] = "hr-1".into();
        let answer = app.post("/api/v1/users", body).await;
        assert_eq!(answer.status, expected);
        if expected == 409 {
            assert_eq!(answer.problem(), "409 external_id_taken");
        }
    }
}

#[actix_web::test]
async fn every_wrong_member_is_named() {
    let app = TestApp::new();
    let body = json!({"username": 7, "email": "ann", "password": null, "role": "root", "is_active": "yes", "user_metadata": []});
    insta::assert_debug_snapshot!(app.post("/api/v1/users", body).await.wrong(), @r#"
    [
        "/email invalid_email",
        "/is_active wrong_type",
        "/password null_not_allowed",
        "/role invalid_role",
        "/user_metadata wrong_type",
        "/username wrong_type",
    ]
    "#);
}

#[actix_web::test]
async fn no_body_is_an_empty_object_in_which_required_members_are_missing() {
    let app = TestApp::new();
    let wrong = app.post_nothing("/api/v1/users").await.wrong();
    assert_eq!(wrong, ["/email required", "/password required", "/username required"]);
}

#[actix_web::test]
async fn a_refused_user_was_not_made() {
    let app = TestApp::new();
    app.post("/api/v1/users", json!({"username": "ann", "email": "ann", "password": "correct horse"})).await;
    assert_eq!(app.get("/api/v1/users").await.json()["total"], 0);
}

#[actix_web::test]
async fn too_many_passwords_at_once_are_put_off() {
    let app = TestApp::new();
    app.hasher.overload(true);
    let answer = app.post("/api/v1/users", new_user("ann")).await;
    assert_eq!(answer.problem(), "503 unavailable");
    assert_eq!(answer.header("retry-after"), "2");
    app.hasher.overload(false);
    assert_eq!(app.post("/api/v1/users", new_user("ann")).await.status, 201);
}

#[actix_web::test]
async fn a_database_that_is_away_is_503_and_a_fault_is_500_and_neither_tells_why() {
    for (fault, expected) in [
        (StorageFault::Unavailable, "503 unavailable"),
        (StorageFault::Retryable, "503 unavailable"),
        (StorageFault::Failed, "500 internal"),
        (StorageFault::UnknownOutcome, "503 unavailable"),
    ] {
        let app = TestApp::start(|_| {}, |_| Broken::stores(fault));
        let answer = app.post("/api/v1/users", new_user("ann")).await;
        assert_eq!(answer.problem(), expected);
        assert!(!answer.text().contains("hunter2"), "{}", answer.text());
    }
}

#[actix_web::test]
async fn where_numbers_are_hidden_the_uuid_is_the_id() {
    let app = TestApp::with(|config| config.user_id_format = UserIdFormat::Uuid);
    let answer = app.post("/v1/users", new_user("ann")).await;
    let user = answer.json();
    assert_eq!(user["id"], user["uuid"]);
    assert_eq!(answer.header("location"), format!("/v1/users/{}", user["uuid"].as_str().unwrap()));
}

#[actix_web::test]
async fn the_change_is_written_down_with_where_it_came_from() {
    let app = TestApp::new();
    let request = app.request(Method::POST, "/api/v1/users").json(&new_user("ann"));
    app.send(request.header("x-request-id", "req-1").header("user-agent", "tests\u{e4}")).await;
    let text = |text: &str| Some(text.to_owned());
    let event = Event {
        actor_name: None,
        session_id: None,
        action: "user.created".to_owned(),
        request_id: text("req-1"),
        user_agent: text("tests\u{e4}"),
        ip: text("127.0.0.1"),
    };
    assert_eq!(app.events().await, [event]);
}
