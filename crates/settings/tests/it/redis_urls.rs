use rstest::rstest;
use secrecy::ExposeSecret;
use settings::RedisUrl;

use crate::place::place;

fn parsed(text: &str) -> RedisUrl {
    place().env("REDIS_URL", text).settings().redis_url.expect("a URL is given")
}

#[test]
fn there_is_no_redis_unless_it_is_named() {
    assert!(place().settings().redis_url.is_none());
    assert!(place().env("REDIS_URL", "").settings().redis_url.is_none());
    assert_eq!(place().shown("REDIS_URL"), (String::new(), "default".to_owned()));
}

#[rstest]
#[case("redis://cache", "redis://cache")]
#[case(" redis://cache:6379/0 ", "redis://cache:6379/0")]
#[case("Redis://cache/", "redis://cache/")]
#[case("rediss://app:p%40ss@cache.example.com:6380/15", "rediss://app:p%40ss@cache.example.com:6380/15")]
#[case("redis://:pw@my_cache", "redis://:pw@my_cache")]
#[case("redis://[::1]:6379", "redis://[::1]:6379")]
fn a_redis_url_is_taken_as_it_is(#[case] text: &str, #[case] url: &str) {
    assert_eq!(parsed(text).secret().expose_secret(), url);
}

#[rstest]
fn what_is_no_redis_url_is_refused(
    #[values(
        "cache",
        "cache:6379",
        "redis:",
        "redis:cache",
        "redis:///0",
        "redis://:6379",
        "redis://:pw@/0",
        "redis://cache:99999",
        "redis://cache:0",
        "redis://cache/x",
        "redis://cache/-1",
        "redis://cache/+1",
        "redis://cache/0/1",
        "redis://cache/99999",
        "redis://*",
        "redis://a b",
        "redis://a%20b",
        "redis://app:p#w@cache",
        "redis://app:p/w@cache",
        "rediss://cache#insecure",
        "redis+unix:///run/redis.sock",
        "unix:///run/redis.sock",
        "http://cache",
        "valkey://cache"
    )]
    text: &str,
) {
    assert!(place().env("REDIS_URL", text).refusal().contains("is not a Redis URL"), "{text}");
}

#[test]
fn parameters_that_the_driver_might_pass_over_are_refused() {
    insta::assert_snapshot!(
        place().env("REDIS_URL", "rediss://cache?ssl_cert_reqs=required").refusal(),
        @"REDIS_URL: parameters are not supported; take out what begins with the ?"
    );
}

#[rstest]
#[case("redis://app:pw@cache", "redis://app:[redacted]@cache")]
#[case("redis://:pw@cache/1", "redis://:[redacted]@cache/1")]
#[case("rediss://app@cache", "rediss://app@cache")]
fn the_password_is_not_shown(#[case] text: &str, #[case] shown: &str) {
    assert_eq!(parsed(text).to_string(), shown);
    assert_eq!(format!("{:?}", parsed(text)), format!("RedisUrl({shown})"));
    assert_eq!(place().env("REDIS_URL", text).shown("REDIS_URL").0, shown);
}

#[test]
fn a_cache_in_redis_needs_redis() {
    insta::assert_snapshot!(place().dotenv("CACHE=redis").refusal(), @"CACHE=redis: it needs REDIS_URL; set that, or use CACHE=memory");
    let place = place().dotenv("CACHE=redis\nREDIS_URL=redis://localhost");
    assert_eq!(place.settings().cache, settings::Cache::Redis);
}
