use rstest::rstest;

use crate::place::place;

#[rstest]
#[case("APP_NAME", "a\nb", r#"APP_NAME: "a\nb" is not a text; use one line of visible characters"#)]
#[case(
    "ENVIRONMENT",
    "prod",
    r#"ENVIRONMENT: "prod" is not an environment; use development, test, staging or production"#
)]
#[case("DEBUG", "maybe", r#"DEBUG: "maybe" is not a yes or no; use true or false"#)]
#[case(
    "HOST",
    "example.com",
    r#"HOST: "example.com" is not an address; use an IP address such as 127.0.0.1, 0.0.0.0 or ::, or localhost"#
)]
#[case("PORT", "80000", r#"PORT: "80000" is not a port; use a number from 1 to 65535 (0 picks a free one)"#)]
#[case("PORT", "-1", r#"PORT: "-1" is not a port; use a number from 1 to 65535 (0 picks a free one)"#)]
#[case("PORT", "8000.0", r#"PORT: "8000.0" is not a port; use a number from 1 to 65535 (0 picks a free one)"#)]
#[case("API_BASE_PATHS", "api", r#"API_BASE_PATHS: "api" is not a base path; use paths such as /api/v1, separated by commas, each beginning with a slash and not ending with one"#)]
#[case("API_BASE_PATHS", "/api/", r#"API_BASE_PATHS: "/api/" is not a base path; use paths such as /api/v1, separated by commas, each beginning with a slash and not ending with one"#)]
#[case(
    "API_BASE_PATHS",
    "/v1,/health",
    r#"API_BASE_PATHS: "/health" clashes with /health, which the service has for itself; use a path such as /api/v1"#
)]
#[case(
    "API_BASE_PATHS",
    "/docs/v1",
    r#"API_BASE_PATHS: "/docs/v1" clashes with /docs, which the service has for itself; use a path such as /api/v1"#
)]
#[case(
    "API_BASE_PATHS",
    "/api/v1,/api",
    "API_BASE_PATHS: /api/v1 lies within /api; use paths that are apart, such as /api/v1,/v1"
)]
#[case(
    "API_BASE_PATHS",
    "/v1,/v1",
    "API_BASE_PATHS: /v1 lies within /v1; use paths that are apart, such as /api/v1,/v1"
)]
#[case("API_BASE_PATHS", "", "API_BASE_PATHS: no path is left to mount the routes under; use one such as /api/v1")]
#[case(
    "WORKERS",
    "1025",
    r#"WORKERS: "1025" is not a number of threads; use a number from 1 to 1024 (0 means one for each core)"#
)]
#[case(
    "SHUTDOWN_GRACE_SECONDS",
    "1h",
    r#"SHUTDOWN_GRACE_SECONDS: "1h" is not a number of seconds; use a number from 0 to 3600"#
)]
#[case(
    "DATABASE_URL",
    "redis://h",
    "DATABASE_URL: the value is not a database URL; use sqlite://FILE?mode=rwc, sqlite::memory:, mysql://USER:PASSWORD@HOST:PORT/DATABASE or postgres://… alike (special characters in user and password percent-encoded) or memory:"
)]
#[case(
    "DATABASE_URL",
    "sqlite://a.db?mode=ro",
    "DATABASE_URL: the mode is not one to write with; use ?mode=rwc or ?mode=rw"
)]
#[case(
    "DATABASE_POOL_SIZE",
    "0",
    r#"DATABASE_POOL_SIZE: "0" is not a number of connections; use a number from 1 to 1000"#
)]
#[case(
    "DATABASE_CONNECT_TIMEOUT_SECONDS",
    "0",
    r#"DATABASE_CONNECT_TIMEOUT_SECONDS: "0" is not a number of seconds; use a number from 1 to 3600"#
)]
#[case("MIGRATE_ON_START", "2", r#"MIGRATE_ON_START: "2" is not a yes or no; use true or false"#)]
#[case("DATA_DIR", "a\0b", r#"DATA_DIR: "a\0b" is not a path; use a path"#)]
#[case("ALLOWED_HOSTS", "a.example,https://b.example", r#"ALLOWED_HOSTS: "https://b.example" is not a host; use host names or addresses without scheme and port, such as users.example.com, separated by commas"#)]
#[case("ALLOWED_HOSTS", "*", r#"ALLOWED_HOSTS: "*" is not a host; use host names or addresses without scheme and port, such as users.example.com, separated by commas"#)]
#[case("CORS_ORIGINS", "localhost:3000", r#"CORS_ORIGINS: "localhost:3000" is not an origin; use scheme://host[:port] without a path, such as https://app.example.com, separated by commas, or *"#)]
#[case("CORS_ORIGINS", "https://a.example/", r#"CORS_ORIGINS: "https://a.example/" is not an origin; use scheme://host[:port] without a path, such as https://app.example.com, separated by commas, or *"#)]
#[case("TRUSTED_PROXIES", "10.0.0.0/33", r#"TRUSTED_PROXIES: "10.0.0.0/33" is not a network; use CIDRs such as 10.0.0.0/8 or fd00::/8, or single addresses, separated by commas"#)]
#[case(
    "TRUSTED_PROXY_HEADER",
    "x-real-ip",
    r#"TRUSTED_PROXY_HEADER: "x-real-ip" is not a header for the client's address; use x-forwarded-for or forwarded"#
)]
#[case("BCRYPT_ROUNDS", "3", r#"BCRYPT_ROUNDS: "3" is not a bcrypt cost; use a number from 4 to 16"#)]
#[case("BCRYPT_ROUNDS", "17", r#"BCRYPT_ROUNDS: "17" is not a bcrypt cost; use a number from 4 to 16"#)]
#[case("PASSWORD_MIN_LENGTH", "7", r#"PASSWORD_MIN_LENGTH: "7" is not a password length; use a number from 8 to 100"#)]
#[case(
    "PASSWORD_MIN_LENGTH",
    "101",
    r#"PASSWORD_MIN_LENGTH: "101" is not a password length; use a number from 8 to 100"#
)]
#[case("USER_ID_FORMAT", "ulid", r#"USER_ID_FORMAT: "ulid" is not an id format; use integer or uuid"#)]
#[case(
    "ENCRYPTION_KEY",
    "c2hvcnQ=",
    "ENCRYPTION_KEY: the value is not a key; use 32 random bytes in base64, as `openssl rand -base64 32` makes them"
)]
#[case(
    "REDIS_URL",
    "http://h",
    "REDIS_URL: the value is not a Redis URL; use redis://USER:PASSWORD@HOST:PORT/NUMBER, or rediss://… for TLS (all but the host may be left out; special characters in user and password percent-encoded)"
)]
#[case("AUTH_REQUIRED", "maybe", r#"AUTH_REQUIRED: "maybe" is not a yes or no; use true or false"#)]
#[case("ALLOW_REGISTRATION", "all", r#"ALLOW_REGISTRATION: "all" is not a yes or no; use true or false"#)]
#[case(
    "BOOTSTRAP_ADMIN_USERNAME",
    "a\nb",
    r#"BOOTSTRAP_ADMIN_USERNAME: "a\nb" is not a text; use one line of visible characters"#
)]
#[case("BOOTSTRAP_ADMIN_EMAIL", " ", r#"BOOTSTRAP_ADMIN_EMAIL: " " is not a text; use one line of visible characters"#)]
#[case(
    "BOOTSTRAP_ADMIN_PASSWORD",
    "a\0b",
    "BOOTSTRAP_ADMIN_PASSWORD: the value is not a password; use any text but the character NUL"
)]
#[case("JWT_ALGORITHM", "none", r#"JWT_ALGORITHM: "none" is not an algorithm for tokens; use HS256, EdDSA or ES256"#)]
#[case(
    "JWT_SECRET",
    "these are 31 bytes, one too few",
    "JWT_SECRET: the value is not a secret of at least 32 bytes; use at least 32 bytes that nobody can guess, as `openssl rand -base64 32` makes them"
)]
#[case(
    "JWT_SECRET_PREVIOUS",
    "short",
    "JWT_SECRET_PREVIOUS: the value is not a secret of at least 32 bytes; use at least 32 bytes that nobody can guess, as `openssl rand -base64 32` makes them"
)]
#[case("JWT_PRIVATE_KEY_FILE", "a\0b", r#"JWT_PRIVATE_KEY_FILE: "a\0b" is not a path; use a path"#)]
#[case(
    "JWT_PREVIOUS_KEY_FILES",
    "a,b\0",
    r#"JWT_PREVIOUS_KEY_FILES: "b\0" is not a path; use paths separated by commas"#
)]
#[case("JWT_ISSUER", "a\tb", r#"JWT_ISSUER: "a\tb" is not a text; use one line of visible characters"#)]
#[case("JWT_AUDIENCE", " ", r#"JWT_AUDIENCE: " " is not a text; use one line of visible characters"#)]
#[case(
    "ACCESS_TOKEN_EXPIRE_MINUTES",
    "0",
    r#"ACCESS_TOKEN_EXPIRE_MINUTES: "0" is not a number of minutes; use a number from 1 to 1440"#
)]
#[case(
    "ACCESS_TOKEN_EXPIRE_MINUTES",
    "1441",
    r#"ACCESS_TOKEN_EXPIRE_MINUTES: "1441" is not a number of minutes; use a number from 1 to 1440"#
)]
#[case(
    "REFRESH_TOKEN_EXPIRE_MINUTES",
    "4",
    r#"REFRESH_TOKEN_EXPIRE_MINUTES: "4" is not a number of minutes; use a number from 5 to 525600"#
)]
#[case(
    "REFRESH_TOKEN_EXPIRE_MINUTES",
    "525601",
    r#"REFRESH_TOKEN_EXPIRE_MINUTES: "525601" is not a number of minutes; use a number from 5 to 525600"#
)]
#[case(
    "REFRESH_TOKEN_EXPIRE_MINUTES",
    "15",
    "REFRESH_TOKEN_EXPIRE_MINUTES with ACCESS_TOKEN_EXPIRE_MINUTES=15: a refresh token must outlive the access token; use more than 15, or a shorter access token"
)]
#[case("SESSION_MAX_DAYS", "3651", r#"SESSION_MAX_DAYS: "3651" is not a number of days; use a number from 1 to 3650"#)]
#[case(
    "RATE_LIMIT_AUTH",
    "5",
    r#"RATE_LIMIT_AUTH: "5" is not a rate limit; use N/s, N/min, N/h or N/d with N from 1 to 1000000, or off"#
)]
#[case(
    "RATE_LIMIT_READ",
    "0/h",
    r#"RATE_LIMIT_READ: "0/h" is not a rate limit; use N/s, N/min, N/h or N/d with N from 1 to 1000000, or off"#
)]
#[case(
    "RATE_LIMIT_WRITE",
    "false",
    r#"RATE_LIMIT_WRITE: "false" is not a rate limit; use N/s, N/min, N/h or N/d with N from 1 to 1000000, or off"#
)]
#[case("PASSWORD_MIN_SCORE", "5", r#"PASSWORD_MIN_SCORE: "5" is not a password score; use a number from 0 to 4"#)]
#[case("LOG_LEVEL", "info,verbose", r#"LOG_LEVEL: "verbose" is not a log filter; use off, error, warn, info, debug or trace, also by target: info,sqlx=warn"#)]
#[case("LOG_FORMAT", "xml", r#"LOG_FORMAT: "xml" is not a log format; use auto, json or text"#)]
fn a_wrong_value_is_one_line_that_names_it_and_says_what_would_do(
    #[case] name: &str,
    #[case] value: &str,
    #[case] line: &str,
) {
    assert_eq!(place().env(name, value).refusal(), line);
}

#[test]
fn every_setting_of_a_limited_kind_refuses_something() {
    for shown in place().load().describe() {
        let wrong = place().env(shown.key, "\0,\0:\0");
        assert!(wrong.refusal().starts_with(shown.key), "{}", shown.key);
    }
}

#[test]
fn a_wrong_value_names_the_file_it_stands_in() {
    insta::assert_snapshot!(place().dotenv("PORT=http").refusal(), @r#"PORT in .env: "http" is not a port; use a number from 1 to 65535 (0 picks a free one)"#);
    insta::assert_snapshot!(place().toml("port = 'http'").refusal(), @r#"PORT in config.toml: "http" is not a port; use a number from 1 to 65535 (0 picks a free one)"#);
    insta::assert_snapshot!(place().toml("port = [1]").refusal(), @"PORT in config.toml: a list is not a value of this setting; use a number from 1 to 65535 (0 picks a free one)");
    insta::assert_snapshot!(place().toml("[port]\na = 1").refusal(), @"PORT in config.toml: a table is not a value of this setting; use a number from 1 to 65535 (0 picks a free one)");
}

#[test]
fn a_long_value_is_cut() {
    let refusal = place().env("PORT", &"9".repeat(1000)).refusal();
    assert!(refusal.len() < 200, "{refusal}");
}
