//! Sealing with XChaCha20-Poly1305: a random nonce of 24 bytes, the plain bytes under encryption and a tag of 16 bytes.
//!
//! What something is bound to is not in it, only authenticated by the tag. Random nonces of that length may be used for
//! as many messages as anybody will ever seal with one key.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

const NONCE_BYTES: usize = 24;

/// Seals and opens under one key.
pub(crate) struct Sealing {
    cipher: XChaCha20Poly1305,
}

impl Sealing {
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        Self { cipher: XChaCha20Poly1305::new(key.into()) }
    }

    /// Nonce and ciphertext.
    pub(crate) fn seal(&self, plain: &[u8], bound_to: &[u8]) -> Vec<u8> {
        let nonce = *random::<NONCE_BYTES>();
        let sealed = self
            .cipher
            .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: bound_to })
            .expect("what is sealed is shorter than the cipher's 256 GiB");
        [nonce.as_slice(), &sealed].concat()
    }

    /// What [`seal`](Self::seal) was given.
    pub(crate) fn open(&self, sealed: &[u8], bound_to: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        self.cipher.decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: bound_to }).ok()
    }

    /// The same as unpadded base64url.
    pub(crate) fn seal_text(&self, plain: &[u8], bound_to: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(self.seal(plain, bound_to))
    }

    /// What [`seal_text`](Self::seal_text) was given.
    pub(crate) fn open_text(&self, sealed: &str, bound_to: &[u8]) -> Option<Vec<u8>> {
        self.open(&URL_SAFE_NO_PAD.decode(sealed).ok()?, bound_to)
    }
}

impl fmt::Debug for Sealing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealing(..)")
    }
}

/// Random bytes, wiped when dropped.
pub(crate) fn random<const N: usize>() -> Zeroizing<[u8; N]> {
    let mut bytes = Zeroizing::new([0; N]);
    getrandom::fill(bytes.as_mut_slice()).expect("the system gave randomness at the start, and so goes on");
    bytes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_sealed_opens_with_its_own_key_and_what_it_is_bound_to() {
        let sealed = Sealing::new(&[1; 32]).seal(b"plain", b"event");

        assert_eq!(Sealing::new(&[1; 32]).open(&sealed, b"event").as_deref(), Some(&b"plain"[..]));
        assert_eq!(Sealing::new(&[1; 32]).open(&sealed, b"other"), None);
        assert_eq!(Sealing::new(&[2; 32]).open(&sealed, b"event"), None);
    }

    /// Appendix A.3.1 of draft-irtf-cfrg-xchacha-03.
    #[test]
    fn another_implementations_ciphertext_opens() {
        let key = std::array::from_fn(|index| 0x80 + u8::try_from(index).unwrap());
        let nonce = std::array::from_fn::<u8, 24, _>(|index| 0x40 + u8::try_from(index).unwrap());
        let aad = [0x50, 0x51, 0x52, 0x53, 0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7];
        let ciphertext = "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39\
                          ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9\
                          21f9664c97637da9768812f615c68b13b52ec0875924c1c7987947deafd8780acf49";
        let bytes = (0..ciphertext.len()).step_by(2).map(|at| u8::from_str_radix(&ciphertext[at..at + 2], 16).unwrap());
        let sealed: Vec<u8> = nonce.into_iter().chain(bytes).collect();

        let plain = Sealing::new(&key).open(&sealed, &aad).unwrap();
        assert!(plain.starts_with(b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip"));
    }

    #[test]
    fn debug_does_not_show_the_key() {
        assert_eq!(format!("{:?}", Sealing::new(&[1; 32])), "Sealing(..)");
    }

    proptest! {
        #[test]
        fn everything_comes_back_as_it_was(plain: Vec<u8>, bound_to: Vec<u8>) {
            let sealing = Sealing::new(&[1; 32]);
            prop_assert_eq!(sealing.open_text(&sealing.seal_text(&plain, &bound_to), &bound_to), Some(plain));
        }

        #[test]
        fn nothing_else_opens(bytes: Vec<u8>, text in any::<String>()) {
            let sealing = Sealing::new(&[1; 32]);
            prop_assert_eq!(sealing.open(&bytes, b""), None);
            prop_assert_eq!(sealing.open_text(&text, b""), None);
        }
    }
}
