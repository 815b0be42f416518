use std::time::Duration;

use proptest::prelude::*;
use rstest::rstest;
use settings::RateLimit;

use crate::place::place;

fn parsed(text: &str) -> Option<RateLimit> {
    place().env("RATE_LIMIT_READ", text).settings().rate_limit_read
}

#[test]
fn the_limits_have_defaults() {
    let settings = place().settings();
    let limits = [settings.rate_limit_auth, settings.rate_limit_read, settings.rate_limit_write];
    assert_eq!(limits.map(|limit| limit.unwrap().to_string()), ["5/min", "1000/h", "100/h"]);
}

#[rstest]
#[case("5/s", 5, 1)]
#[case("5/second", 5, 1)]
#[case(" 5 / Sec ", 5, 1)]
#[case("1/min", 1, 60)]
#[case("1/minute", 1, 60)]
#[case("1000/h", 1000, 3600)]
#[case("1000 / HOUR", 1000, 3600)]
#[case("1000000/d", 1_000_000, 86400)]
#[case("1000000/day", 1_000_000, 86400)]
fn a_limit_is_a_number_in_a_window(#[case] text: &str, #[case] quota: u32, #[case] seconds: u64) {
    assert_eq!(parsed(text), Some(RateLimit { quota, window: Duration::from_secs(seconds) }));
}

#[rstest]
fn off_is_no_limit(#[values("off", "OFF", " off ")] text: &str) {
    assert_eq!(parsed(text), None);
}

#[rstest]
fn what_is_no_limit_is_refused(
    #[values(
        "0/s",
        "1000001/h",
        "-1/h",
        "+1/h",
        "1.5/h",
        "1e3/h",
        "99999999999/h",
        "/h",
        "5/",
        "5/m",
        "5/w",
        "5/2h",
        "5/h/h",
        "5 h",
        "5",
        "h/5",
        "unlimited",
        "no",
        "0"
    )]
    text: &str,
) {
    assert!(place().env("RATE_LIMIT_READ", text).refusal().contains("is not a rate limit"), "{text}");
}

proptest! {
    #[test]
    fn a_limit_is_written_as_it_is_read(quota in 1..=1_000_000_u32, unit in prop::sample::select(vec!["s", "min", "h", "d"])) {
        let text = format!("{quota}/{unit}");
        prop_assert_eq!(parsed(&text).unwrap().to_string(), text);
    }
}
