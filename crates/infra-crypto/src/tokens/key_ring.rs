//! The keys by their names: one signs, all verify.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use sha2::Sha256;

use super::jwk;
use super::keys::{AsymmetricKeys, JwtSecret, SigningKeys};

/// No head and body of a token has spaces, so this MAC is no signature.
const KEY_NAME_PURPOSE: &[u8] = b"usermgmt name of a jwt secret v1";

/// 96 bits tell the few secrets of a service apart.
const KEY_NAME_BYTES: usize = 12;

/// What tokens are signed and verified with.
pub(super) struct KeyRing {
    pub(super) algorithm: Algorithm,
    /// The algorithm's name in tokens.
    pub(super) algorithm_name: &'static str,
    /// The name of the key that signs.
    pub(super) kid: String,
    pub(super) signing: EncodingKey,
    /// That of the key that signs first.
    verifying: Vec<(String, DecodingKey)>,
    /// The public keys as a JSON Web Key Set.
    pub(super) public: String,
}

impl KeyRing {
    pub(super) fn new(keys: SigningKeys) -> Self {
        match keys {
            SigningKeys::Hs256 { secret, previous } => Self::of_secrets(&secret, previous.as_ref()),
            SigningKeys::Asymmetric(keys) => Self::of_key_pairs(keys),
        }
    }

    fn of_secrets(secret: &JwtSecret, previous: Option<&JwtSecret>) -> Self {
        let verifying = [Some(secret), previous]
            .into_iter()
            .flatten()
            .map(|secret| (name_of_secret(secret), DecodingKey::from_secret(secret.bytes())))
            .collect();
        Self {
            algorithm: Algorithm::HS256,
            algorithm_name: "HS256",
            kid: name_of_secret(secret),
            signing: EncodingKey::from_secret(secret.bytes()),
            verifying,
            public: jwk::key_set(&[]),
        }
    }

    fn of_key_pairs(keys: AsymmetricKeys) -> Self {
        let verifying: Vec<_> = keys.public.iter().map(|key| (key.thumbprint(), key.verifier())).collect();
        Self {
            algorithm: keys.algorithm.algorithm(),
            algorithm_name: keys.algorithm.as_str(),
            kid: keys.public.first().map(jwk::PublicKey::thumbprint).expect("the first is that of the private key"),
            signing: keys.private,
            verifying,
            public: jwk::key_set(&keys.public),
        }
    }

    /// The key of that name. Nothing but the names of known keys is looked at: no file, no address, no database.
    pub(super) fn find(&self, kid: &str) -> Option<&DecodingKey> {
        self.verifying.iter().find(|(name, _)| name == kid).map(|(_, key)| key)
    }
}

/// Says which secret it was, and nothing about it to who does not know it.
fn name_of_secret(secret: &JwtSecret) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.bytes()).expect("HMAC takes any key");
    mac.update(KEY_NAME_PURPOSE);
    let mac = mac.finalize().into_bytes();
    URL_SAFE_NO_PAD.encode(mac.iter().copied().take(KEY_NAME_BYTES).collect::<Vec<_>>())
}
