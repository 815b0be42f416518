//! `POST /users/bulk`.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::user;

use crate::answer::Answer;
use crate::failing::{Fails, Faltering};
use crate::quotas::quota;
use crate::test_app::{TestApp, new_user};

const BULK: &str = "/api/v1/users/bulk";

async fn bulk(app: &TestApp, operations: &Value) -> Answer {
    app.post(BULK, json!({"operations": operations})).await
}

async fn together(app: &TestApp, operations: &Value) -> Answer {
    app.post(BULK, json!({"operations": operations, "atomic": true})).await
}

/// Of each result the status, and the code of its problem.
fn results(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let show = |result: &Value| {
        let (status, problem) = (&result["status"], &result["problem"]);
        if problem.is_null() {
            return status.to_string();
        }
        assert_eq!((&problem["status"], &problem["request_id"]), (status, &json!(answer.header("x-request-id"))));
        assert!(problem["instance"].as_str().unwrap().ends_with("/users/bulk"), "{problem}");
        format!("{status} {}", problem["code"].as_str().unwrap())
    };
    answer.json()["results"].as_array().unwrap().iter().map(show).collect()
}

async fn total(app: &TestApp) -> Value {
    app.get("/api/v1/users").await.json()["total"].clone()
}

#[actix_web::test]
async fn every_operation_has_its_own_result_in_order() {
    let app = TestApp::new();
    let (ann, bob) = (app.user("ann").await, app.user("bob").await);
    let operations = json!([
        {"op": "create", "user": new_user("cid")},
        {"op": "create", "user": new_user("Ann")},
        {"op": "update", "id": 1, "user": {"first_name": "Anna", "user_metadata": {"a": 1}}},
        {"op": "update", "id": ann["uuid"], "user": {"user_metadata": {"b": 2}}, "if_match": "\"2\""},
        {"op": "update", "id": 1, "user": {"locale": "de"}, "if_match": "\"2\""},
        {"op": "delete", "id": "2"},
        {"op": "delete", "id": 2},
        {"op": "restore", "id": bob["uuid"]},
        {"op": "restore", "id": 99},
    ]);
    let answer = bulk(&app, &operations).await;
    let expected = [
        "201",
        "409 username_taken",
        "200",
        "200",
        "412 precondition_failed",
        "204",
        "404 user_not_found",
        "200",
        "404 user_not_found",
    ];
    assert_eq!(results(&answer), expected);
    let users: Vec<_> = answer.json()["results"].as_array().unwrap().iter().map(|one| one["user"].clone()).collect();
    assert_eq!(users[0], app.get("/api/v1/users/3").await.json());
    assert_eq!(users[3], app.get("/api/v1/users/1").await.json());
    assert_eq!(users[3]["user_metadata"], json!({"a": 1, "b": 2}), "as PATCH merges");
    assert_eq!(users[7], app.get("/api/v1/users/2").await.json());
    assert_eq!(users[5], Value::Null);
    assert_eq!(answer.header("cache-control"), "private, no-cache");
    assert!(!answer.text().contains("deleted_at") && !answer.text().contains("password"));
}

#[actix_web::test]
async fn together_all_happen_or_none_and_the_problem_points_to_its_operation() {
    let app = TestApp::new();
    app.user("ann").await;
    let operations = json!([
        {"op": "delete", "id": 1},
        {"op": "create", "user": new_user("ann")},
        {"op": "create", "user": new_user("ANN")},
    ]);
    let answer = together(&app, &operations).await;
    assert_eq!(answer.problem(), "409 username_taken");
    let error = &answer.json()["errors"][0];
    assert_eq!((&error["pointer"], &error["code"]), (&json!("/operations/2"), &json!("username_taken")));
    assert_eq!((app.events().await.len(), app.get("/api/v1/users/1").await.status), (1, 200));

    let operations = json!([{"op": "delete", "id": 1}, {"op": "create", "user": new_user("ann")}]);
    let answer = together(&app, &operations).await;
    assert_eq!(results(&answer), ["204", "201"]);
    assert_eq!(answer.json()["results"][1]["user"]["username"], "ann");
    assert_eq!((app.events().await.len(), app.get("/api/v1/users/1").await.status), (3, 404));
}

#[actix_web::test]
async fn the_form_of_each_operation_is_looked_at() {
    let app = TestApp::new();
    app.user("ann").await;
    let operations = json!([
        {"op": "create", "user": {"username": "x", "email": 5}},
        {"op": "create"},
        {"op": "update", "id": 1, "user": {"role": "king"}},
        {"op": "update", "user": {}},
        {"op": "update", "id": {}, "user": [], "if_match": "3"},
        {"op": "purge", "id": 1},
        {"id": 1},
        7,
        {"op": "delete", "id": "x"},
        {"op": "update", "id": 1, "user": {"locale": "de\u{0}"}},
        {"op": "update", "id": 1, "user": {"locale": "de", "id": 9, "unknown": 1}},
    ]);
    let answer = bulk(&app, &operations).await;
    let results = answer.json()["results"].as_array().unwrap().clone();
    let wrong = |index: usize| -> Vec<String> {
        assert_eq!(results[index]["status"], 422, "{}", results[index]);
        let errors = results[index]["problem"]["errors"].as_array().unwrap();
        let show =
            |error: &Value| format!("{} {}", error["pointer"].as_str().unwrap(), error["code"].as_str().unwrap());
        errors.iter().map(show).collect()
    };
    assert_eq!(
        wrong(0),
        [
            "/operations/0/user/email wrong_type",
            "/operations/0/user/password required",
            "/operations/0/user/username too_short"
        ]
    );
    assert_eq!(wrong(1).len(), 3);
    assert_eq!(wrong(2), ["/operations/2/user/role invalid_role"]);
    assert_eq!(wrong(3), ["/operations/3/id required"]);
    assert_eq!(
        wrong(4),
        ["/operations/4/id invalid_id", "/operations/4/if_match malformed", "/operations/4/user wrong_type"]
    );
    assert_eq!(wrong(5), ["/operations/5/op unknown_operation"]);
    assert_eq!(wrong(6), ["/operations/6/op required"]);
    assert_eq!(wrong(7), ["/operations/7 wrong_type"]);
    assert_eq!(wrong(8), ["/operations/8/id invalid_id"]);
    assert_eq!(wrong(9), ["/operations/9/user/locale control_character"]);
    assert_eq!(results[10]["status"], 200);

    let answer = together(&app, &operations).await;
    assert_eq!(answer.wrong()[0], "/operations/0/user/email wrong_type");
}

#[actix_web::test]
async fn the_list_of_operations_is_looked_at() {
    let app = TestApp::new();
    for (body, expected) in [
        (json!({}), "/operations required"),
        (json!({"operations": null}), "/operations null_not_allowed"),
        (json!({"operations": {}}), "/operations wrong_type"),
        (json!({"operations": [], "atomic": 1}), "/atomic wrong_type"),
        (json!({"operations": vec![json!({"op": "delete", "id": 1}); 1001]}), "/operations too_many_operations"),
        (
            json!({"operations": vec![json!({"op": "create", "user": new_user("a")}); 101]}),
            "/operations too_many_passwords",
        ),
    ] {
        assert_eq!(app.post(BULK, body).await.wrong(), [expected]);
    }
    assert_eq!(app.post(BULK, json!([])).await.wrong(), [" not_an_object"]);
    let answer = app.post(BULK, json!({"operations": []})).await;
    assert_eq!((answer.status, answer.text().as_str()), (200, r#"{"results":[]}"#));
    let text = app.request(Method::POST, BULK).header("content-type", "text/plain").body("x");
    assert_eq!(app.send(text).await.problem(), "415 unsupported_media_type");
}

#[actix_web::test]
async fn a_thousand_operations_and_a_hundred_passwords_fit() {
    let app = TestApp::new();
    let mut operations: Vec<_> =
        (0..100).map(|n| json!({"op": "create", "user": new_user(&format!("user-{n}"))})).collect();
    let padding = "x".repeat(3_900);
    operations
        .extend((0..900).map(|n| json!({"op": "update", "id": n % 100 + 1, "user": {"locale": "de"}, "x": padding})));
    let answer = together(&app, &operations.into()).await;
    let results = results(&answer);
    assert_eq!((results.len(), &*results[0], &*results[999]), (1000, "201", "200"));
    assert_eq!(total(&app).await, 100);
    let too_long = json!({"operations": [], "x": "x".repeat(4 * 1024 * 1024)});
    assert_eq!(app.post(BULK, too_long).await.problem(), "413 payload_too_large");
}

#[actix_web::test]
async fn each_operation_is_allowed_or_not_and_all_count_once() {
    let app = TestApp::with(|config| {
        config.auth_required = true;
        config.rate_limits.write = Some(quota("write", 2));
    });
    let moderator = app.sign_in(user().named("mod").moderator()).await;
    let (ann, boss) = (app.given(user().named("ann")).await, app.given(user().named("boss").admin()).await);
    let body = json!({"operations": [
        {"op": "update", "id": ann.id.get(), "user": {"first_name": "Anna"}},
        {"op": "update", "id": boss.id.get(), "user": {"first_name": "B"}},
        {"op": "create", "user": new_user("cid")},
        {"op": "delete", "id": ann.id.get()},
    ]});
    let answer = moderator.post(BULK, body).await;
    assert_eq!(results(&answer), ["200", "403 forbidden", "403 forbidden", "403 forbidden"]);
    assert!(answer.header("ratelimit").contains("r=1"), "{}", answer.header("ratelimit"));
    let body =
        json!({"operations": [{"op": "update", "id": boss.id.get(), "user": {"first_name": "B"}}], "atomic": true});
    assert_eq!(moderator.post(BULK, body).await.problem(), "403 forbidden");
}

#[actix_web::test]
async fn a_version_may_have_to_be_named() {
    let app = TestApp::with(|config| config.require_if_match = true);
    app.user("ann").await;
    let operations = json!([
        {"op": "update", "id": 1, "user": {"locale": "de"}},
        {"op": "update", "id": 1, "user": {"locale": "de"}, "if_match": "*"},
        {"op": "delete", "id": 1},
        {"op": "delete", "id": 1, "if_match": "\"2\""},
        {"op": "restore", "id": 1},
    ]);
    let expected = ["428 precondition_required", "200", "428 precondition_required", "204", "200"];
    assert_eq!(results(&bulk(&app, &operations).await), expected);
}

#[actix_web::test]
async fn with_a_key_all_of_it_is_answered_the_same_again() {
    let app = TestApp::new();
    app.user("ann").await;
    for is_atomic in [false, true] {
        let name = format!("new-{is_atomic}");
        let mut operations = vec![
            json!({"op": "create", "user": new_user(&name)}),
            json!({"op": "update", "id": 1, "user": {}}),
            json!({"op": "update", "id": 1, "user": {"first_name": name}}),
        ];
        if !is_atomic {
            operations.push(json!({"op": "create", "user": new_user(&name)}));
            operations.push(json!({"op": "create", "user": {}}));
        }
        let body = json!({"operations": operations, "atomic": is_atomic});
        let send = || app.request(Method::POST, BULK).header("idempotency-key", name.clone()).json(&body);
        let first = app.send(send()).await;
        assert_eq!((first.status, first.header("idempotency-replayed")), (200, ""), "{}", first.text());
        let events = app.events().await.len();
        app.clock.advance(TimeDelta::minutes(5));
        let again = app.send(send()).await;
        assert_eq!((again.text(), again.header("idempotency-replayed")), (first.text(), "true"));
        assert_eq!(app.events().await.len(), events);
    }
    let refused = json!({"operations": [{"op": "delete", "id": 99}], "atomic": true});
    let send = || app.request(Method::POST, BULK).header("idempotency-key", "refused").json(&refused);
    for _ in 0..2 {
        assert_eq!(app.send(send()).await.problem(), "404 user_not_found", "it is tried anew");
    }
}

#[actix_web::test]
async fn a_call_that_broke_off_goes_on_where_it_stopped_if_it_has_a_key() {
    let fails = Fails::never();
    let app = TestApp::start(|_| {}, |usual| Faltering::stores(usual, fails.clone()));
    app.user("ann").await;
    let body = json!({"operations": [
        {"op": "create", "user": new_user("bob")},
        {"op": "create", "user": new_user("ann")},
        {"op": "update", "id": 1, "user": {"locale": "de"}},
        {"op": "delete", "id": 1},
    ]});
    let send = || app.request(Method::POST, BULK).header("idempotency-key", "key").json(&body);
    // Behind the reservation, the first operation and the second one.
    fails.behind(3);
    let broken = app.send(send()).await;
    assert_eq!((broken.problem().as_str(), broken.header("retry-after")), ("503 unavailable", "1"));
    assert_eq!(app.events().await.len(), 2);
    let whole = app.send(send()).await;
    assert_eq!((results(&whole), whole.header("idempotency-replayed")), (expected_of_all(), ""));
    assert_eq!(app.events().await.len(), 4);
    let again = app.send(send()).await;
    assert_eq!((again.text(), again.header("idempotency-replayed")), (whole.text(), "true"));
}

fn expected_of_all() -> Vec<String> {
    ["201", "409 username_taken", "200", "204"].map(ToOwned::to_owned).to_vec()
}

#[actix_web::test]
async fn without_a_key_a_call_that_broke_off_says_what_was_done_and_what_was_not_tried() {
    let fails = Fails::never();
    let app = TestApp::start(|_| {}, |usual| Faltering::stores(usual, fails.clone()));
    let operations = json!([
        {"op": "create", "user": new_user("ann")},
        {"op": "create", "user": new_user("bob")},
        {"op": "create", "user": {}},
        {"op": "create", "user": new_user("cid")},
    ]);
    fails.behind(1);
    let expected = ["201", "503 unavailable", "422 validation_failed", "503 unavailable"];
    let answer = bulk(&app, &operations).await;
    assert_eq!(results(&answer), expected);
    assert!(answer.json()["results"][3]["problem"]["detail"].as_str().unwrap().contains("not tried"));
    assert_eq!(total(&app).await, 1);
    fails.behind(0);
    assert_eq!(together(&app, &json!([{"op": "create", "user": new_user("dan")}])).await.problem(), "503 unavailable");
}

#[actix_web::test]
async fn overloaded_hashing_refuses_the_whole_before_anything_happens() {
    let app = TestApp::new();
    app.user("ann").await;
    app.hasher.overload(true);
    let operations =
        json!([{"op": "update", "id": 1, "user": {"locale": "de"}}, {"op": "create", "user": new_user("bob")}]);
    for answer in [bulk(&app, &operations).await, together(&app, &operations).await] {
        assert_eq!(answer.problem(), "503 unavailable");
    }
    assert_eq!(app.events().await.len(), 1);
}

#[actix_web::test]
async fn ids_are_uuids_alone_where_numbers_are_hidden() {
    let app = TestApp::with(|config| config.user_id_format = api_actix::UserIdFormat::Uuid);
    let ann = app.user("ann").await;
    let operations = json!([
        {"op": "update", "id": 1, "user": {"locale": "de"}},
        {"op": "update", "id": ann["id"], "user": {"locale": "de"}},
    ]);
    let answer = bulk(&app, &operations).await;
    assert_eq!(results(&answer), ["422 validation_failed", "200"]);
    assert_eq!(answer.json()["results"][1]["user"]["id"], ann["uuid"]);
}
