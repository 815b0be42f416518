//! What somebody who signs in, or refreshes, is given.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use domain::ports::{AccessClaims, SignTokenError};
use domain::session::Session;
use domain::values::{Role, SecretToken, SessionId};

use super::Authentication;

/// An access token, and the refresh token for the next one (RFC 6749 §5.1). Neither is shown where it is formatted.
#[derive(Clone)]
pub struct TokenPair {
    /// The access token, a JWT.
    pub access_token: String,
    /// The refresh token.
    pub refresh_token: SecretToken,
    /// Seconds until the access token expires.
    pub expires_in: i64,
    /// Seconds until the refresh token expires.
    pub refresh_expires_in: i64,
    /// The session that both belong to.
    pub session: SessionId,
}

impl fmt::Debug for TokenPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenPair").field("session", &self.session).finish_non_exhaustive()
    }
}

/// What of a user goes into an access token.
#[derive(Debug, Clone, Copy)]
pub(super) struct Holder {
    pub(super) role: Role,
    pub(super) epoch: i64,
}

impl Authentication {
    /// A pair for this live session, signed but not stored.
    pub(super) fn token_pair(
        &self,
        session: &Session,
        holder: Holder,
        refresh_token: SecretToken,
        now: DateTime<Utc>,
    ) -> Result<TokenPair, SignTokenError> {
        let record = session.record();
        let expires_at = record.expires_at.min(now + self.policy.access_token);
        let access_token = self.ports.access_tokens.sign(&AccessClaims {
            id: self.ports.ids.uuid(now),
            user: record.user,
            session: record.id,
            role: holder.role,
            epoch: holder.epoch,
            issued_at: now,
            expires_at,
        })?;
        let seconds = |time: TimeDelta| time.num_seconds().max(0);
        Ok(TokenPair {
            access_token,
            refresh_token,
            expires_in: seconds(expires_at - now),
            refresh_expires_in: seconds(record.expires_at - now),
            session: record.id,
        })
    }
}
