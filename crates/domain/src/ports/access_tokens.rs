//! Access tokens: signed statements that their holder is signed in.

use std::error::Error;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::values::{Role, SessionId, UserUuid};

/// What an access token says (RFC 9068).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessClaims {
    /// `jti`: the token's own name.
    pub id: Uuid,
    /// `sub`: who signed in.
    pub user: UserUuid,
    /// `sid`: the session.
    pub session: SessionId,
    /// `role`: the user's role when it was signed. For those who read tokens elsewhere; this service looks it up.
    pub role: Role,
    /// `epoch`: the user's epoch when it was signed.
    pub epoch: i64,
    /// `iat` and `nbf`, to the second.
    pub issued_at: DateTime<Utc>,
    /// `exp`, to the second.
    pub expires_at: DateTime<Utc>,
}

/// Signs and verifies access tokens.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait AccessTokens: Send + Sync {
    /// The token that says this, as a compact JWS (RFC 7515) with `typ: at+jwt` and `kid`.
    ///
    /// # Errors
    ///
    /// [`SignTokenError`] if the key cannot be used.
    fn sign(&self, claims: &AccessClaims) -> Result<String, SignTokenError>;

    /// What a token says that this service signed, for this service, and that is valid at `now`, give or take five
    /// seconds. The algorithm is the configured one, whatever the token names.
    ///
    /// # Errors
    ///
    /// - [`AccessTokenError::Expired`] if nothing else is wrong with it.
    /// - [`AccessTokenError::Invalid`] for everything else.
    fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<AccessClaims, AccessTokenError>;
}

/// Why a token is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccessTokenError {
    /// Its time is over.
    #[error("the access token has expired")]
    Expired,
    /// It is not one of ours: malformed, forged, for somebody else, not valid yet.
    #[error("the access token is invalid")]
    Invalid,
}

/// Why a token was not signed.
#[derive(Debug, thiserror::Error)]
#[error("the access token could not be signed")]
pub struct SignTokenError(#[source] pub Box<dyn Error + Send + Sync>);
