//! scrypt as passlib writes it, `$scrypt$ln=16,r=8,p=1$salt$hash`, and Django: `scrypt$16384$salt$8$5$hash`.

use scrypt::Params;

use super::fields::{named_number, number, padded, parts, unpadded};
use super::{DIGEST_BYTES, SALT_BYTES};

/// 256 MiB: N blocks of 128 r bytes.
const MOST_MEMORY: u64 = 256 * 1024 * 1024;

/// Memory times p, in bytes: a few seconds.
const MOST_WORK: u64 = 4 * MOST_MEMORY;

/// What a hash takes to be made again.
pub(super) struct Recipe {
    params: Params,
    salt: Vec<u8>,
}

impl Recipe {
    /// Reads the hash into what makes it and what comes out; `None` for other texts and for more than the limits.
    pub(super) fn parse(text: &str) -> Option<(Self, Vec<u8>)> {
        let (params, salt, digest) = if let Some(text) = text.strip_prefix("$scrypt$") {
            let [parameters, salt, digest] = parts(text)?;
            let mut fields = parameters.split(',');
            let log_n = named_number(fields.next()?, "ln")?;
            let params = bounded(log_n, named_number(fields.next()?, "r")?, named_number(fields.next()?, "p")?)?;
            if fields.next().is_some() {
                return None;
            }
            (params, unpadded(salt)?, unpadded(digest)?)
        } else {
            let [n, salt, r, p, digest] = parts(text.strip_prefix("scrypt$")?)?;
            let n = number(n).filter(|n| n.is_power_of_two())?;
            (bounded(n.ilog2(), number(r)?, number(p)?)?, salt.as_bytes().to_vec(), padded(digest)?)
        };
        if salt.len() > SALT_BYTES || !DIGEST_BYTES.contains(&digest.len()) {
            return None;
        }
        Some((Self { params, salt }, digest))
    }

    /// Makes the hash of `password`.
    pub(super) fn make(&self, password: &[u8], digest: &mut [u8]) {
        scrypt::scrypt(password, &self.salt, &self.params, digest).expect("scrypt makes digests of any of our lengths");
    }
}

/// The parameters, if they are any and within the limits.
pub(super) fn bounded(log_n: u32, r: u32, p: u32) -> Option<Params> {
    if !(1..=31).contains(&log_n) {
        return None;
    }
    let memory = (1_u64 << log_n).checked_mul(128)?.checked_mul(u64::from(r))?;
    if memory > MOST_MEMORY || memory.checked_mul(u64::from(p))? > MOST_WORK {
        return None;
    }
    Params::new(u8::try_from(log_n).ok()?, r, p).ok()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const SALT: &str = "8PHy8/T19vc";
    const DIGEST: &str = "tiYsCJ/HR2lTIK3R3gEEFQ";

    fn is_read(text: &str) -> bool {
        Recipe::parse(text).is_some()
    }

    #[rstest]
    #[case::usual("ln=16,r=8,p=1", true)]
    #[case::most_memory("ln=18,r=8,p=1", true)]
    #[case::most_work("ln=18,r=8,p=4", true)]
    #[case::small("ln=1,r=1,p=1", true)]
    #[case::too_much_memory("ln=18,r=9,p=1", false)]
    #[case::too_much_work("ln=18,r=8,p=5", false)]
    #[case::absurd_n("ln=63,r=8,p=1", false)]
    #[case::overflowing_n("ln=64,r=8,p=1", false)]
    #[case::absurd_r("ln=1,r=4294967295,p=1", false)]
    #[case::absurd_p("ln=1,r=1,p=4294967295", false)]
    #[case::absurd_both("ln=1,r=1048576,p=1048576", false)]
    #[case::n_of_1("ln=0,r=8,p=1", false)]
    #[case::no_r("ln=4,r=0,p=1", false)]
    #[case::no_p("ln=4,r=8,p=0", false)]
    #[case::more_parameters("ln=4,r=8,p=1,l=32", false)]
    #[case::other_order("r=8,ln=4,p=1", false)]
    fn parameters_have_limits(#[case] parameters: &str, #[case] is_hash: bool) {
        assert_eq!(is_read(&format!("$scrypt${parameters}${SALT}${DIGEST}")), is_hash);
    }

    #[rstest]
    #[case::usual("16384", "8", "5", true)]
    #[case::no_power_of_two("16383", "8", "5", false)]
    #[case::nothing("0", "8", "5", false)]
    #[case::too_much_memory("524288", "8", "1", false)]
    #[case::a_word("many", "8", "5", false)]
    fn djangos_order_is_read(#[case] n: &str, #[case] r: &str, #[case] p: &str, #[case] is_hash: bool) {
        assert_eq!(is_read(&format!("scrypt${n}$salt${r}${p}${DIGEST}==")), is_hash);
    }

    #[test]
    fn a_short_digest_is_no_hash() {
        assert!(!is_read(&format!("$scrypt$ln=4,r=8,p=1${SALT}$")));
        assert!(!is_read(&format!("$scrypt$ln=4,r=8,p=1${SALT}$AAAAAAAAAAAA")));
    }
}
