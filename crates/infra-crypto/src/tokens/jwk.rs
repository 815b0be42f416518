//! Public keys, and how others read them: as JSON Web Keys (RFC 7517, RFC 8037).
//!
//! There is no way from a secret or a private key to a JSON Web Key, so that none can be published.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::keys::AsymmetricAlgorithm;

/// What comes before the 32 bytes of an Ed25519 key in a public key file (RFC 8410 §4).
const ED25519_PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// What comes before the 64 bytes of a P-256 key in a public key file, its point uncompressed (RFC 5480 §2).
const P256_PREFIX: [u8; 27] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
];

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PublicKey {
    /// The point, compressed as RFC 8032 says.
    Ed25519([u8; 32]),
    /// The point.
    P256 {
        /// One coordinate.
        x: [u8; 32],
        /// The other.
        y: [u8; 32],
    },
}

impl PublicKey {
    /// `None` if there are not 32 bytes.
    pub(super) fn ed25519(x: &[u8]) -> Option<Self> {
        Some(Self::Ed25519(x.try_into().ok()?))
    }

    /// `None` if there are not twice 32 bytes.
    pub(super) fn p256(x: &[u8], y: &[u8]) -> Option<Self> {
        Some(Self::P256 { x: x.try_into().ok()?, y: y.try_into().ok()? })
    }

    /// Reads a `SubjectPublicKeyInfo` in the one form that everybody writes.
    pub(super) fn from_der(algorithm: AsymmetricAlgorithm, der: &[u8]) -> Option<Self> {
        match algorithm {
            AsymmetricAlgorithm::EdDsa => Self::ed25519(der.strip_prefix(ED25519_PREFIX.as_slice())?),
            AsymmetricAlgorithm::Es256 => {
                let (x, y) = der.strip_prefix(P256_PREFIX.as_slice())?.split_at_checked(32)?;
                Self::p256(x, y)
            }
        }
    }

    /// The key as it verifies.
    pub(super) fn verifier(&self) -> DecodingKey {
        match self {
            Self::Ed25519(x) => DecodingKey::from_ed_der(x),
            Self::P256 { x, y } => DecodingKey::from_ec_der(&[&[0x04], x.as_slice(), y].concat()),
        }
    }

    /// Its name, the same everywhere: the SHA-256 of its necessary members (RFC 7638).
    pub(super) fn thumbprint(&self) -> String {
        let members = match self {
            Self::Ed25519(x) => format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, base64url(x)),
            Self::P256 { x, y } => {
                format!(r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}"#, base64url(x), base64url(y))
            }
        };
        base64url(&Sha256::digest(members))
    }

    fn jwk(&self) -> Jwk {
        let (kty, crv, alg, x, y) = match self {
            Self::Ed25519(x) => ("OKP", "Ed25519", AsymmetricAlgorithm::EdDsa, x, None),
            Self::P256 { x, y } => ("EC", "P-256", AsymmetricAlgorithm::Es256, x, Some(y)),
        };
        Jwk {
            kty,
            crv,
            x: base64url(x),
            y: y.map(|y| base64url(y)),
            alg: alg.as_str(),
            kid: self.thumbprint(),
            r#use: "sig",
        }
    }
}

/// A JSON Web Key Set of these keys, in this order.
pub(super) fn key_set(keys: &[PublicKey]) -> String {
    let set = JwkSet { keys: keys.iter().map(PublicKey::jwk).collect() };
    serde_json::to_string(&set).expect("texts can be written as JSON")
}

#[derive(Serialize)]
struct JwkSet {
    keys: Vec<Jwk>,
}

#[derive(Serialize)]
struct Jwk {
    kty: &'static str,
    crv: &'static str,
    x: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    y: Option<String>,
    alg: &'static str,
    kid: String,
    r#use: &'static str,
}

fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_thumbprint_is_that_of_the_standard() {
        // RFC 8037, appendix A.3.
        let x = URL_SAFE_NO_PAD.decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").unwrap();
        let key = PublicKey::ed25519(&x).unwrap();
        assert_eq!(key.thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    #[test]
    fn a_key_of_another_length_is_none() {
        assert_eq!(PublicKey::ed25519(&[0; 31]), None);
        assert_eq!(PublicKey::p256(&[0; 32], &[0; 33]), None);
        for rest in [0, 31, 63, 65] {
            let der = [P256_PREFIX.as_slice(), &vec![0; rest]].concat();
            assert_eq!(PublicKey::from_der(AsymmetricAlgorithm::Es256, &der), None);
        }
    }
}
