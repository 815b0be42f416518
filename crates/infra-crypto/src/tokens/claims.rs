//! The claims as a token has them (RFC 9068 §2.2), and what is asked of them.

use std::borrow::Cow;

use chrono::{DateTime, TimeDelta, Utc};
use domain::ports::{AccessClaims, AccessTokenError};
use domain::values::{Role, SessionId, UserUuid};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Clocks of replicas differ by that much.
pub(super) const LEEWAY: TimeDelta = TimeDelta::seconds(5);

/// All of them must be there, once, and of this type; others may be, for readers elsewhere and for later versions.
#[derive(Serialize, Deserialize)]
pub(super) struct WireClaims<'a> {
    #[serde(borrow)]
    iss: Cow<'a, str>,
    #[serde(borrow)]
    aud: Audience<'a>,
    #[serde(borrow)]
    sub: Cow<'a, str>,
    /// RFC 9068 demands to know which client asked for the token. There are no registered clients: it is the audience.
    #[serde(borrow)]
    client_id: Cow<'a, str>,
    #[serde(borrow)]
    sid: Cow<'a, str>,
    #[serde(borrow)]
    role: Cow<'a, str>,
    epoch: i64,
    iat: i64,
    nbf: i64,
    exp: i64,
    #[serde(borrow)]
    jti: Cow<'a, str>,
}

/// One name, or several of which one must be ours (RFC 7519 §4.1.3).
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Audience<'a> {
    One(#[serde(borrow)] Cow<'a, str>),
    Several(Vec<String>),
}

impl Audience<'_> {
    fn includes(&self, audience: &str) -> bool {
        match self {
            Self::One(one) => one == audience,
            Self::Several(several) => several.iter().any(|one| one == audience),
        }
    }
}

impl<'a> WireClaims<'a> {
    pub(super) fn new(claims: &AccessClaims, issuer: &'a str, audience: &'a str) -> Self {
        let issued_at = claims.issued_at.timestamp();
        Self {
            iss: issuer.into(),
            aud: Audience::One(audience.into()),
            sub: claims.user.to_string().into(),
            client_id: audience.into(),
            sid: claims.session.to_string().into(),
            role: claims.role.as_str().into(),
            epoch: claims.epoch,
            iat: issued_at,
            nbf: issued_at,
            exp: claims.expires_at.timestamp(),
            jti: claims.id.to_string().into(),
        }
    }

    /// What they say, if they are from this issuer for this audience and every one can be understood.
    pub(super) fn verified(&self, issuer: &str, audience: &str) -> Option<Verified> {
        if self.iss != issuer || !self.aud.includes(audience) || self.client_id.is_empty() {
            return None;
        }
        let time = |seconds| DateTime::from_timestamp(seconds, 0);
        let issued_at = time(self.iat)?;
        let claims = AccessClaims {
            id: uuid(&self.jti)?,
            user: UserUuid::new(uuid(&self.sub)?),
            session: SessionId::new(uuid(&self.sid)?),
            role: Role::parse(&self.role).ok()?,
            epoch: self.epoch,
            issued_at,
            expires_at: time(self.exp)?,
        };
        Some(Verified { claims, valid_from: issued_at.max(time(self.nbf)?) })
    }
}

/// A UUID in the form we write: 36 characters are the hyphenated ones.
fn uuid(text: &str) -> Option<Uuid> {
    (text.len() == 36).then(|| Uuid::try_parse(text).ok())?
}

/// The claims of a token that was signed by us for us. Whether it is valid depends on the time.
#[derive(Debug, Clone)]
pub(super) struct Verified {
    claims: AccessClaims,
    /// `nbf`, or `iat` if that is later: nothing is valid before it was made.
    valid_from: DateTime<Utc>,
}

impl Verified {
    /// The claims, if the token is valid now.
    pub(super) fn at(self, now: DateTime<Utc>) -> Result<AccessClaims, AccessTokenError> {
        // Differences, as sums could leave the range of dates.
        if self.valid_from.signed_duration_since(now) > LEEWAY {
            return Err(AccessTokenError::Invalid);
        }
        if now.signed_duration_since(self.claims.expires_at) >= LEEWAY {
            return Err(AccessTokenError::Expired);
        }
        Ok(self.claims)
    }
}
