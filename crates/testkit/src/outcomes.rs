//! Kept outcomes that a person can read.

use domain::ports::OutcomeSealer;
use domain::values::Digest;

use crate::hex::{hex, unhex};
use crate::mixing::mixed;

/// Writes outcomes as hexadecimal digits: bound as promised, but neither secret nor safe from forgery.
#[derive(Debug, Clone, Copy, Default)]
pub struct PlainOutcomes;

impl OutcomeSealer for PlainOutcomes {
    fn seal(&self, plain: &[u8], bound_to: &[u8]) -> String {
        format!("{}.{}", hex(plain), hex(bound_to))
    }

    fn open(&self, sealed: &str, bound_to: &[u8]) -> Option<Vec<u8>> {
        let (plain, bound) = sealed.split_once('.')?;
        if bound != hex(bound_to) {
            return None;
        }
        unhex(plain)
    }

    fn fingerprint(&self, parts: &[&[u8]]) -> Digest {
        Digest::new(mixed(parts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outcome_opens_with_what_it_was_bound_to_and_nothing_else() {
        let sealed = PlainOutcomes.seal(b"201", b"ticket");
        assert_eq!(PlainOutcomes.open(&sealed, b"ticket").as_deref(), Some(&b"201"[..]));
        assert_eq!(PlainOutcomes.open(&sealed, b"other"), None);
        assert_eq!(PlainOutcomes.open("zz.", b""), None);
    }

    #[test]
    fn the_same_bytes_divided_otherwise_have_another_fingerprint() {
        let [one, other] = [[&b"ab"[..], b"c"], [b"a", b"bc"]].map(|parts| PlainOutcomes.fingerprint(&parts));
        assert_ne!(one, other);
        assert_eq!(one, PlainOutcomes.fingerprint(&[b"ab", b"c"]));
    }
}
