//! The port [`IdGenerator`] with UUIDs of version 7 (RFC 9562 §5.7).

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use domain::ports::IdGenerator;
use uuid::{ContextV7, Timestamp, Uuid};

/// The last millisecond that fits the 48 bits of a UUIDv7, in the year 10889.
const LAST_MILLISECOND: i64 = (1 << 48) - 1;

/// Makes `UUIDv7`s: the time in milliseconds, a counter, 32 random bits.
///
/// Every UUID of one generator is greater than the one before. If time goes back, or stands still for more UUIDs than
/// the counter holds, they carry the latest time used so far, or the millisecond after it. A time before 1970 counts as
/// 1970.
#[derive(Debug, Default)]
pub struct UuidV7Generator {
    context: Mutex<ContextV7>,
}

impl UuidV7Generator {
    /// A generator that has made none yet. One per process: two know nothing of each other's counters.
    pub fn new() -> Self {
        Self::default()
    }
}

impl IdGenerator for UuidV7Generator {
    fn uuid(&self, now: DateTime<Utc>) -> Uuid {
        let milliseconds = now.timestamp_millis().clamp(0, LAST_MILLISECOND).unsigned_abs();
        let nanoseconds = u32::try_from(milliseconds % 1_000 * 1_000_000).expect("less than a second");
        // A panic inside would leave the counter as it was.
        let context = self.context.lock().unwrap_or_else(PoisonError::into_inner);
        Uuid::new_v7(Timestamp::from_unix(&*context, milliseconds / 1_000, nanoseconds))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use chrono::TimeDelta;
    use proptest::prelude::*;
    use uuid::{Variant, Version};

    use super::*;

    fn at(milliseconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(milliseconds).unwrap()
    }

    fn time_of(id: Uuid) -> u128 {
        id.as_u128() >> 80
    }

    #[test]
    fn an_id_is_a_version_7_uuid_of_the_given_time() {
        let id = UuidV7Generator::new().uuid(at(1_645_557_742_123) + TimeDelta::microseconds(999));

        assert_eq!((id.get_version(), id.get_variant()), (Some(Version::SortRand), Variant::RFC4122));
        assert_eq!(time_of(id), 1_645_557_742_123);
    }

    #[test]
    fn ids_of_one_millisecond_ascend() {
        let ids = UuidV7Generator::new();
        let made: Vec<_> = (0..10_000).map(|_| ids.uuid(at(1_700_000_000_000))).collect();

        assert!(made.is_sorted_by(|one, next| one < next));
    }

    #[test]
    fn ids_ascend_when_time_goes_back() {
        let ids = UuidV7Generator::new();
        let first = ids.uuid(at(1_700_000_000_000));
        let second = ids.uuid(at(1_600_000_000_000));

        assert!(first < second);
        assert_eq!(time_of(second), 1_700_000_000_000);
    }

    #[test]
    fn ids_of_two_generators_at_the_same_time_differ() {
        let now = at(1_700_000_000_000);
        assert_ne!(UuidV7Generator::new().uuid(now), UuidV7Generator::new().uuid(now));
    }

    #[test]
    fn threads_never_get_the_same_id() {
        let ids = UuidV7Generator::new();
        let made = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| (0..2_000).map(|_| ids.uuid(at(1_700_000_000_000))).collect::<Vec<_>>()))
                .collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect::<HashSet<_>>()
        });

        assert_eq!(made.len(), 8_000);
    }

    proptest! {
        #[test]
        fn no_time_makes_it_panic(milliseconds in DateTime::<Utc>::MIN_UTC.timestamp_millis()..=DateTime::<Utc>::MAX_UTC.timestamp_millis()) {
            let id = UuidV7Generator::new().uuid(at(milliseconds));
            prop_assert_eq!(id.get_version(), Some(Version::SortRand));
            prop_assert_eq!(time_of(id), u128::from(milliseconds.clamp(0, LAST_MILLISECOND).unsigned_abs()));
        }
    }
}
