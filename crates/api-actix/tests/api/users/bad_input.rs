//! Bodies that nobody should send: a 4xx problem that names the place, and nothing changed.

use reqwest::Method;
use serde_json::json;

use crate::test_app::{TestApp, new_user};

/// A body that would make a user, with this text in the place of `"full_name"`'s value.
fn named(value: &str) -> String {
    format!(r#"{{"username":"ann","email":"ann@example.com","password":"correct horse","full_name":{value}}}"#)
}

fn with_metadata(value: &str) -> String {
    format!(r#"{{"username":"ann","email":"ann@example.com","password":"correct horse","user_metadata":{value}}}"#)
}

async fn check(app: &TestApp, body: impl Into<Vec<u8>>, expected: &str) {
    let body = body.into();
    for (method, path) in
        [(Method::POST, "/api/v1/users"), (Method::PUT, "/api/v1/users/1"), (Method::PATCH, "/api/v1/users/1")]
    {
        let request = app.request(method.clone(), path).header("content-type", "application/json").body(body.clone());
        let answer = app.send(request).await;
        let found = match answer.status {
            422 => answer.wrong().join(", "),
            _ => answer.problem(),
        };
        let shown: String = String::from_utf8_lossy(&body).chars().take(200).collect();
        assert_eq!(found, expected, "{method} {shown}");
    }
}

/// An app with one user, who stays as they are whatever is sent.
async fn app_with_bob() -> TestApp {
    let app = TestApp::new();
    app.user("bob").await;
    app
}

async fn nothing_changed(app: &TestApp) {
    assert_eq!(app.events().await.len(), 1);
}

#[actix_web::test]
async fn what_is_not_json_is_malformed() {
    let app = app_with_bob().await;
    let deep = with_metadata(&("[".repeat(32) + &"]".repeat(32)));
    for body in [
        "{",
        "nope",
        "{} {}",
        "\u{feff}{}",
        r#"{"username":"ann","username":"bob"}"#,
        r#"{"user_metadata":{"a":1,"\u0061":2}}"#,
        &named(r#""\ud800""#),
        &named(r#""\udc00\ud800""#),
        &named("1e400"),
        &named("-1e999"),
        &named("01"),
        &named("NaN"),
        &named("\"a\nb\""),
        &deep,
        &"[".repeat(60_000),
        "{\"a\":1,}",
        "'{}'",
    ] {
        check(&app, body, "400 malformed_json").await;
    }
    check(&app, &b"{\"full_name\":\"\xff\xfe\"}"[..], "400 malformed_json").await;
    check(&app, &b"{\"full_name\":\"\xed\xa0\x80\"}"[..], "400 malformed_json").await;
    check(&app, &b"\x00"[..], "400 malformed_json").await;
    nothing_changed(&app).await;
}

#[actix_web::test]
async fn json_that_is_no_object_is_refused() {
    let app = app_with_bob().await;
    for body in ["[]", "[\"ann\"]", "null", "1", "\"{}\"", "true"] {
        check(&app, body, " not_an_object").await;
    }
    nothing_changed(&app).await;
}

#[actix_web::test]
async fn nul_is_refused_wherever_it_stands() {
    let app = app_with_bob().await;
    check(&app, named(r#""a\u0000b""#), "/full_name control_character").await;
    check(&app, with_metadata(r#"{"a":["\u0000"]}"#), "/user_metadata/a/0 control_character").await;
    check(&app, with_metadata(r#"{"a\u0000":1}"#), "/user_metadata/a\0 control_character").await;
    nothing_changed(&app).await;
}

#[actix_web::test]
async fn numbers_beyond_64_bits_are_refused_where_they_stand() {
    let app = app_with_bob().await;
    for number in
        ["18446744073709551616", "-9223372036854775809", "-9223372036854775809000", "123456789012345678901234567890"]
    {
        check(&app, with_metadata(&format!(r#"{{"n/m":{number}}}"#)), "/user_metadata/n~1m number_too_large").await;
    }
    nothing_changed(&app).await;
}

#[actix_web::test]
async fn what_stands_in_members_that_are_ignored_is_ignored_too() {
    let app = app_with_bob().await;
    for body in [
        r#"{"unknown":18446744073709551616}"#,
        r#"{"unknown":{"a":["\u0000"]},"id":-9223372036854775809}"#,
        r#"{"a\u0000":1,"created_at":"\u0000"}"#,
    ] {
        let request = app.request(Method::PUT, "/api/v1/users/1").header("content-type", "application/json").body(body);
        assert_eq!(app.send(request).await.status, 200, "{body}");
    }
    check(&app, r#"{"unknown":{"a":1,"a":2}}"#, "400 malformed_json").await;
}

#[actix_web::test]
async fn several_unusable_values_are_named_beside_other_mistakes() {
    let app = app_with_bob().await;
    let body = r#"{"email":1,"full_name":"\u0000","user_metadata":{"a":"\u0000","b":[99999999999999999999]}}"#;
    let request = app.request(Method::PATCH, "/api/v1/users/1").header("content-type", "application/json").body(body);
    insta::assert_debug_snapshot!(app.send(request).await.wrong(), @r#"
    [
        "/email wrong_type",
        "/full_name control_character",
        "/user_metadata/a control_character",
        "/user_metadata/b/0 number_too_large",
    ]
    "#);
}

#[actix_web::test]
async fn a_body_that_breaks_off_is_told_so_in_our_words() {
    let app = TestApp::new();
    let head = "POST /v1/users HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    let answer = crate::raw::exchange(app.address, format!("{head}Transfer-Encoding: chunked\r\n\r\nxyz\r\n")).await;
    assert!(answer.contains(r#""detail":"The body could not be received whole""#), "{answer}");
}

#[actix_web::test]
async fn numbers_of_64_bits_come_back_as_they_were_sent() {
    let app = TestApp::new();
    let numbers = json!([u64::MAX, i64::MIN, 0.1, 1e-300, -0.0, 1e19, 1e30, 1e300, -1e19]);
    let mut body = new_user("ann");
    body["user_metadata"] = json!({"n": numbers});
    assert_eq!(app.post("/api/v1/users", body).await.json()["user_metadata"]["n"], numbers);
}

#[actix_web::test]
async fn control_characters_are_no_part_of_a_name() {
    let app = app_with_bob().await;
    for value in [r#""a\u0007""#, r#""line\nbreak""#, r#""\u0085""#, r#""\u007f""#] {
        check(&app, named(value), "/full_name control_character").await;
    }
    nothing_changed(&app).await;
}

#[actix_web::test]
async fn odd_text_comes_back_as_it_was_sent() {
    let app = app_with_bob().await;
    for text in
        ["𝒜nn 👩\u{200d}👩\u{200d}👧", "\u{10ffff}", "\u{fffe}\u{feff}", "e\u{301}", "\u{202e}evil", "%_\\\"'`;--"]
    {
        let answer = app.patch("/api/v1/users/1", json!({"full_name": text, "user_metadata": {text: text}})).await;
        assert_eq!((answer.status, &answer.json()["full_name"]), (200, &json!(text)), "{}", answer.text());
        assert_eq!(app.get("/api/v1/users/1").await.json()["user_metadata"][text], text);
    }
}

#[actix_web::test]
async fn a_body_of_64_kib_is_read_and_a_larger_one_is_not() {
    let app = app_with_bob().await;
    let fill = |size: usize| {
        let body = format!(r#"{{"unknown":"{}"}}"#, "x".repeat(size));
        app.request(Method::PATCH, "/api/v1/users/1").header("content-type", "application/json").body(body)
    };
    let frame = r#"{"unknown":""}"#.len();
    assert_eq!(app.send(fill(64 * 1024 - frame)).await.status, 200);
    assert_eq!(app.send(fill(64 * 1024 - frame + 1)).await.problem(), "413 payload_too_large");
}

#[actix_web::test]
async fn a_body_of_another_type_is_not_read() {
    let app = app_with_bob().await;
    for media_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json; charset=utf-16",
        "multipart/form-data",
        "x",
    ] {
        let request = app.request(Method::POST, "/api/v1/users").header("content-type", media_type).body("{}");
        assert_eq!(app.send(request).await.problem(), "415 unsupported_media_type", "{media_type}");
    }
    let untyped = app.request(Method::POST, "/api/v1/users").body("{}");
    assert_eq!(app.send(untyped).await.problem(), "415 unsupported_media_type");
    let packed = app.request(Method::POST, "/api/v1/users").header("content-type", "application/json");
    let packed = packed.header("content-encoding", "gzip").body(&b"\x1f\x8b"[..]);
    assert_eq!(app.send(packed).await.problem(), "415 unsupported_media_type");
}
