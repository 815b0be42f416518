//! What tokens are signed with, and what older ones were signed with.

use std::fmt;

use jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER;
use jsonwebtoken::jwk::EllipticCurve;
use jsonwebtoken::{Algorithm, EncodingKey};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::jwk::PublicKey;
use super::pem::{self, Half, ReadKeyError};

/// What tokens are signed with. It decides the algorithm; no token does.
#[derive(Debug)]
pub enum SigningKeys {
    /// HMAC with SHA-256: who can verify can sign.
    Hs256 {
        /// Signs and verifies.
        secret: JwtSecret,
        /// Still verifies, so that changing the secret logs nobody out.
        previous: Option<JwtSecret>,
    },
    /// A private key signs, and anybody can verify with the public one.
    Asymmetric(AsymmetricKeys),
}

/// A secret that is long enough for HS256 (RFC 7518 §3.2). Never shown.
#[derive(Clone)]
pub struct JwtSecret(SecretString);

/// A secret for HS256 has fewer bytes than the hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a JWT secret has at least {} bytes, this one has {length}; make one with `openssl rand -base64 48`",
    JwtSecret::SHORTEST
)]
pub struct ShortJwtSecret {
    /// How many it has.
    pub length: usize,
}

impl JwtSecret {
    /// As many bytes as SHA-256 gives.
    pub const SHORTEST: usize = 32;

    /// Takes the bytes of the text as they are, as other implementations do.
    ///
    /// # Errors
    ///
    /// [`ShortJwtSecret`] if there are fewer than [`JwtSecret::SHORTEST`].
    pub fn new(text: SecretString) -> Result<Self, ShortJwtSecret> {
        match text.expose_secret().len() {
            length if length < Self::SHORTEST => Err(ShortJwtSecret { length }),
            _ => Ok(Self(text)),
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.0.expose_secret().as_bytes()
    }
}

impl fmt::Debug for JwtSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JwtSecret([REDACTED])")
    }
}

/// How a private key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AsymmetricAlgorithm {
    /// Ed25519 (RFC 8037).
    EdDsa,
    /// ECDSA with P-256 and SHA-256 (RFC 7518 §3.4).
    Es256,
}

impl AsymmetricAlgorithm {
    /// Its name in tokens and settings.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
            Self::Es256 => "ES256",
        }
    }

    pub(super) const fn key_type(self) -> &'static str {
        match self {
            Self::EdDsa => "Ed25519",
            Self::Es256 => "EC P-256",
        }
    }

    pub(super) const fn algorithm(self) -> Algorithm {
        match self {
            Self::EdDsa => Algorithm::EdDSA,
            Self::Es256 => Algorithm::ES256,
        }
    }
}

impl fmt::Display for AsymmetricAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A private key, and the public ones that verify what earlier private keys signed; all for the same algorithm.
pub struct AsymmetricKeys {
    pub(super) algorithm: AsymmetricAlgorithm,
    pub(super) private: EncodingKey,
    /// That of the private key first.
    pub(super) public: Vec<PublicKey>,
}

impl AsymmetricKeys {
    /// Signs with the private key in this PEM file (PKCS#8, not encrypted).
    ///
    /// # Errors
    ///
    /// [`ReadKeyError`] says what is wrong with the file.
    pub fn from_pem(algorithm: AsymmetricAlgorithm, file: &[u8]) -> Result<Self, ReadKeyError> {
        let (half, der) = pem::read(file, algorithm)?;
        if half == Half::Public {
            return Err(ReadKeyError::NotPrivate);
        }
        let private = match algorithm {
            AsymmetricAlgorithm::EdDsa => EncodingKey::from_ed_der(&der),
            AsymmetricAlgorithm::Es256 => EncodingKey::from_ec_der(&der),
        };
        Ok(Self { algorithm, private, public: vec![public_of_private(algorithm, &der)?] })
    }

    /// Also accepts what was signed with the key in this PEM file, whichever half of it that is.
    ///
    /// # Errors
    ///
    /// [`ReadKeyError`] says what is wrong with the file.
    pub fn accept_previous(&mut self, file: &[u8]) -> Result<(), ReadKeyError> {
        let (half, der) = pem::read(file, self.algorithm)?;
        let public = match half {
            Half::Private => public_of_private(self.algorithm, &der)?,
            Half::Public => PublicKey::from_der(self.algorithm, &der).ok_or(ReadKeyError::Damaged)?,
        };
        if !self.public.contains(&public) {
            self.public.push(public);
        }
        Ok(())
    }
}

impl fmt::Debug for AsymmetricKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsymmetricKeys")
            .field("algorithm", &self.algorithm)
            .field("public", &self.public)
            .finish_non_exhaustive()
    }
}

/// Computed from the secret, so that a file in which the two do not belong together is refused.
fn public_of_private(algorithm: AsymmetricAlgorithm, der: &Zeroizing<Vec<u8>>) -> Result<PublicKey, ReadKeyError> {
    let utilities = &DEFAULT_PROVIDER.key_utils;
    let public = match algorithm {
        AsymmetricAlgorithm::EdDsa => (utilities.ed_pub_components_from_private_key)(der, &EllipticCurve::Ed25519)
            .ok()
            .and_then(|x| PublicKey::ed25519(&x)),
        AsymmetricAlgorithm::Es256 => (utilities.ec_pub_components_from_private_key)(der, Algorithm::ES256)
            .ok()
            .and_then(|(_, x, y)| PublicKey::p256(&x, &y)),
    };
    public.ok_or(ReadKeyError::Damaged)
}
