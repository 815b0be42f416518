//! Refresh tokens whose spending was not answered.
//!
//! Where the database goes away while it stores a refresh, nobody knows whether the token was spent, and the client is told
//! to try again. It may do so when the database is back, later than a retry may come otherwise. This process remembers for
//! whom that holds; another one does not, and takes a late retry for what it mostly is.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use domain::values::Digest;

/// As long as an outage may last for this to help.
const KEPT: TimeDelta = TimeDelta::hours(1);
/// More than can be under way when a database goes away.
const ROOM: usize = 10_000;

/// The digests of those tokens, for a while.
#[derive(Debug, Default)]
pub(super) struct Unanswered(Mutex<HashMap<Digest, DateTime<Utc>>>);

impl Unanswered {
    /// Remembers a token whose holder was told to try again.
    pub(super) fn remember(&self, token: Digest, now: DateTime<Utc>) {
        let mut tokens = self.tokens();
        if tokens.len() >= ROOM {
            tokens.retain(|_, since| now - *since < KEPT);
        }
        if tokens.len() < ROOM {
            tokens.insert(token, now);
        }
    }

    /// Whether this one's holder was told to try again, not too long ago.
    pub(super) fn holds(&self, token: Digest, now: DateTime<Utc>) -> bool {
        self.tokens().get(&token).is_some_and(|since| now - *since < KEPT)
    }

    fn tokens(&self) -> MutexGuard<'_, HashMap<Digest, DateTime<Utc>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: DateTime<Utc> = DateTime::from_timestamp(1_700_000_000, 0).expect("a moment");

    fn token(number: usize) -> Digest {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        Digest::new(bytes)
    }

    #[test]
    fn a_token_is_remembered_for_an_hour() {
        let unanswered = Unanswered::default();
        unanswered.remember(token(1), NOW);
        assert!(unanswered.holds(token(1), NOW + KEPT - TimeDelta::microseconds(1)));
        assert!(!unanswered.holds(token(1), NOW + KEPT));
        assert!(!unanswered.holds(token(2), NOW));
    }

    #[test]
    fn what_is_remembered_is_bounded_and_makes_room_for_itself() {
        let unanswered = Unanswered::default();
        for number in 0..=ROOM {
            unanswered.remember(token(number), NOW);
        }
        assert_eq!(unanswered.tokens().len(), ROOM);
        unanswered.remember(token(ROOM + 1), NOW + KEPT);
        assert!(unanswered.holds(token(ROOM + 1), NOW + KEPT));
        assert_eq!(unanswered.tokens().len(), 1);
    }
}
