//! Hashes that other systems made with something else than bcrypt. They are checked, never made.
//!
//! | algorithm | forms | limits |
//! |---|---|---|
//! | Argon2 (id, i, d) | PHC, Django | 256 MiB, 16 passes over it or as much |
//! | scrypt | passlib, Django | 256 MiB, 4 times over it or as much |
//! | scrypt, then AES-256 in counter mode | imports from Firebase | as scrypt |
//! | PBKDF2 (SHA-1, SHA-256; passlib: SHA-512) | passlib, Django | 10 million iterations |
//!
//! The limits are there because a stored hash may have been planted: within them a verification ends in a few seconds.
//! Beyond them it is no hash. Up to 256 MiB are taken by each thread that hashes.

mod argon2_hash;
mod fields;
mod firebase_scrypt;
mod pbkdf2_hash;
mod scrypt_hash;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Bytes of a digest, as PHC strings have them: fewer would be guessed, more is nobody's.
const DIGEST_BYTES: std::ops::RangeInclusive<usize> = 10..=64;

/// Bytes of the longest salt.
const SALT_BYTES: usize = 128;

/// A stored hash, taken apart.
pub(crate) struct ImportedHash {
    recipe: Recipe,
    digest: Vec<u8>,
}

enum Recipe {
    Argon2(argon2_hash::Recipe),
    Scrypt(scrypt_hash::Recipe),
    FirebaseScrypt(firebase_scrypt::Recipe),
    Pbkdf2(pbkdf2_hash::Recipe),
}

impl ImportedHash {
    /// Reads any of the forms; `None` for every other text and for parameters beyond the limits.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let argon2 = || argon2_hash::Recipe::parse(text).map(|(recipe, digest)| (Recipe::Argon2(recipe), digest));
        let scrypt = || scrypt_hash::Recipe::parse(text).map(|(recipe, digest)| (Recipe::Scrypt(recipe), digest));
        let firebase =
            || firebase_scrypt::Recipe::parse(text).map(|(recipe, digest)| (Recipe::FirebaseScrypt(recipe), digest));
        let pbkdf2 = || pbkdf2_hash::Recipe::parse(text).map(|(recipe, digest)| (Recipe::Pbkdf2(recipe), digest));
        let (recipe, digest) = argon2().or_else(scrypt).or_else(firebase).or_else(pbkdf2)?;
        Some(Self { recipe, digest })
    }

    /// Whether it is the hash of `password`. The digests are compared in constant time.
    pub(crate) fn fits(&self, password: &str) -> bool {
        let password = password.as_bytes();
        let mut digest = Zeroizing::new(vec![0; self.digest.len()]);
        match &self.recipe {
            Recipe::Argon2(recipe) => recipe.make(password, &mut digest),
            Recipe::Scrypt(recipe) => recipe.make(password, &mut digest),
            Recipe::FirebaseScrypt(recipe) => recipe.make(password, &mut digest),
            Recipe::Pbkdf2(recipe) => recipe.make(password, &mut digest),
        }
        bool::from(digest.as_slice().ct_eq(&self.digest))
    }
}
