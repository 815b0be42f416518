//! PBKDF2 as passlib writes it, `$pbkdf2-sha256$29000$salt$hash`, and Django: `pbkdf2_sha256$1000000$salt$hash`.

use pbkdf2::pbkdf2_hmac;
use sha1::Sha1;
use sha2::{Sha256, Sha512};

use super::SALT_BYTES;
use super::fields::{adapted, number, padded, parts};

/// A few seconds.
const ITERATIONS: std::ops::RangeInclusive<u32> = 1..=10_000_000;

#[derive(Debug, Clone, Copy)]
enum Digest {
    Sha1,
    Sha256,
    Sha512,
}

impl Digest {
    /// How long a stored digest is; of another length it would be another number of iterations.
    const fn bytes(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }
}

/// What a hash takes to be made again.
pub(super) struct Recipe {
    digest: Digest,
    iterations: u32,
    salt: Vec<u8>,
}

impl Recipe {
    /// Reads the hash into what makes it and what comes out; `None` for other texts and for more than the limits.
    pub(super) fn parse(text: &str) -> Option<(Self, Vec<u8>)> {
        let (digest, iterations, salt, output) = if let Some(text) = text.strip_prefix('$') {
            let [kind, iterations, salt, output] = parts(text)?;
            let digest = match kind {
                "pbkdf2" => Digest::Sha1,
                "pbkdf2-sha256" => Digest::Sha256,
                "pbkdf2-sha512" => Digest::Sha512,
                _ => return None,
            };
            (digest, iterations, adapted(salt)?, adapted(output)?)
        } else {
            let [kind, iterations, salt, output] = parts(text)?;
            let digest = match kind {
                "pbkdf2_sha1" => Digest::Sha1,
                "pbkdf2_sha256" => Digest::Sha256,
                _ => return None,
            };
            (digest, iterations, salt.as_bytes().to_vec(), padded(output)?)
        };
        let iterations = number(iterations).filter(|iterations| ITERATIONS.contains(iterations))?;
        let is_sane = salt.len() <= SALT_BYTES && output.len() == digest.bytes();
        is_sane.then_some((Self { digest, iterations, salt }, output))
    }

    /// Makes the hash of `password`.
    pub(super) fn make(&self, password: &[u8], output: &mut [u8]) {
        match self.digest {
            Digest::Sha1 => pbkdf2_hmac::<Sha1>(password, &self.salt, self.iterations, output),
            Digest::Sha256 => pbkdf2_hmac::<Sha256>(password, &self.salt, self.iterations, output),
            Digest::Sha512 => pbkdf2_hmac::<Sha512>(password, &self.salt, self.iterations, output),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// As many zero bytes as SHA-1 and SHA-256 give.
    const SHA1: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAA";
    const SHA256: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    #[rstest]
    #[case::sha1(format!("$pbkdf2$131000$8PHy${SHA1}"), true)]
    #[case::sha256(format!("$pbkdf2-sha256$29000$8PHy${SHA256}"), true)]
    #[case::most_iterations(format!("$pbkdf2-sha256$10000000$8PHy${SHA256}"), true)]
    #[case::no_salt(format!("$pbkdf2-sha256$29000$${SHA256}"), true)]
    #[case::too_many_iterations(format!("$pbkdf2-sha256$10000001$8PHy${SHA256}"), false)]
    #[case::no_iterations(format!("$pbkdf2-sha256$0$8PHy${SHA256}"), false)]
    #[case::negative_iterations(format!("$pbkdf2-sha256$-1$8PHy${SHA256}"), false)]
    #[case::digest_of_another_length(format!("$pbkdf2-sha256$29000$8PHy${SHA1}"), false)]
    #[case::other_digest(format!("$pbkdf2-md5$29000$8PHy${SHA256}"), false)]
    #[case::long_salt(format!("$pbkdf2-sha256$29000${}${SHA256}", "A".repeat(172)), false)]
    #[case::something_before(format!("x$pbkdf2-sha256$29000$8PHy${SHA256}"), false)]
    fn passlibs_form_has_limits(#[case] text: String, #[case] is_hash: bool) {
        assert_eq!(Recipe::parse(&text).is_some(), is_hash);
    }

    #[rstest]
    #[case::sha1(format!("pbkdf2_sha1$1000000$salt${SHA1}="), true)]
    #[case::sha256(format!("pbkdf2_sha256$1000000$salt${SHA256}="), true)]
    #[case::too_many_iterations(format!("pbkdf2_sha256$10000001$salt${SHA256}="), false)]
    #[case::no_padding(format!("pbkdf2_sha256$1000000$salt${SHA256}"), false)]
    #[case::digest_of_another_length(format!("pbkdf2_sha1$1000000$salt${SHA256}="), false)]
    #[case::other_digest(format!("pbkdf2_md5$1000000$salt${SHA256}="), false)]
    fn djangos_form_has_limits(#[case] text: String, #[case] is_hash: bool) {
        assert_eq!(Recipe::parse(&text).is_some(), is_hash);
    }
}
