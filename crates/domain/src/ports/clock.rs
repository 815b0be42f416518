//! Time and ids, as parameters.

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// What time it is.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait Clock: Send + Sync {
    /// Now, in UTC, cut to microseconds: no database keeps more, so a time reads back as it was written.
    fn now(&self) -> DateTime<Utc>;
}

/// New ids.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait IdGenerator: Send + Sync {
    /// A `UUIDv7` (RFC 9562) of that moment. Within one process each is greater than the one before.
    fn uuid(&self, now: DateTime<Utc>) -> Uuid;
}
