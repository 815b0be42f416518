//! The text of a stored bcrypt hash: what is read, and what is written.
//!
//! | text | key that bcrypt gets |
//! |---|---|
//! | `$2b$12$salt…digest…` (`2a` and `2y` alike) | the password's bytes |
//! | `$bcrypt-sha256$v=2,t=2b,r=12$salt…$digest…` | base64 of HMAC-SHA256 of the password, keyed with the salt's 22 characters |
//! | `$bcrypt-sha256$2b,12$salt…$digest…` (`2a` alike) | base64 of SHA-256 of the password |
//! | `bcrypt$$2b$12$salt…digest…` (`2a` and `2y` alike) | the password's bytes |
//! | `bcrypt_sha256$$2b$12$salt…digest…` (`2a` and `2y` alike) | hexadecimal SHA-256 of the password |
//!
//! The second and third are [passlib's](https://passlib.readthedocs.io/en/stable/lib/passlib.hash.bcrypt_sha256.html),
//! the others Django's. `$2x$` marks hashes of a bug that made passwords collide; it is not read.

use std::fmt;

use base64::engine::general_purpose::{GeneralPurpose, NO_PAD};
use base64::{Engine, alphabet};

/// Costs that are read and written. bcrypt itself goes to 31, but that takes a thread for days, and a stored hash may
/// have been planted.
pub(crate) const COSTS: std::ops::RangeInclusive<u32> = 4..=16;

pub(crate) const SALT_BYTES: usize = 16;
pub(crate) const SALT_CHARACTERS: usize = 22;
pub(crate) const DIGEST_BYTES: usize = 23;
const DIGEST_CHARACTERS: usize = 31;

/// Takes spare bits in the last character, as passlib does: old implementations left them set.
const BCRYPT_BASE64: GeneralPurpose =
    GeneralPurpose::new(&alphabet::BCRYPT, NO_PAD.with_decode_allow_trailing_bits(true));

/// How a password becomes the key that bcrypt gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// As it is; only the first 72 bytes would count.
    Plain,
    /// passlib's `bcrypt_sha256` until 1.7.2.
    Sha256,
    /// passlib's `bcrypt_sha256` version 2.
    HmacSha256,
    /// Django's `bcrypt_sha256`.
    HexSha256,
}

/// A stored hash, taken apart.
pub(crate) struct StoredHash {
    pub(crate) scheme: Scheme,
    pub(crate) cost: u32,
    pub(crate) salt: [u8; SALT_BYTES],
    pub(crate) digest: [u8; DIGEST_BYTES],
}

impl StoredHash {
    /// Reads any of the forms; `None` for every other text and for a cost outside [`COSTS`].
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if let Some(fields) = text.strip_prefix("$bcrypt-sha256$v=2,t=2b,r=") {
            return Self::parse_wrapped(Scheme::HmacSha256, fields);
        }
        if let Some(fields) = text.strip_prefix("$bcrypt-sha256$") {
            let fields = fields.strip_prefix("2b,").or_else(|| fields.strip_prefix("2a,"))?;
            return Self::parse_wrapped(Scheme::Sha256, fields);
        }
        let (scheme, text) = match text.strip_prefix("bcrypt_sha256$") {
            Some(text) => (Scheme::HexSha256, text),
            None => (Scheme::Plain, text.strip_prefix("bcrypt$").unwrap_or(text)),
        };
        let fields = ["$2b$", "$2a$", "$2y$"].iter().find_map(|prefix| text.strip_prefix(prefix))?;
        let (cost, salt_and_digest) = fields.split_once('$')?;
        let (salt, digest) = salt_and_digest.split_at_checked(SALT_CHARACTERS)?;
        Self::assemble(scheme, two_digits(cost)?, salt, digest)
    }

    /// `12$salt$digest`, the cost without a leading zero.
    fn parse_wrapped(scheme: Scheme, fields: &str) -> Option<Self> {
        let (cost, salt_and_digest) = fields.split_once('$')?;
        let (salt, digest) = salt_and_digest.split_once('$')?;
        Self::assemble(scheme, number(cost)?, salt, digest)
    }

    /// Whether a hash that is made today looks like this one, `text`, but for a cost that may be higher than `cost`.
    pub(crate) fn is_of_today(&self, text: &str, cost: u32) -> bool {
        let is_made = match self.scheme {
            Scheme::Plain | Scheme::HmacSha256 => true,
            Scheme::Sha256 | Scheme::HexSha256 => false,
        };
        is_made && self.cost >= cost && self.to_string() == text
    }

    fn assemble(scheme: Scheme, cost: u32, salt: &str, digest: &str) -> Option<Self> {
        if !COSTS.contains(&cost) {
            return None;
        }
        Some(Self { scheme, cost, salt: decode(salt, SALT_CHARACTERS)?, digest: decode(digest, DIGEST_CHARACTERS)? })
    }
}

impl fmt::Display for StoredHash {
    /// The text to store, with type `2b`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scheme, cost, salt, digest } = self;
        let salt = salt_text(salt);
        let digest = BCRYPT_BASE64.encode(digest);
        match scheme {
            Scheme::Plain => write!(f, "$2b${cost:02}${salt}{digest}"),
            Scheme::HexSha256 => write!(f, "bcrypt_sha256$$2b${cost:02}${salt}{digest}"),
            Scheme::Sha256 => write!(f, "$bcrypt-sha256$2b,{cost}${salt}${digest}"),
            Scheme::HmacSha256 => write!(f, "$bcrypt-sha256$v=2,t=2b,r={cost}${salt}${digest}"),
        }
    }
}

/// The 22 characters of a salt, spare bits clear.
pub(crate) fn salt_text(salt: &[u8; SALT_BYTES]) -> String {
    BCRYPT_BASE64.encode(salt)
}

fn two_digits(text: &str) -> Option<u32> {
    let [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] = text.as_bytes() else {
        return None;
    };
    Some(u32::from(tens - b'0') * 10 + u32::from(ones - b'0'))
}

fn number(text: &str) -> Option<u32> {
    match text.as_bytes() {
        [digit @ b'0'..=b'9'] => Some(u32::from(digit - b'0')),
        [b'1'..=b'9', _] => two_digits(text),
        _ => None,
    }
}

fn decode<const N: usize>(text: &str, characters: usize) -> Option<[u8; N]> {
    if text.len() != characters {
        return None;
    }
    BCRYPT_BASE64.decode(text).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    const SALT: &str = "abcdefghijklmnopqrstuu";
    const DIGEST: &str = "yvPXIbu7xe6/CED2DzX8z6Si09MlzlW";

    #[rstest]
    #[case::plain(format!("$2b$04${SALT}{DIGEST}"), Scheme::Plain, 4)]
    #[case::plain_2a(format!("$2a$16${SALT}{DIGEST}"), Scheme::Plain, 16)]
    #[case::plain_2y(format!("$2y$12${SALT}{DIGEST}"), Scheme::Plain, 12)]
    #[case::version_1(format!("$bcrypt-sha256$2b,6${SALT}${DIGEST}"), Scheme::Sha256, 6)]
    #[case::version_1_2a(format!("$bcrypt-sha256$2a,12${SALT}${DIGEST}"), Scheme::Sha256, 12)]
    #[case::version_2(format!("$bcrypt-sha256$v=2,t=2b,r=4${SALT}${DIGEST}"), Scheme::HmacSha256, 4)]
    #[case::django_2a(format!("bcrypt_sha256$$2a$12${SALT}{DIGEST}"), Scheme::HexSha256, 12)]
    fn every_form_is_read(#[case] text: String, #[case] scheme: Scheme, #[case] cost: u32) {
        let hash = StoredHash::parse(&text).unwrap();

        assert_eq!((hash.scheme, hash.cost), (scheme, cost));
        assert_eq!(hash.to_string(), text.replace("2a", "2b").replace("2y", "2b"));
    }

    #[test]
    fn djangos_plain_form_is_read_too() {
        let hash = StoredHash::parse(&format!("bcrypt$$2y$12${SALT}{DIGEST}")).unwrap();

        assert_eq!(hash.to_string(), format!("$2b$12${SALT}{DIGEST}"));
    }

    #[rstest]
    #[case::plain(format!("$2b$12${SALT}{DIGEST}"), true)]
    #[case::dearer(format!("$2b$13${SALT}{DIGEST}"), true)]
    #[case::version_2(format!("$bcrypt-sha256$v=2,t=2b,r=12${SALT}${DIGEST}"), true)]
    #[case::cheaper(format!("$2b$11${SALT}{DIGEST}"), false)]
    #[case::cheaper_version_2(format!("$bcrypt-sha256$v=2,t=2b,r=11${SALT}${DIGEST}"), false)]
    #[case::plain_2a(format!("$2a$12${SALT}{DIGEST}"), false)]
    #[case::plain_2y(format!("$2y$12${SALT}{DIGEST}"), false)]
    #[case::version_1(format!("$bcrypt-sha256$2b,12${SALT}${DIGEST}"), false)]
    #[case::django(format!("bcrypt$$2b$12${SALT}{DIGEST}"), false)]
    #[case::django_sha256(format!("bcrypt_sha256$$2b$12${SALT}{DIGEST}"), false)]
    #[case::spare_bits(format!("$2b$12${}v{DIGEST}", &SALT[..21]), false)]
    fn a_hash_of_today_is_what_would_be_made(#[case] text: String, #[case] is_of_today: bool) {
        assert_eq!(StoredHash::parse(&text).unwrap().is_of_today(&text, 12), is_of_today);
    }

    #[rstest]
    #[case::empty(String::new())]
    #[case::dollar("$".to_owned())]
    #[case::other_scheme("$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2g".to_owned())]
    #[case::the_broken_2x(format!("$2x$04${SALT}{DIGEST}"))]
    #[case::no_minor(format!("$2$04${SALT}{DIGEST}"))]
    #[case::cost_of_one_digit(format!("$2b$4${SALT}{DIGEST}"))]
    #[case::cost_of_three_digits(format!("$2b$004${SALT}{DIGEST}"))]
    #[case::signed_cost(format!("$2b$+4${SALT}{DIGEST}"))]
    #[case::cost_3(format!("$2b$03${SALT}{DIGEST}"))]
    #[case::cost_17(format!("$2b$17${SALT}{DIGEST}"))]
    #[case::cost_31(format!("$2b$31${SALT}{DIGEST}"))]
    #[case::short_digest(format!("$2b$04${SALT}{}", &DIGEST[1..]))]
    #[case::long_digest(format!("$2b$04${SALT}{DIGEST}."))]
    #[case::no_digest(format!("$2b$04${SALT}"))]
    #[case::foreign_character(format!("$2b$04${SALT}{}+", &DIGEST[1..]))]
    #[case::padding(format!("$2b$04${SALT}{}=", &DIGEST[1..]))]
    #[case::wide_character_across_the_cut(format!("$2b$04${}é{DIGEST}", &SALT[1..]))]
    #[case::new_line(format!("$2b$04${SALT}{DIGEST}\n"))]
    #[case::wrapped_zero_padded(format!("$bcrypt-sha256$v=2,t=2b,r=04${SALT}${DIGEST}"))]
    #[case::wrapped_cost_31(format!("$bcrypt-sha256$v=2,t=2b,r=31${SALT}${DIGEST}"))]
    #[case::wrapped_version_3(format!("$bcrypt-sha256$v=3,t=2b,r=4${SALT}${DIGEST}"))]
    #[case::wrapped_version_2_with_2a(format!("$bcrypt-sha256$v=2,t=2a,r=4${SALT}${DIGEST}"))]
    #[case::wrapped_without_second_dollar(format!("$bcrypt-sha256$v=2,t=2b,r=4${SALT}{DIGEST}"))]
    #[case::django_twice(format!("bcrypt$bcrypt$$2b$04${SALT}{DIGEST}"))]
    #[case::django_with_one_dollar(format!("bcrypt$2b$04${SALT}{DIGEST}"))]
    #[case::django_around_passlib(format!("bcrypt$$bcrypt-sha256$2b,4${SALT}${DIGEST}"))]
    #[case::django_cost_31(format!("bcrypt_sha256$$2b$31${SALT}{DIGEST}"))]
    #[case::wrapped_2y(format!("$bcrypt-sha256$2y,4${SALT}${DIGEST}"))]
    #[case::version_1_cost_31(format!("$bcrypt-sha256$2b,31${SALT}${DIGEST}"))]
    fn everything_else_is_not_a_hash(#[case] text: String) {
        assert!(StoredHash::parse(&text).is_none());
    }

    #[test]
    fn spare_bits_are_taken_and_cleared() {
        let text = format!("$2b$04${}v{}X", &SALT[..21], &DIGEST[..30]);

        assert_eq!(StoredHash::parse(&text).unwrap().to_string(), format!("$2b$04${SALT}{DIGEST}"));
    }

    proptest! {
        #[test]
        fn no_text_makes_parsing_panic(text in any::<String>(), tail in "[$./A-Za-z0-9é]{0,60}") {
            let _ = StoredHash::parse(&text);
            for prefix in ["bcrypt$", "bcrypt_sha256$", "$2b$", "$2b$04$", "$bcrypt-sha256$", "$bcrypt-sha256$2b,4$", "$bcrypt-sha256$v=2,t=2b,r=4$"] {
                let _ = StoredHash::parse(&format!("{prefix}{tail}"));
            }
        }

        #[test]
        fn what_is_written_is_read_back(cost in COSTS, salt: [u8; SALT_BYTES], digest: [u8; DIGEST_BYTES]) {
            for scheme in [Scheme::Plain, Scheme::Sha256, Scheme::HmacSha256, Scheme::HexSha256] {
                let read = StoredHash::parse(&StoredHash { scheme, cost, salt, digest }.to_string()).unwrap();
                prop_assert_eq!((read.scheme, read.cost, read.salt, read.digest), (scheme, cost, salt, digest));
            }
        }
    }
}
