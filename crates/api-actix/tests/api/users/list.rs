//! `GET /users`.

use api_actix::rest::users::schema::UserListResponse;
use chrono::TimeDelta;
use domain::ports::StorageFault;
use serde_json::{Value, json};

use crate::failing::Broken;
use crate::test_app::{TestApp, new_user};

const NAMES: [&str; 5] = ["ann", "bob", "cid", "dan", "eve"];

async fn five() -> TestApp {
    let app = TestApp::new();
    for name in NAMES {
        app.user(name).await;
        app.clock.advance(TimeDelta::seconds(1));
    }
    app
}

fn names(page: &Value) -> Vec<&str> {
    page["users"].as_array().unwrap().iter().map(|user| user["username"].as_str().unwrap()).collect()
}

#[actix_web::test]
async fn nobody_is_an_empty_page() {
    let app = TestApp::new();
    let answer = app.get("/api/v1/users?skip=0&limit=10").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json(), json!({"users": [], "total": 0, "page": 1, "page_size": 10, "next_cursor": null}));
    assert_eq!(answer.header("cache-control"), "private, no-cache");
    assert_eq!(answer.header("etag"), "");
}

#[actix_web::test]
async fn a_page_says_where_it_stands() {
    let app = five().await;
    let answer = app.get("/v1/users?skip=2&limit=2").await;
    let page = answer.json();
    assert_eq!(names(&page), ["cid", "dan"]);
    assert_eq!((&page["total"], &page["page"], &page["page_size"]), (&json!(5), &json!(2), &json!(2)));
    insta::assert_snapshot!(answer.header("link").replace(", ", "\n"), @r#"
    </v1/users?limit=2&skip=0>; rel="first"
    </v1/users?limit=2&skip=0>; rel="prev"
    </v1/users?limit=2&skip=4>; rel="next"
    </v1/users?limit=2&skip=4>; rel="last"
    "#);
    serde_json::from_value::<UserListResponse>(page).expect("each member has the type of UserListResponse");
}

#[actix_web::test]
async fn cursors_lead_through_everybody_once() {
    for sort in ["id", "-id", "created_at", "-created_at", "username", "-email", "updated_at"] {
        let app = five().await;
        let mut seen = Vec::new();
        let mut path = format!("/api/v1/users?limit=2&sort={sort}");
        loop {
            let page = app.get(&path).await.json();
            seen.extend(names(&page).into_iter().map(str::to_owned));
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            // Whoever is gone already was seen, and does not move the others.
            app.delete(&format!("/api/v1/users/{}", page["users"][0]["id"])).await;
            path = format!("/api/v1/users?limit=2&sort={sort}&cursor={cursor}");
        }
        let mut expected = NAMES.to_vec();
        if sort.starts_with('-') {
            expected.reverse();
        }
        assert_eq!(seen, expected, "{sort}");
    }
}

#[actix_web::test]
async fn a_page_by_cursor_has_no_number_and_leads_on_by_cursor() {
    let app = five().await;
    let first = app.get("/api/v1/users?limit=2").await.json();
    let cursor = first["next_cursor"].as_str().unwrap();
    let answer = app.get(&format!("/api/v1/users?limit=2&cursor={cursor}")).await;
    assert_eq!(answer.json()["page"], Value::Null);
    let next = answer.json()["next_cursor"].as_str().unwrap().to_owned();
    assert!(
        answer
            .header("link")
            .contains(&format!("<?limit=2&cursor={next}>; rel=\"next\"").replace('<', "</api/v1/users"))
    );
}

#[actix_web::test]
async fn a_cursor_that_was_not_given_out_for_this_listing_is_refused() {
    let app = five().await;
    let page = app.get("/api/v1/users?limit=2&role=user").await.json();
    let cursor = page["next_cursor"].as_str().unwrap();
    let other_listings = ["", "&role=admin", "&role=user&sort=username", "&role=user&q=a", "&role=user&q=*a*"];
    for other in other_listings {
        let answer = app.get(&format!("/api/v1/users?cursor={cursor}{other}")).await;
        assert_eq!(answer.wrong(), ["cursor invalid_cursor"], "{other}");
    }
    for forged in ["", "x", "%20", "%F0%9F%98%80", &"A".repeat(4000), &format!("0{cursor}")] {
        let answer = app.get(&format!("/api/v1/users?role=user&cursor={forged}")).await;
        assert_eq!(answer.wrong(), ["cursor invalid_cursor"], "{forged}");
    }
    let both = app.get(&format!("/api/v1/users?role=user&skip=0&cursor={cursor}")).await;
    assert_eq!(both.wrong(), ["cursor not_with_skip"]);
}

#[actix_web::test]
async fn filters_combine() {
    let app = five().await;
    app.patch("/api/v1/users/1", json!({"role": "admin", "last_name": "Álvarez", "external_id": "x-1"})).await;
    app.post_nothing("/api/v1/users/2/deactivate").await;
    app.delete("/api/v1/users/5").await;
    for (query, expected) in [
        ("", &["ann", "bob", "cid", "dan"][..]),
        ("role=admin", &["ann"]),
        ("is_active=false", &["bob"]),
        ("is_active=False", &["bob"]),
        ("is_active=0", &["bob"]),
        ("is_active=true&role=user", &["cid", "dan"]),
        ("q=a%CC%81LV", &["ann"]),
        ("q=%25", &[]),
        ("q=lvar", &[]),
        ("q=*%C3%81LVAR*", &["ann"]),
        ("q=*lvar*", &["ann"]),
        ("q=*LVAR*&role=user", &[]),
        ("q=*lvar", &[]),
        ("q=*a*r*", &[]),
        ("q=*%25*", &[]),
        ("q=*I*", &["cid"]),
        ("q=**", &["ann", "bob", "cid", "dan"]),
        ("q=", &["ann", "bob", "cid", "dan"]),
        ("username=BOB", &["bob"]),
        ("email=CID%40EXAMPLE.com", &["cid"]),
        ("external_id=x-1", &["ann"]),
        ("external_id=X-1", &[]),
        ("created_after=2026-03-04T05:06:08.080910Z", &["cid", "dan"]),
        ("created_before=2026-03-04T06:06:08.080910%2B01:00", &["ann"]),
        ("deleted=only", &["eve"]),
        ("deleted=ONLY", &["eve"]),
        ("deleted=true&sort=-id&limit=2", &["eve", "dan"]),
        ("q=nobody&role=user", &[]),
    ] {
        let page = app.get(&format!("/api/v1/users?{query}")).await.json();
        assert_eq!(names(&page), expected, "{query}");
    }
}

#[actix_web::test]
async fn the_time_of_deletion_is_shown_where_deleted_users_are_asked_for() {
    let app = five().await;
    app.delete("/api/v1/users/5").await;
    let page = app.get("/api/v1/users?deleted=true").await.json();
    assert_eq!(page["users"][0]["deleted_at"], Value::Null);
    assert_eq!(page["users"][4]["deleted_at"], "2026-03-04T05:06:12.080910Z");
    assert!(app.get("/api/v1/users").await.json()["users"][0].get("deleted_at").is_none());
}

#[actix_web::test]
async fn the_limit_ends_at_a_hundred_and_zero_only_counts() {
    let app = five().await;
    assert_eq!(app.get("/api/v1/users?limit=101").await.json()["page_size"], 100);
    assert_eq!(app.get("/api/v1/users?limit=99999999999999999999").await.json()["page_size"], 100);
    let none = app.get("/api/v1/users?limit=0&skip=3").await;
    assert_eq!(none.json(), json!({"users": [], "total": 5, "page": 1, "page_size": 0, "next_cursor": null}));
    assert_eq!(none.header("link"), "");
}

#[actix_web::test]
async fn behind_the_end_there_is_nobody() {
    let app = five().await;
    for skip in ["5", "9223372036854775807", "18446744073709551616"] {
        let page = app.get(&format!("/api/v1/users?skip={skip}")).await.json();
        assert_eq!((names(&page).len(), &page["total"]), (0, &json!(5)), "{skip}");
    }
}

#[actix_web::test]
async fn counting_can_be_left_out() {
    let app = five().await;
    let answer = app.get("/api/v1/users?count=none&limit=2").await;
    assert_eq!(answer.json()["total"], Value::Null);
    assert!(!answer.header("link").contains("last") && answer.header("link").contains("next"));
}

#[actix_web::test]
async fn every_wrong_parameter_is_named() {
    let app = TestApp::new();
    let query =
        "skip=-1&limit=ten&role=root&is_active=2&created_after=now&deleted=maybe&sort=password_hash&count=some&q=a&q=b";
    let mut wrong = app.get(&format!("/api/v1/users?{query}")).await.wrong();
    wrong.sort();
    insta::assert_debug_snapshot!(wrong, @r#"
    [
        "count invalid_count",
        "created_after not_a_time",
        "deleted invalid_scope",
        "is_active not_a_boolean",
        "limit not_a_number",
        "q repeated",
        "role invalid_role",
        "skip not_a_number",
        "sort invalid_sort",
    ]
    "#);
}

#[actix_web::test]
async fn a_query_that_is_no_text_is_malformed() {
    let app = TestApp::new();
    for query in ["q=%ff", "q=%00", "q=%4", "%C3=1"] {
        assert_eq!(app.get(&format!("/api/v1/users?{query}")).await.problem(), "400 malformed_request", "{query}");
    }
}

#[actix_web::test]
async fn where_numbers_are_hidden_listings_show_uuids() {
    let app = TestApp::with(|config| config.user_id_format = api_actix::UserIdFormat::Uuid);
    let user = app.post("/api/v1/users", new_user("ann")).await.json();
    assert_eq!(app.get("/api/v1/users").await.json()["users"][0], user);
}

#[actix_web::test]
async fn a_database_that_is_away_is_503() {
    let app = TestApp::start(|_| {}, |_| Broken::stores(StorageFault::Unavailable));
    assert_eq!(app.get("/api/v1/users").await.problem(), "503 unavailable");
}
