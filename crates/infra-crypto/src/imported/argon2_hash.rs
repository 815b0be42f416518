//! Argon2 in PHC strings: `$argon2id$v=19$m=65536,t=3,p=4$salt$hash`, and with `argon2` before it as Django writes it.

use argon2::{Algorithm, Argon2, Params, Version};

use super::fields::{named_number, parts, unpadded};
use super::{DIGEST_BYTES, SALT_BYTES};

/// 256 MiB, in KiB.
const MOST_MEMORY: u32 = 256 * 1024;

/// Memory times passes, in KiB: 16 passes over the most memory, a few seconds.
const MOST_WORK: u64 = 16 * MOST_MEMORY as u64;

/// What a hash takes to be made again.
pub(super) struct Recipe {
    argon2: Argon2<'static>,
    salt: Vec<u8>,
}

impl Recipe {
    /// Reads the hash into what makes it and what comes out; `None` for other texts and for more than the limits.
    pub(super) fn parse(text: &str) -> Option<(Self, Vec<u8>)> {
        let text = text.strip_prefix("argon2").unwrap_or(text).strip_prefix("$argon2")?;
        let (version, [kind, parameters, salt, digest]) = match parts(text) {
            Some([kind, "v=19", parameters, salt, digest]) => (Version::V0x13, [kind, parameters, salt, digest]),
            Some([kind, "v=16", parameters, salt, digest]) => (Version::V0x10, [kind, parameters, salt, digest]),
            Some(_) => return None,
            // Strings from before there was a second version don't name theirs.
            None => (Version::V0x10, parts(text)?),
        };
        let algorithm = match kind {
            "id" => Algorithm::Argon2id,
            "i" => Algorithm::Argon2i,
            "d" => Algorithm::Argon2d,
            _ => return None,
        };
        let (salt, digest) = (unpadded(salt)?, unpadded(digest)?);
        if !(argon2::MIN_SALT_LEN..=SALT_BYTES).contains(&salt.len()) || !DIGEST_BYTES.contains(&digest.len()) {
            return None;
        }
        Some((Self { argon2: Argon2::new(algorithm, version, bounded(parameters)?), salt }, digest))
    }

    /// Makes the hash of `password`.
    ///
    /// # Panics
    ///
    /// If there is no memory for it: an answer would blame the password.
    pub(super) fn make(&self, password: &[u8], digest: &mut [u8]) {
        let made = self.argon2.hash_password_into(password, &self.salt, digest);
        made.expect("lengths are what Argon2 takes, and there is memory");
    }
}

/// Reads `m=65536,t=3,p=4`.
fn bounded(text: &str) -> Option<Params> {
    let mut fields = text.split(',');
    let memory = named_number(fields.next()?, "m")?;
    let passes = named_number(fields.next()?, "t")?;
    let lanes = named_number(fields.next()?, "p")?;
    let is_bounded = memory <= MOST_MEMORY && u64::from(memory) * u64::from(passes) <= MOST_WORK;
    if fields.next().is_some() || !is_bounded {
        return None;
    }
    Params::new(memory, passes, lanes, None).ok()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const SALT: &str = "8PHy8/T19vc";
    const DIGEST: &str = "tiYsCJ/HR2lTIK3R3gEEFQ";

    #[rstest]
    #[case::id("$argon2id$v=19$m=262144,t=16,p=4")]
    #[case::i_of_the_first_version("$argon2i$v=16$m=8,t=1,p=1")]
    #[case::no_version("$argon2d$m=8,t=1,p=1")]
    #[case::django("argon2$argon2id$v=19$m=102400,t=2,p=8")]
    #[case::many_passes_over_little_memory("$argon2id$v=19$m=8,t=524288,p=1")]
    fn every_form_is_read(#[case] beginning: &str) {
        assert!(Recipe::parse(&format!("{beginning}${SALT}${DIGEST}")).is_some());
    }

    #[rstest]
    #[case::too_much_memory("$argon2id$v=19$m=262145,t=1,p=1")]
    #[case::too_many_passes("$argon2id$v=19$m=262144,t=17,p=1")]
    #[case::very_many_passes("$argon2id$v=19$m=8,t=4294967295,p=1")]
    #[case::no_passes("$argon2id$v=19$m=64,t=0,p=1")]
    #[case::no_lanes("$argon2id$v=19$m=64,t=1,p=0")]
    #[case::more_lanes_than_memory("$argon2id$v=19$m=64,t=1,p=9")]
    #[case::absurdly_many_lanes("$argon2id$v=19$m=64,t=1,p=4294967295")]
    #[case::too_little_memory("$argon2id$v=19$m=7,t=1,p=1")]
    #[case::associated_data("$argon2id$v=19$m=64,t=1,p=1,data=AAAA")]
    #[case::other_order("$argon2id$v=19$t=1,m=64,p=1")]
    #[case::other_version("$argon2id$v=20$m=64,t=1,p=1")]
    #[case::other_kind("$argon2x$v=19$m=64,t=1,p=1")]
    #[case::not_at_the_beginning(" $argon2id$v=19$m=64,t=1,p=1")]
    fn everything_else_is_not_a_hash(#[case] beginning: &str) {
        assert!(Recipe::parse(&format!("{beginning}${SALT}${DIGEST}")).is_none());
    }

    #[rstest]
    #[case::short_salt("8PHy8/T19g", DIGEST)]
    #[case::long_salt(&"A".repeat(172), DIGEST)]
    #[case::short_digest(SALT, "AAAAAAAAAAAA")]
    #[case::long_digest(SALT, &"A".repeat(87))]
    #[case::padded(SALT, "tiYsCJ/HR2lTIK3R3gEEFQ==")]
    fn salts_and_digests_have_sane_lengths(#[case] salt: &str, #[case] digest: &str) {
        assert!(Recipe::parse(&format!("$argon2id$v=19$m=64,t=1,p=1${salt}${digest}")).is_none());
    }
}
