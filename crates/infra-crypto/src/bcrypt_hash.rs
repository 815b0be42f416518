//! Makes and checks bcrypt hashes, byte for byte as passlib does.
//!
//! Plain bcrypt ends at 72 bytes and drops the rest in silence, so that a long password would be open to whoever knows
//! its beginning. Up to there plain `$2b$` is made, which every other system reads; beyond it passlib's `bcrypt_sha256`.

use std::hint::black_box;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::stored_hash::{DIGEST_BYTES, SALT_BYTES, Scheme, StoredHash, salt_text};

/// Bytes of a key that bcrypt looks at.
const BCRYPT_BYTES: usize = 72;

/// The hash to store for `password`. `cost` is one of [`COSTS`](crate::stored_hash::COSTS).
pub(crate) fn make(password: &str, cost: u32, salt: [u8; SALT_BYTES]) -> String {
    let scheme = if password.len() <= BCRYPT_BYTES { Scheme::Plain } else { Scheme::HmacSha256 };
    let digest = digest(scheme, password, cost, salt);
    StoredHash { scheme, cost, salt, digest }.to_string()
}

/// Whether `password` fits the stored hash.
///
/// No password over 72 bytes fits a plain hash: its maker compared the beginning only, and what is not compared must
/// not let anybody in. It costs the same work all the same, so that nobody learns from the time which accounts exist.
pub(crate) fn fits(password: &str, stored: &StoredHash) -> bool {
    let cut_off = stored.scheme == Scheme::Plain && password.len() > BCRYPT_BYTES;
    let same = digest(stored.scheme, password, stored.cost, stored.salt).ct_eq(&stored.digest);
    bool::from(same) && !cut_off
}

/// Does the work of a hash, for nothing.
pub(crate) fn spend(password: &str, cost: u32) {
    black_box(bcrypt_digest(password.as_bytes(), cost, [0; SALT_BYTES]));
}

fn digest(scheme: Scheme, password: &str, cost: u32, salt: [u8; SALT_BYTES]) -> [u8; DIGEST_BYTES] {
    match scheme {
        Scheme::Plain => bcrypt_digest(password.as_bytes(), cost, salt),
        Scheme::Sha256 => bcrypt_digest(base64_of(&Sha256::digest(password.as_bytes())).as_bytes(), cost, salt),
        Scheme::HmacSha256 => {
            let mut mac = Hmac::<Sha256>::new_from_slice(salt_text(&salt).as_bytes()).expect("HMAC takes any key");
            mac.update(password.as_bytes());
            bcrypt_digest(base64_of(&mac.finalize().into_bytes()).as_bytes(), cost, salt)
        }
        Scheme::HexSha256 => bcrypt_digest(hex_of(&Sha256::digest(password.as_bytes())).as_bytes(), cost, salt),
    }
}

fn base64_of(digest: &[u8]) -> Zeroizing<String> {
    Zeroizing::new(STANDARD.encode(digest))
}

fn hex_of(digest: &[u8]) -> Zeroizing<String> {
    let half = |byte: u8| char::from_digit(u32::from(byte), 16).expect("half a byte is below 16");
    // Exactly as large as needed: a string that grows leaves copies of its beginning in freed memory.
    let mut text = Zeroizing::new(String::with_capacity(2 * digest.len()));
    text.extend(digest.iter().flat_map(|byte| [half(byte >> 4), half(byte & 15)]));
    text
}

fn bcrypt_digest(secret: &[u8], cost: u32, salt: [u8; SALT_BYTES]) -> [u8; DIGEST_BYTES] {
    // bcrypt's key is a C string: its end counts, where there is room for it.
    let mut key = Zeroizing::new(Vec::with_capacity(BCRYPT_BYTES + 1));
    key.extend_from_slice(secret);
    key.push(0);
    key.truncate(BCRYPT_BYTES);
    #[cfg(test)]
    work::count(cost);
    let output = bcrypt::bcrypt(cost, salt, &key);
    *output.first_chunk().expect("bcrypt gives 24 bytes, of which 23 are stored")
}

/// How much bcrypt a thread has done: what is to cost the same is counted, as times are never quite the same.
#[cfg(test)]
pub(crate) mod work {
    use std::cell::Cell;

    thread_local! {
        static ROUNDS: Cell<u64> = const { Cell::new(0) };
    }

    pub(super) fn count(cost: u32) {
        ROUNDS.set(ROUNDS.get() + (1 << cost));
    }

    /// The rounds that `work` takes.
    pub(crate) fn rounds_of(work: impl FnOnce()) -> u64 {
        let before = ROUNDS.get();
        work();
        ROUNDS.get() - before
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use proptest::prelude::*;

    use super::*;

    /// Made by `tests/vectors/passlib_vectors.py`.
    const PASSLIB: &str = include_str!("../tests/vectors/passlib.tsv");

    fn fits(password: &str, stored: &str) -> bool {
        StoredHash::parse(stored).is_some_and(|stored| super::fits(password, &stored))
    }

    struct Vector {
        scheme: &'static str,
        salt: &'static str,
        hash: &'static str,
        password: String,
    }

    fn vectors() -> Vec<Vector> {
        let vector = |line: &'static str| {
            let fields: Vec<_> = line.split('\t').collect();
            let [scheme, salt, hash, password] = fields[..] else { panic!("not a vector: {line}") };
            Vector { scheme, salt, hash, password: serde_json::from_str(password).unwrap() }
        };
        PASSLIB.lines().filter(|line| !line.starts_with('#')).map(vector).collect()
    }

    #[test]
    fn a_password_fits_every_hash_that_passlib_made_of_it() {
        assert_eq!(vectors().len(), 80);
        for Vector { hash, password, .. } in vectors() {
            assert!(fits(&password, hash), "{password} should fit {hash}");
        }
    }

    #[test]
    fn another_password_fits_no_hash_of_passlib() {
        for Vector { hash, password, .. } in vectors() {
            let beginning: String = password.chars().skip(1).collect();
            assert!(!fits(&format!("{beginning}?"), hash), "another password fits {hash}");
        }
    }

    #[test]
    fn our_hash_is_what_passlib_makes_with_the_same_salt() {
        let mut compared = [0, 0];
        for Vector { scheme, salt, hash, password } in vectors() {
            let long = password.len() > BCRYPT_BYTES;
            if scheme == if long { "sha256-v2" } else { "2b" } {
                let salt = StoredHash::parse(hash).filter(|stored| salt_text(&stored.salt) == salt).unwrap().salt;
                let cost = StoredHash::parse(hash).unwrap().cost;
                assert_eq!(make(&password, cost, salt), hash);
                compared[usize::from(long)] += 1;
            }
        }
        assert_eq!(compared, [11, 7], "plain and long passwords");
    }

    #[test]
    fn plain_ends_at_72_bytes_and_not_at_72_characters() {
        assert!(make(&"é".repeat(36), 4, [7; 16]).starts_with("$2b$04$"));
        assert!(make(&"é".repeat(37), 4, [7; 16]).starts_with("$bcrypt-sha256$v=2,t=2b,r=4$"));
    }

    #[test]
    fn the_beginning_of_a_long_password_does_not_fit() {
        let beginning = "x".repeat(72);
        let plain = make(&beginning, 4, [7; 16]);
        let long = make(&format!("{beginning}y"), 4, [7; 16]);

        assert!(fits(&beginning, &plain));
        assert!(!fits(&format!("{beginning}y"), &plain));
        assert!(!fits(&beginning, &long));
        assert!(!fits(&format!("{beginning}z"), &long));
    }

    #[test]
    fn a_password_too_long_to_fit_takes_as_long_as_one_that_might() {
        let hash = make("correct horse", 8, [7; 16]);
        let time = |password: &str| {
            let started = Instant::now();
            assert!(!fits(password, &hash));
            started.elapsed()
        };

        assert!(time(&"x".repeat(100)) > time("wrong horse") / 8);
    }

    #[test]
    fn a_planted_cost_is_refused_at_once() {
        let planted = make("correct horse", 4, [7; 16]).replace("$04$", "$31$");
        let started = Instant::now();

        assert!(!fits("correct horse", &planted));
        assert!(started.elapsed().as_millis() < 500);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]

        #[test]
        fn a_password_fits_its_own_hash_and_no_other(password in "[^\0]{0,100}", salt: [u8; 16]) {
            let hash = make(&password, 4, salt);
            prop_assert!(fits(&password, &hash));
            let longer = format!("{password}.");
            prop_assert!(!fits(&longer, &hash));
        }
    }
}
