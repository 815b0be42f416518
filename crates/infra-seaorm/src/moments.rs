//! Times as databases keep them: UTC, without a zone.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};

/// The moment as it is written, and as stored ones are compared with it.
///
/// Databases hold the years 1000 to 9999, and MariaDB turns what is beyond into no time at all, in silence. Such a moment
/// is drawn in: it compares with every stored one as the first or the last does.
pub(crate) fn to_stored(at: DateTime<Utc>) -> NaiveDateTime {
    at.naive_utc().clamp(FIRST, LAST)
}

pub(crate) fn from_stored(at: NaiveDateTime) -> DateTime<Utc> {
    at.and_utc()
}

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
}
