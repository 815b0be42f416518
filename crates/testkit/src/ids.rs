//! Ids that are the same in each run.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use domain::ports::IdGenerator;
use uuid::{Builder, Uuid};

/// `UUIDv7`s (RFC 9562) whose random part counts up from 1: each is greater than the one before, also if time goes back.
#[derive(Debug, Default)]
pub struct SequentialIds {
    last: Mutex<Last>,
}

#[derive(Debug, Default)]
struct Last {
    millis: u64,
    number: u64,
}

impl SequentialIds {
    /// Ids from the beginning.
    pub fn new() -> Self {
        Self::default()
    }
}

impl IdGenerator for SequentialIds {
    fn uuid(&self, now: DateTime<Utc>) -> Uuid {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.millis = last.millis.max(u64::try_from(now.timestamp_millis()).unwrap_or(0));
        last.number += 1;
        let mut random = [0; 10];
        let (_, low) = random.split_at_mut(2);
        low.copy_from_slice(&last.number.to_be_bytes());
        Builder::from_unix_timestamp_millis(last.millis, &random).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::FixedClock;

    #[test]
    fn each_id_is_a_greater_version_7_than_the_one_before() {
        let ids = SequentialIds::new();
        let start = FixedClock::START;
        let moments = [start, start, start + TimeDelta::seconds(1), start - TimeDelta::hours(1), start];
        let made = moments.map(|now| ids.uuid(now));
        assert!(made.is_sorted_by(|one, next| one < next), "{made:?}");
        assert!(made.iter().all(|id| id.get_version_num() == 7));
    }

    #[test]
    fn the_ids_of_two_runs_are_the_same() {
        let run = || SequentialIds::new().uuid(FixedClock::START).to_string();
        assert_eq!((run(), run()), ("019cb73d-3268-7000-8000-000000000001".into(), run()));
    }
}
