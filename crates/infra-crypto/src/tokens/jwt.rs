//! The port [`AccessTokens`] with JSON Web Tokens (RFC 9068).
//!
//! The library signs and checks signatures. What a token may look like and must say is decided here, because the
//! library leaves most of it open: it reads the system's clock with a minute of leeway, takes any type and any unknown
//! member in the head, and asks for no claim but `exp`.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use domain::ports::{AccessClaims, AccessTokenError, AccessTokens, SignTokenError};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::cache::{TokenDigest, VerifiedTokens};
use super::claims::{LEEWAY, Verified, WireClaims};
use super::header::{Header, TYPE};
use super::key_ring::KeyRing;
use super::keys::SigningKeys;

/// A token of ours has some 600 bytes, with long names of issuer and audience some more; nothing is spent on a longer one.
const LONGEST_TOKEN: usize = 4096;

/// Who signs tokens, for whom, and with what.
#[derive(Debug)]
pub struct JwtSettings {
    /// `iss`.
    pub issuer: String,
    /// `aud`, and `client_id` too: there are no registered clients.
    pub audience: String,
    /// Every process that shall accept what another signed needs the same.
    pub keys: SigningKeys,
}

/// Signs and verifies access tokens as RFC 9068 says, with the checks of RFC 8725.
///
/// The head has `typ`, `alg` and `kid` and nothing else. The `kid` of a key pair is its thumbprint (RFC 7638), that of a
/// secret a MAC that tells nothing about it. A signature is checked once; the times are looked at every time.
pub struct JwtTokens {
    issuer: String,
    audience: String,
    keys: KeyRing,
    verified: VerifiedTokens,
}

impl JwtTokens {
    /// Signs with the current key; accepts what it or a previous one signed.
    pub fn new(settings: JwtSettings) -> Self {
        let JwtSettings { issuer, audience, keys } = settings;
        Self { issuer, audience, keys: KeyRing::new(keys), verified: VerifiedTokens::new() }
    }

    /// The public keys with which others can verify, the current one first, as a JSON Web Key Set (RFC 7517). With a
    /// shared secret there are none.
    pub fn jwks(&self) -> String {
        self.keys.public.clone()
    }

    /// What the token says, if it was signed by us for us; its times were not looked at.
    fn read(&self, token: &str) -> Option<Verified> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;

        let header = URL_SAFE_NO_PAD.decode(header).ok()?;
        let header: Header<'_> = object(&header)?;
        let key = self.keys.find(&header.kid)?;
        let is_ours = header.is_of_access_token() && header.alg == self.keys.algorithm_name;
        let is_genuine = || jsonwebtoken::crypto::verify(signature, signed.as_bytes(), key, self.keys.algorithm);
        if !is_ours || !is_genuine().is_ok_and(|genuine| genuine) {
            return None;
        }

        let claims = URL_SAFE_NO_PAD.decode(claims).ok()?;
        object::<WireClaims<'_>>(&claims)?.verified(&self.issuer, &self.audience)
    }

    #[cfg(test)]
    pub(super) fn keeps(&self, token: &str) -> bool {
        self.verified.holds(&digest(token))
    }
}

impl AccessTokens for JwtTokens {
    fn sign(&self, claims: &AccessClaims) -> Result<String, SignTokenError> {
        let mut header = jsonwebtoken::Header::new(self.keys.algorithm);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(self.keys.kid.clone());
        let claims = WireClaims::new(claims, &self.issuer, &self.audience);
        jsonwebtoken::encode(&header, &claims, &self.keys.signing).map_err(|error| SignTokenError(error.into()))
    }

    fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<AccessClaims, AccessTokenError> {
        if token.len() > LONGEST_TOKEN {
            return Err(AccessTokenError::Invalid);
        }
        let digest = digest(token);
        if let Some(verified) = self.verified.find(&digest) {
            return verified.at(now);
        }
        let verified = self.read(token).ok_or(AccessTokenError::Invalid)?;
        let claims = verified.clone().at(now)?;
        let keep_for = claims.expires_at.signed_duration_since(now) + LEEWAY;
        self.verified.keep(digest, verified, keep_for.to_std().unwrap_or_default());
        Ok(claims)
    }
}

impl fmt::Debug for JwtTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtTokens")
            .field("issuer", &self.issuer)
            .field("audience", &self.audience)
            .field("kid", &self.keys.kid)
            .finish_non_exhaustive()
    }
}

fn digest(token: &str) -> TokenDigest {
    Sha256::digest(token).into()
}

/// Reads a JSON object. An array would be taken for one, its elements in the order of the fields.
fn object<'de, T: Deserialize<'de>>(json: &'de [u8]) -> Option<T> {
    if json.first() != Some(&b'{') {
        return None;
    }
    serde_json::from_slice(json).ok()
}
