use std::time::Duration;

use rstest::rstest;
use settings::{Environment, JwtAlgorithm, LogFormat, ProxyHeader, UserIdFormat};

use crate::place::place;

#[rstest]
fn booleans_come_in_any_usual_spelling(
    #[values(("True", true), ("true", true), ("TRUE", true), ("1", true), ("yes", true), ("Yes", true), ("y", true), ("t", true), ("on", true),
        (" true ", true), ("False", false), ("false", false), ("0", false), ("no", false), ("N", false), ("f", false), ("OFF", false))]
    spelling: (&str, bool),
) {
    let (text, meant) = spelling;
    assert_eq!(place().env("REQUIRE_IF_MATCH", text).settings().require_if_match, meant);
}

#[test]
fn words_are_taken_in_any_case() {
    let settings = place()
        .env("ENVIRONMENT", "Staging")
        .env("USER_ID_FORMAT", "UUID")
        .env("TRUSTED_PROXY_HEADER", "Forwarded")
        .env("LOG_FORMAT", "JSON")
        .env("JWT_ALGORITHM", "hs256")
        .settings();
    assert_eq!(settings.environment, Environment::Staging);
    assert_eq!(settings.user_id_format, UserIdFormat::Uuid);
    assert_eq!(settings.trusted_proxy_header, ProxyHeader::Forwarded);
    assert_eq!(settings.log_format, LogFormat::Json);
    assert_eq!(settings.jwt_algorithm, JwtAlgorithm::Hs256);
}

#[test]
fn the_log_is_text_on_a_terminal_only_unless_told() {
    assert!(!LogFormat::Auto.is_json(true));
    assert!(LogFormat::Auto.is_json(false));
    assert!(LogFormat::Json.is_json(true));
    assert!(!LogFormat::Text.is_json(false));
}

#[test]
fn a_bare_address_is_a_network_of_one() {
    let settings = place().env("TRUSTED_PROXIES", "10.1.2.3/8, 192.0.2.1,fd00::1").settings();
    let networks: Vec<_> = settings.trusted_proxies.iter().map(ToString::to_string).collect();
    assert_eq!(networks, ["10.0.0.0/8", "192.0.2.1/32", "fd00::1/128"]);
}

#[test]
fn origins_are_written_as_browsers_write_them() {
    let settings = place()
        .env("CORS_ORIGINS", "https://App.Example:443,http://localhost:3000,http://[::1]:80,https://bücher.example,capacitor://localhost,")
        .settings();
    let origins: Vec<_> = settings.cors_origins.iter().map(ToString::to_string).collect();
    assert_eq!(
        origins,
        [
            "https://app.example",
            "http://localhost:3000",
            "http://[::1]",
            "https://xn--bcher-kva.example",
            "capacitor://localhost"
        ]
    );
}

#[rstest]
fn what_is_no_origin_is_refused(
    #[values(
        "null",
        "https://",
        "https://a.example/path",
        "https://u@a.example",
        "https://a.example?x",
        "https://a.example#x",
        "https://*.example",
        "https://a.example:99999",
        "https://a b",
        "app.example",
        "//a.example",
        "mailto:a@b.example",
        "https:\\\\a.example"
    )]
    text: &str,
) {
    assert!(place().env("CORS_ORIGINS", text).refusal().contains("is not an origin"));
}

#[test]
fn hosts_are_written_as_in_the_host_header() {
    let settings = place().env("ALLOWED_HOSTS", "Users.Example,bücher.example,192.0.2.1,::2,[::3]").settings();
    let hosts: Vec<_> = settings.allowed_hosts.iter().map(settings::HostName::as_str).collect();
    assert_eq!(hosts, ["users.example", "xn--bcher-kva.example", "192.0.2.1", "[::2]", "[::3]"]);
}

#[rstest]
fn what_is_no_base_path_is_refused(
    #[values("/", "//", "/a//b", "/a/../b", "/.", "/a b", "/a%2Fb", "/a?b", "/{id}", "/ä")] text: &str,
) {
    assert!(place().env("API_BASE_PATHS", text).refusal().contains("is not a base path"));
}

#[test]
fn base_paths_that_only_look_alike_are_apart() {
    let settings = place().env("API_BASE_PATHS", "/api/v1,/api/v11,/healthy").settings();
    let paths: Vec<_> = settings.api_base_paths.iter().map(settings::BasePath::as_str).collect();
    assert_eq!(paths, ["/api/v1", "/api/v11", "/healthy"]);
}

#[rstest]
fn log_filters_are_taken_by_target(
    #[values("info", "WARN", "info, sqlx=warn", "off,api_actix::edge=trace")] text: &str,
) {
    place().env("LOG_LEVEL", text).load();
}

#[rstest]
fn what_is_no_log_filter_is_refused(
    #[values("warning", "sqlx", "=info", "sqlx=", "info,", "a b=info", "a=b=info")] text: &str,
) {
    assert!(place().env("LOG_LEVEL", text).refusal().contains("is not a log filter"));
}

#[test]
fn lifetimes_are_in_minutes_and_days() {
    let minutes = |count: u64| Duration::from_secs(count * 60);
    let settings = place().settings();
    assert_eq!(settings.access_token_lifetime, minutes(15));
    assert_eq!(settings.refresh_token_lifetime, minutes(7 * 24 * 60));
    assert_eq!(settings.session_lifetime, minutes(90 * 24 * 60));
    let longest = place()
        .env("ACCESS_TOKEN_EXPIRE_MINUTES", "1440")
        .env("REFRESH_TOKEN_EXPIRE_MINUTES", "525600")
        .env("SESSION_MAX_DAYS", "3650")
        .settings();
    assert_eq!(longest.access_token_lifetime, minutes(1440));
    assert_eq!(longest.refresh_token_lifetime, minutes(525_600));
    assert_eq!(longest.session_lifetime, minutes(3650 * 24 * 60));
}

#[test]
fn deleted_users_are_kept_unless_a_number_of_days_is_set() {
    let after = |text: &str| place().env("PURGE_DELETED_AFTER_DAYS", text).settings().purge_deleted_after;
    let day = Duration::from_hours(24);
    assert_eq!(
        (place().settings().purge_deleted_after, after(""), after("off"), after(" OFF ")),
        (None, None, None, None)
    );
    assert_eq!((after("1"), after("36500")), (Some(day), Some(day * 36_500)));
    for text in ["0", "-1", "36501", "1.5", "never"] {
        assert_eq!(
            place().env("PURGE_DELETED_AFTER_DAYS", text).refusal(),
            format!("PURGE_DELETED_AFTER_DAYS: {text:?} is not a number of days; use a number from 1 to 36500, or off")
        );
    }
}

#[test]
fn a_refresh_token_outlives_the_access_token() {
    let place =
        |refresh: &str| place().env("ACCESS_TOKEN_EXPIRE_MINUTES", "30").env("REFRESH_TOKEN_EXPIRE_MINUTES", refresh);
    assert!(place("30").refusal().contains("ACCESS_TOKEN_EXPIRE_MINUTES=30: a refresh token must outlive"));
    place("31").load();
}
