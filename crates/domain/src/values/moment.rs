//! Times as every database keeps them.

use chrono::{DateTime, SubsecRound as _, Timelike as _, Utc};

/// What a leap second is taken for: the last moment before it ends.
const END_OF_SECOND: u32 = 999_999_000;

/// The time in whole microseconds, and a leap second (`23:59:60`) as the end of the second before it.
///
/// Databases keep neither nanoseconds nor leap seconds; some store a wrong time without a word.
pub fn moment(time: DateTime<Utc>) -> DateTime<Utc> {
    if time.nanosecond() >= 1_000_000_000 {
        return time.with_nanosecond(END_OF_SECOND).unwrap_or(time);
    }
    time.trunc_subsecs(6)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> String {
        moment(DateTime::parse_from_rfc3339(text).unwrap().to_utc()).format("%FT%T%.6f").to_string()
    }

    #[test]
    fn nanoseconds_are_cut() {
        assert_eq!(of("2026-12-31T23:59:59.999999999Z"), "2026-12-31T23:59:59.999999");
        assert_eq!(of("1969-12-31T23:59:59.000000001Z"), "1969-12-31T23:59:59.000000");
    }

    #[test]
    fn a_leap_second_is_the_end_of_the_second_before() {
        for text in ["2026-12-31T23:59:60Z", "2027-01-01T00:59:60.5+01:00"] {
            assert_eq!(of(text), "2026-12-31T23:59:59.999999");
        }
    }
}
