//! Times as the contract writes them: RFC 3339, UTC, `Z`, six digits of a second.

use chrono::{DateTime, Datelike as _, Timelike as _, Utc};

/// Appends a time. Three of them stand in every user, and `chrono`'s own formatter costs more than the rest of the user.
pub fn write_time(time: DateTime<Utc>, out: &mut Vec<u8>) {
    let date = time.date_naive();
    // Every year the service can meet has four digits; those outside could not be written in RFC 3339 at all.
    let year = date.year().clamp(0, 9999).unsigned_abs();
    digits::<4>(year, out);
    out.push(b'-');
    digits::<2>(date.month(), out);
    out.push(b'-');
    digits::<2>(date.day(), out);
    out.push(b'T');
    digits::<2>(time.hour(), out);
    out.push(b':');
    digits::<2>(time.minute(), out);
    out.push(b':');
    digits::<2>(time.second(), out);
    out.push(b'.');
    digits::<6>(time.timestamp_subsec_micros().min(999_999), out);
    out.push(b'Z');
}

fn digits<const N: usize>(number: u32, out: &mut Vec<u8>) {
    let mut written = [b'0'; N];
    let mut rest = number;
    for digit in written.iter_mut().rev() {
        *digit += u8::try_from(rest % 10).unwrap_or_default();
        rest /= 10;
    }
    out.extend_from_slice(&written);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_as_chrono_would() {
        for text in ["2026-11-21T09:08:07.006005Z", "1970-01-01T00:00:00.000000Z", "9999-12-31T23:59:59.999999Z"] {
            let mut out = Vec::new();
            write_time(DateTime::parse_from_rfc3339(text).unwrap().to_utc(), &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), text);
        }
    }

    #[test]
    fn what_is_finer_than_a_microsecond_is_cut() {
        let mut out = Vec::new();
        write_time(DateTime::parse_from_rfc3339("2026-11-21T09:08:07.123456999Z").unwrap().to_utc(), &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), "2026-11-21T09:08:07.123456Z");
    }
}
