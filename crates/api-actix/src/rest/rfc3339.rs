//! Times as the contract writes them: RFC 3339, UTC, `Z`, six digits of a second.

use chrono::{DateTime, Utc};
use user_files::write_time;

/// A time as text.
pub(super) fn text(time: DateTime<Utc>) -> String {
    let mut out = Vec::with_capacity(27);
    write_time(time, &mut out);
    String::from_utf8(out).expect("a time is written in ASCII")
}
