//! The port [`OutcomeSealer`] with XChaCha20-Poly1305 and HMAC-SHA256.

use std::fmt;

use domain::ports::OutcomeSealer;
use domain::values::Digest;
use zeroize::Zeroizing;

use crate::encryption_key::EncryptionKey;
use crate::hmac_sha256::mac_of_parts;
use crate::sealing::Sealing;

const OUTCOME_PURPOSE: &str = "usermgmt kept outcome v1";
const FINGERPRINT_PURPOSE: &str = "usermgmt request fingerprint v1";

/// Seals outcomes, and knows requests by their fingerprints, under keys derived from the encryption key. With another
/// one, a request that was sent before is a new one.
pub struct XChaChaOutcomeSealer {
    sealing: Sealing,
    fingerprint_key: Zeroizing<[u8; 32]>,
}

impl XChaChaOutcomeSealer {
    /// Every process that shares a database needs the same key.
    pub fn new(key: &EncryptionKey) -> Self {
        Self { sealing: Sealing::new(&key.derive(OUTCOME_PURPOSE)), fingerprint_key: key.derive(FINGERPRINT_PURPOSE) }
    }
}

impl OutcomeSealer for XChaChaOutcomeSealer {
    fn seal(&self, plain: &[u8], bound_to: &[u8]) -> String {
        self.sealing.seal_text(plain, bound_to)
    }

    fn open(&self, sealed: &str, bound_to: &[u8]) -> Option<Vec<u8>> {
        self.sealing.open_text(sealed, bound_to)
    }

    fn fingerprint(&self, parts: &[&[u8]]) -> Digest {
        mac_of_parts(&self.fingerprint_key, parts)
    }
}

impl fmt::Debug for XChaChaOutcomeSealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("XChaChaOutcomeSealer").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealer(key: u8) -> XChaChaOutcomeSealer {
        XChaChaOutcomeSealer::new(&EncryptionKey::new([key; 32]))
    }

    #[test]
    fn an_outcome_opens_with_its_key_and_what_it_was_bound_to() {
        let sealed = sealer(1).seal(b"201", b"ticket");

        assert_eq!(sealer(1).open(&sealed, b"ticket").as_deref(), Some(&b"201"[..]));
        assert_eq!(sealer(1).open(&sealed, b"other"), None);
        assert_eq!(sealer(2).open(&sealed, b"ticket"), None);
        assert_eq!(sealer(1).open("", b""), None);
        assert!(sealed.is_ascii());
    }

    #[test]
    fn an_outcome_may_be_long() {
        let long = vec![7; 1 << 20];
        assert_eq!(sealer(1).open(&sealer(1).seal(&long, b""), b""), Some(long));
    }

    #[test]
    fn fingerprints_are_the_same_in_every_process_with_the_key_and_tell_requests_apart() {
        let of = |key: u8, parts: &[&[u8]]| sealer(key).fingerprint(parts);
        let all: [&[&[u8]]; 7] =
            [&[], &[b""], &[b"ab", b"c"], &[b"a", b"bc"], &[b"abc"], &[b"abc", b""], &[b"", b"abc"]];
        for (place, parts) in all.into_iter().enumerate() {
            assert_eq!(of(1, parts), of(1, parts));
            assert_ne!(of(1, parts), of(2, parts));
            assert!(all[..place].iter().all(|other| of(1, other) != of(1, parts)), "{parts:?}");
        }
    }

    #[test]
    fn debug_does_not_show_the_key() {
        assert_eq!(format!("{:?}", sealer(1)), "XChaChaOutcomeSealer { .. }");
    }
}
