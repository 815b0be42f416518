//! `POST /auth/register`.

use serde_json::json;

use crate::test_app::{PASSWORD, Rules, TestApp, new_user};

const REGISTER: &str = "/api/v1/auth/register";

fn open(min_password_score: u8) -> TestApp {
    let rules = Rules { allow_registration: true, min_password_score, ..Rules::default() };
    TestApp::under(rules, |config| config.auth_required = true, |stores| stores)
}

#[actix_web::test]
async fn whoever_registers_is_a_plain_user_whatever_the_body_says_and_can_sign_in() {
    let app = open(0);
    let mut body = new_user("ann");
    for (name, value) in [
        ("role", json!("admin")),
        ("is_active", json!(false)),
        ("must_change_password", json!(true)),
        ("app_metadata", json!({"plan": "gold"})),
        ("external_id", json!("hr-1")),
        ("locale", json!("de")),
    ] {
        body[name] = value;
    }
    let answer = app.post("/v1/auth/register", body).await;
    assert_eq!((answer.status, answer.header("location"), answer.header("etag")), (201, "/v1/users/1", "\"1\""));
    let user = answer.json();
    assert_eq!((&user["role"], &user["is_active"], &user["locale"]), (&json!("user"), &json!(true), &json!("de")));
    assert_eq!((&user["app_metadata"], &user["external_id"]), (&json!({}), &json!(null)));
    let ann = app.login("ann").await;
    assert_eq!(ann.get("/api/v1/users/1").await.status, 200);
}

#[actix_web::test]
async fn names_that_are_taken_and_values_that_cannot_be_are_refused() {
    let app = open(2);
    assert_eq!(app.post(REGISTER, new_user("ann")).await.status, 201);
    assert_eq!(app.post(REGISTER, new_user("ANN")).await.problem(), "409 username_taken");
    let mut other = new_user("anna");
    other["email"] = json!("Ann@example.com");
    assert_eq!(app.post(REGISTER, other).await.problem(), "409 email_taken");
    let mut weak = new_user("bob");
    weak["password"] = json!("Password1234");
    assert_eq!(app.post(REGISTER, weak).await.wrong(), ["/password too_weak"]);
    let none = ["/email required", "/password required", "/username required"];
    assert_eq!(app.post_nothing(REGISTER).await.wrong(), none);
}

#[actix_web::test]
async fn registration_is_off_unless_it_is_switched_on() {
    let app = TestApp::with_auth();
    assert_eq!(app.post(REGISTER, new_user("ann")).await.problem(), "403 registration_disabled");
    let login = app.post("/api/v1/auth/login", json!({"username": "ann", "password": PASSWORD})).await;
    assert_eq!(login.problem(), "401 invalid_credentials");
}
