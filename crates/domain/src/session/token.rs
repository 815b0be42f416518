//! Refresh tokens as they are kept.

use chrono::{DateTime, TimeDelta, Utc};

use crate::values::{Digest, Nonce, SessionId};

/// A refresh token as it is kept: known by its digest, of no use to whoever reads it.
///
/// Each is good once. Spending it makes its successor, which a retry within [`GRACE`](Self::GRACE) gets again, as long as
/// nobody has spent that one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshToken {
    /// SHA-256 of the token.
    pub digest: Digest,
    /// The session it keeps going.
    pub session: SessionId,
    /// The token that was spent for it; `None` for the first of a session.
    pub parent: Option<Digest>,
    /// What its successor is made with.
    pub nonce: Nonce,
    /// When it was given out.
    pub issued_at: DateTime<Utc>,
    /// When it was spent.
    pub spent_at: Option<DateTime<Utc>>,
}

impl RefreshToken {
    /// How long a spent token is still answered with its successor: a retry, or two tabs at once.
    pub const GRACE: TimeDelta = TimeDelta::seconds(10);

    /// Whether a token that was spent then may still be answered with its successor.
    ///
    /// Clocks of replicas differ: one that is behind sees a token spent in its future, which is no older than the grace.
    pub fn is_in_grace(spent_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        now - spent_at <= Self::GRACE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retry_may_come_ten_seconds_late_and_no_later() {
        let spent = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        assert!(RefreshToken::is_in_grace(spent, spent + TimeDelta::seconds(10)));
        assert!(!RefreshToken::is_in_grace(spent, spent + TimeDelta::milliseconds(10_001)));
        assert!(RefreshToken::is_in_grace(spent, spent - TimeDelta::seconds(2)), "a clock that is behind");
    }
}
