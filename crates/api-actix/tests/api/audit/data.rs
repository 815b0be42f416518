//! `GET /users/{id}/data`.

use serde_json::{Value, json};

use crate::test_app::TestApp;

#[actix_web::test]
async fn a_person_gets_everything_that_is_kept_about_them_and_nothing_of_others() {
    let app = TestApp::with_auth();
    let (root, ann) = (app.as_admin().await, app.as_user("ann").await);
    root.patch("/api/v1/users/2", json!({"locale": "de"})).await;
    let failed = app.post("/api/v1/auth/login", json!({"username": "ann", "password": "wrong horse"})).await;
    assert_eq!(failed.status, 401);
    let answer = ann.get("/api/v1/users/2/data").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
    let text = answer.text();
    assert!(!text.contains("root") && !text.contains("correct horse") && !text.contains("hash\":\"fake"), "{text}");
    let data = answer.json();
    let mut shown = ann.get("/api/v1/users/2").await.json();
    shown["deleted_at"] = Value::Null;
    let user = data["user"].as_object().unwrap();
    assert!(shown.as_object().unwrap().iter().all(|(name, value)| user[name] == *value), "{text}");
    assert_eq!((&user["status_reason"], &user["must_change_password"]), (&Value::Null, &json!(false)));
    assert_eq!(data["sign_ins"]["known_networks"], 1);
    assert_eq!(data["sign_ins"]["failures"][0]["name"], "username");
    let [session] = data["sessions"].as_array().unwrap().as_slice() else { panic!("{text}") };
    assert_eq!((&session["id"], &session["method"]), (&json!(ann.session), &json!("pwd")));
    let updated = data["events_about"].as_array().unwrap().iter().find(|event| event["action"] == "user.updated");
    let updated = updated.unwrap();
    assert_eq!(updated["actor"], json!({"type": "user", "id": null, "name": null}));
    assert_eq!(updated["changes"], json!([{"field": "locale", "old": null, "new": "de"}]));
    assert_eq!(data["events_by"], json!([]));
}

#[actix_web::test]
async fn what_somebody_did_to_others_has_no_values() {
    let app = TestApp::with_auth();
    let (root, _) = (app.as_admin().await, app.as_user("ann").await);
    root.patch("/api/v1/users/2", json!({"locale": "de"})).await;
    let data = root.get("/api/v1/users/1/data").await.json();
    let [event] = data["events_by"].as_array().unwrap().as_slice() else { panic!("{data}") };
    assert_eq!(event["changes"], json!([{"field": "locale"}]));
}

#[actix_web::test]
async fn of_a_deleted_person_it_goes_on_and_of_an_erased_one_it_ends() {
    let app = TestApp::new();
    app.user("ann").await;
    app.delete("/api/v1/users/1").await;
    let data = app.get("/api/v1/users/1/data").await.json();
    assert!(data["user"]["deleted_at"].is_string(), "{data}");
    app.delete("/api/v1/users/1?purge=true").await;
    assert_eq!(app.get("/api/v1/users/1/data").await.problem(), "404 user_not_found");
}
