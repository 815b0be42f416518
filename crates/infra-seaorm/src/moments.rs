//! Times as databases keep them: UTC, without a zone.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Timelike as _, Utc};

/// The moment as it is written, and as stored ones are compared with it.
///
/// Databases hold the years 1000 to 9999, and MariaDB turns what is beyond into no time at all, in silence. Such a moment
/// is drawn in: it compares with every stored one as the first or the last does. Databases know no leap seconds either
/// (MariaDB keeps 23:59:60 as 0000-00-00), so the whole of one is the last microsecond before it.
pub(crate) fn to_stored(at: DateTime<Utc>) -> NaiveDateTime {
    let at = at.naive_utc();
    let at = if at.nanosecond() < LEAP_SECOND { at } else { at.with_nanosecond(LAST_OF_SECOND).unwrap_or(at) };
    at.clamp(FIRST, LAST)
}

pub(crate) fn from_stored(at: NaiveDateTime) -> DateTime<Utc> {
    at.and_utc()
}

/// From here on, nanoseconds are those of a leap second.
const LEAP_SECOND: u32 = 1_000_000_000;
const LAST_OF_SECOND: u32 = 999_999_000;

/// No stored moment is before this one.
pub(crate) const FIRST: NaiveDateTime = NaiveDateTime::new(
    NaiveDate::from_ymd_opt(1000, 1, 1).expect("the year 1000 had a first of January"),
    NaiveTime::MIN,
);
const LAST: NaiveDateTime = NaiveDateTime::new(
    NaiveDate::from_ymd_opt(9999, 12, 31).expect("the year 9999 has a last of December"),
    NaiveTime::from_hms_micro_opt(23, 59, 59, 999_999).expect("a day has a last microsecond"),
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_reads_back() {
        let at = DateTime::from_timestamp_micros(1_700_000_000_000_001).unwrap();
        assert_eq!(from_stored(to_stored(at)), at);
    }

    #[test]
    fn moments_beyond_what_databases_hold_are_drawn_in() {
        assert_eq!(to_stored(DateTime::<Utc>::MAX_UTC), LAST);
        assert_eq!(to_stored(DateTime::<Utc>::MIN_UTC), FIRST);
    }

    #[test]
    fn a_leap_second_is_the_last_microsecond_before_it() {
        for leap in ["2016-12-31T23:59:60Z", "2016-12-31T23:59:60.5Z", "2016-12-31T23:59:60.999999Z"] {
            let leap: DateTime<Utc> = leap.parse().unwrap();
            assert_eq!(to_stored(leap).to_string(), "2016-12-31 23:59:59.999999");
        }
    }
}
