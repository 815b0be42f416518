//! What is accepted, what is refused (RFC 8725), and what happens when keys change.

mod attacks;
mod claims;
mod garbage;
mod heads;
mod key_files;
mod keys;
mod rotation;
mod times;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use domain::ports::{AccessClaims, AccessTokenError, AccessTokens};
use domain::values::{Role, SessionId, UserUuid};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;

const ISSUER: &str = "https://users.example.com";
const AUDIENCE: &str = "usermgmt";
const SECRET: &str = "0123456789abcdef0123456789abcdef";
const OTHER_SECRET: &str = "fedcba9876543210fedcba9876543210";

const REFUSED: Result<AccessClaims, AccessTokenError> = Err(AccessTokenError::Invalid);

/// Each way to sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Hs256,
    EdDsa,
    Es256,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Hs256, Self::EdDsa, Self::Es256];

    fn keys(self) -> SigningKeys {
        match self {
            Self::Hs256 => SigningKeys::Hs256 { secret: secret(SECRET), previous: None },
            Self::EdDsa => SigningKeys::Asymmetric(pair(AsymmetricAlgorithm::EdDsa, keys::ED25519)),
            Self::Es256 => SigningKeys::Asymmetric(pair(AsymmetricAlgorithm::Es256, keys::P256)),
        }
    }

    fn tokens(self) -> JwtTokens {
        tokens(self.keys())
    }

    const fn algorithm(self) -> Algorithm {
        match self {
            Self::Hs256 => Algorithm::HS256,
            Self::EdDsa => Algorithm::EdDSA,
            Self::Es256 => Algorithm::ES256,
        }
    }

    /// What the service signs with, in the hands of a test.
    fn key(self) -> EncodingKey {
        match self {
            Self::Hs256 => EncodingKey::from_secret(SECRET.as_bytes()),
            Self::EdDsa => EncodingKey::from_ed_der(&der(keys::ED25519)),
            Self::Es256 => EncodingKey::from_ec_der(&der(keys::P256)),
        }
    }

    /// A token with this head and these claims, and a signature that is right.
    fn signed(self, header: &Value, claims: &Value) -> String {
        self.signed_text(&header.to_string(), &claims.to_string())
    }

    fn signed_text(self, header: &str, claims: &str) -> String {
        signed_with(&self.key(), self.algorithm(), header, claims)
    }

    /// The head of a token of the service.
    fn header(self) -> Value {
        part(&self.tokens().sign(&honest()).unwrap(), 0)
    }
}

fn signed_with(key: &EncodingKey, algorithm: Algorithm, header: &str, claims: &str) -> String {
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let signature = jsonwebtoken::crypto::sign(signed.as_bytes(), key, algorithm).unwrap();
    format!("{signed}.{signature}")
}

fn tokens(keys: SigningKeys) -> JwtTokens {
    JwtTokens::new(JwtSettings { issuer: ISSUER.into(), audience: AUDIENCE.into(), keys })
}

fn secret(text: &str) -> JwtSecret {
    JwtSecret::new(text.into()).unwrap()
}

fn pair(algorithm: AsymmetricAlgorithm, file: &str) -> AsymmetricKeys {
    AsymmetricKeys::from_pem(algorithm, file.as_bytes()).unwrap()
}

fn der(pem: &str) -> Vec<u8> {
    let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    base64::engine::general_purpose::STANDARD.decode(base64).unwrap()
}

/// One part of a token as JSON.
fn part(token: &str, number: usize) -> Value {
    let part = token.split('.').nth(number).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// `object`, but for one member.
fn with(object: &Value, member: &str, value: Value) -> Value {
    let mut object = object.clone();
    object[member] = value;
    object
}

fn without(object: &Value, member: &str) -> Value {
    let mut object = object.clone();
    object.as_object_mut().unwrap().remove(member).unwrap();
    object
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_323_045, 0).unwrap()
}

/// What a token of the service says.
fn honest() -> AccessClaims {
    AccessClaims {
        id: Uuid::from_u128(3),
        user: UserUuid::new(Uuid::from_u128(1)),
        session: SessionId::new(Uuid::from_u128(2)),
        role: Role::Moderator,
        epoch: 7,
        issued_at: now(),
        expires_at: now() + TimeDelta::minutes(15),
    }
}

/// The same as JSON.
fn honest_json() -> Value {
    json!({
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "00000000-0000-0000-0000-000000000001",
        "client_id": AUDIENCE,
        "sid": "00000000-0000-0000-0000-000000000002",
        "role": "moderator",
        "epoch": 7,
        "iat": 1_767_323_045,
        "nbf": 1_767_323_045,
        "exp": 1_767_323_945,
        "jti": "00000000-0000-0000-0000-000000000003",
    })
}

#[test]
fn what_a_test_signs_is_accepted_if_it_says_the_same() {
    // Otherwise every refusal below would be for nothing.
    for kind in Kind::ALL {
        let token = kind.signed(&kind.header(), &honest_json());
        assert_eq!(kind.tokens().verify(&token, now()), Ok(honest()), "{kind:?}");
    }
}
