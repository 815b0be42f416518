//! The port [`CopySealer`] with XChaCha20-Poly1305 and HMAC-SHA256.

use std::fmt;

use domain::ports::CopySealer;
use domain::values::Digest;
use zeroize::Zeroizing;

use crate::encryption_key::EncryptionKey;
use crate::hmac_sha256::mac_of_parts;
use crate::sealing::Sealing;

const COPY_PURPOSE: &str = "usermgmt shared copy v1";
const NAME_PURPOSE: &str = "usermgmt name of a shared copy v1";

/// Seals and names copies under keys derived from the encryption key. With another one, there are other copies.
pub struct XChaChaCopySealer {
    sealing: Sealing,
    name_key: Zeroizing<[u8; 32]>,
}

impl XChaChaCopySealer {
    /// Every process that is to open the copies needs the same key.
    pub fn new(key: &EncryptionKey) -> Self {
        Self { sealing: Sealing::new(&key.derive(COPY_PURPOSE)), name_key: key.derive(NAME_PURPOSE) }
    }
}

impl CopySealer for XChaChaCopySealer {
    fn seal(&self, plain: &[u8], bound_to: &[u8]) -> String {
        self.sealing.seal_text(plain, bound_to)
    }

    fn open(&self, sealed: &str, bound_to: &[u8]) -> Option<Vec<u8>> {
        self.sealing.open_text(sealed, bound_to)
    }

    fn name(&self, parts: &[&[u8]]) -> Digest {
        mac_of_parts(&self.name_key, parts)
    }
}

impl fmt::Debug for XChaChaCopySealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("XChaChaCopySealer").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealer(key: u8) -> XChaChaCopySealer {
        XChaChaCopySealer::new(&EncryptionKey::new([key; 32]))
    }

    #[test]
    fn a_copy_opens_with_its_key_and_what_it_was_bound_to() {
        let sealed = sealer(1).seal(b"ann", b"database");
        assert_eq!(sealer(1).open(&sealed, b"database").as_deref(), Some(&b"ann"[..]));
        assert_eq!(sealer(1).open(&sealed, b"other"), None);
        assert_eq!(sealer(2).open(&sealed, b"database"), None);
        assert!(sealed.is_ascii() && !sealed.contains("ann"));
    }

    #[test]
    fn names_are_the_same_in_every_process_with_the_key() {
        assert_eq!(sealer(1).name(&[b"a", b"b"]), sealer(1).name(&[b"a", b"b"]));
        assert_ne!(sealer(1).name(&[b"a", b"b"]), sealer(1).name(&[b"ab"]));
        assert_ne!(sealer(1).name(&[b"a", b"b"]), sealer(2).name(&[b"a", b"b"]));
    }
}
