//! No access tokens at all: for commands, which sign nobody in and need no key for it.

use chrono::{DateTime, Utc};
use domain::ports::{AccessClaims, AccessTokenError, AccessTokens, SignTokenError};

/// Signs nothing and believes nothing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unsigned;

impl AccessTokens for Unsigned {
    fn sign(&self, _: &AccessClaims) -> Result<String, SignTokenError> {
        Err(SignTokenError("a command signs nobody in".into()))
    }

    fn verify(&self, _: &str, _: DateTime<Utc>) -> Result<AccessClaims, AccessTokenError> {
        Err(AccessTokenError::Invalid)
    }
}
