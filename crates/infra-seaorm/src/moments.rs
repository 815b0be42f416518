//! Times as databases keep them: UTC, without a zone.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};

pub(crate) fn to_stored(at: DateTime<Utc>) -> NaiveDateTime {
    at.naive_utc()
}

pub(crate) fn from_stored(at: NaiveDateTime) -> DateTime<Utc> {
    at.and_utc()
}

/// The moment to compare stored ones with: those that databases can hold go from the year 1000 to 9999, and one beyond
/// compares with all of them as the first or the last does.
pub(crate) fn to_bound(at: DateTime<Utc>) -> NaiveDateTime {
    at.naive_utc().clamp(FIRST, LAST)
}

const FIRST: NaiveDateTime = NaiveDateTime::new(
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
    fn bounds_beyond_what_databases_hold_are_drawn_in() {
        assert_eq!(to_bound(DateTime::<Utc>::MAX_UTC), LAST);
        assert_eq!(to_bound(DateTime::<Utc>::MIN_UTC), FIRST);
        let at = DateTime::from_timestamp_micros(1).unwrap();
        assert_eq!(to_bound(at), at.naive_utc());
    }
}
