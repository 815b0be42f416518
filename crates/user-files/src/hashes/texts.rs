//! The texts that hashes are stored as.

use super::encodings::{to_adapted_base64, to_base64};

/// How texts begin that may be hashes.
const BEGINNINGS: [&str; 20] = [
    "$2a$",
    "$2b$",
    "$2y$",
    "$argon2d$",
    "$argon2i$",
    "$argon2id$",
    "$bcrypt-sha256$",
    "$firebase-scrypt$",
    "$pbkdf2$",
    "$pbkdf2-sha256$",
    "$pbkdf2-sha512$",
    "$scrypt$",
    "argon2$argon2",
    "bcrypt$$2a$",
    "bcrypt$$2b$",
    "bcrypt$$2y$",
    "bcrypt_sha256$$2",
    "pbkdf2_sha1$",
    "pbkdf2_sha256$",
    "scrypt$",
];

/// Whether a text begins as a hash that is verified here.
pub(crate) fn looks_like_a_hash(text: &str) -> bool {
    BEGINNINGS.iter().any(|beginning| text.starts_with(beginning))
}

/// The digest of a PBKDF2.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Digest {
    Sha1,
    Sha256,
    Sha512,
}

impl Digest {
    const fn bytes(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }

    const fn kind(self) -> &'static str {
        match self {
            Self::Sha1 => "pbkdf2",
            Self::Sha256 => "pbkdf2-sha256",
            Self::Sha512 => "pbkdf2-sha512",
        }
    }
}

/// passlib's text; `None` if fewer bytes were derived than the digest has.
///
/// More bytes are cut: PBKDF2 makes block after block, and the first does not depend on how many follow (RFC 8018 5.2).
pub(crate) fn pbkdf2(digest: Digest, iterations: u64, salt: &[u8], derived: &[u8]) -> Option<String> {
    let derived = derived.get(..digest.bytes())?;
    let (salt, derived) = (to_adapted_base64(salt), to_adapted_base64(derived));
    Some(format!("${}${iterations}${salt}${derived}", digest.kind()))
}

/// passlib's text; `None` if N is no power of two. More than 64 derived bytes are cut, as scrypt ends with a PBKDF2.
pub(crate) fn scrypt(n: u64, r: u64, p: u64, salt: &[u8], derived: &[u8]) -> Option<String> {
    if !n.is_power_of_two() {
        return None;
    }
    let derived = derived.get(..64).unwrap_or(derived);
    Some(format!("$scrypt$ln={},r={r},p={p}${}${}", n.ilog2(), to_base64(salt), to_base64(derived)))
}
