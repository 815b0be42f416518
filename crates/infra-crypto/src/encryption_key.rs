//! The one secret from which every sealing key is derived.

use std::fmt;

use domain::values::Digest;
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

/// What this is made for must never change: databases keep it.
const FINGERPRINT_PURPOSE: &str = "usermgmt key fingerprint v1";

/// 32 secret bytes. Wiped when dropped, never shown.
#[derive(Clone)]
pub struct EncryptionKey(Zeroizing<[u8; 32]>);

impl EncryptionKey {
    /// Takes the bytes as they are: they must be random, not a passphrase.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// A random key, for a process that needs to open nothing that an earlier one sealed.
    ///
    /// # Errors
    ///
    /// If the system has no randomness to give.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut key = Zeroizing::new([0; 32]);
        getrandom::fill(key.as_mut_slice())?;
        Ok(Self(key))
    }

    /// What the key can be recognized by, while it tells nothing of the key nor of what is derived from it for other
    /// purposes.
    pub fn fingerprint(&self) -> Digest {
        Digest::new(*self.derive(FINGERPRINT_PURPOSE))
    }

    /// A short name for it: the first 16 hexadecimal digits of its [fingerprint](Self::fingerprint).
    pub fn id(&self) -> String {
        self.fingerprint().to_hex().chars().take(16).collect()
    }

    /// The key for one purpose (HKDF-SHA256, RFC 5869), so that what is sealed for one can't be passed off as another.
    pub(crate) fn derive(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        let mut key = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(None, self.0.as_slice())
            .expand(purpose.as_bytes(), key.as_mut_slice())
            .expect("HKDF-SHA256 gives up to 8160 bytes");
        key
    }
}

impl fmt::Debug for EncryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EncryptionKey([REDACTED])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_does_not_show_the_key() {
        assert_eq!(format!("{:?}", EncryptionKey::new([0xab; 32])), "EncryptionKey([REDACTED])");
    }

    #[test]
    fn each_purpose_and_each_key_has_its_own_derived_key() {
        let key = EncryptionKey::new([1; 32]);

        assert_eq!(key.derive("a"), key.clone().derive("a"));
        assert_ne!(key.derive("a"), key.derive("b"));
        assert_ne!(key.derive("a"), EncryptionKey::new([2; 32]).derive("a"));
        assert_ne!(key.derive("a").as_slice(), [1; 32]);
    }

    #[test]
    fn a_fingerprint_is_the_same_for_ever() {
        let bytes: [u8; 32] = std::array::from_fn(|index| u8::try_from(index).unwrap());
        let fingerprint = EncryptionKey::new(bytes).fingerprint();
        // Worked out by another implementation of HKDF.
        let expected = [
            0x88, 0x03, 0x2b, 0xfb, 0xf5, 0x62, 0xfd, 0x81, 0x1d, 0x20, 0x0b, 0xe4, 0xcf, 0xf1, 0x64, 0xa3, 0xc8, 0x31,
            0x31, 0x56, 0x3e, 0xde, 0x4c, 0xca, 0x70, 0x84, 0xb8, 0xca, 0xdd, 0x86, 0x81, 0x27,
        ];
        assert_eq!(fingerprint, Digest::new(expected));
        assert_ne!(fingerprint, EncryptionKey::new([1; 32]).fingerprint());
    }

    #[test]
    fn random_keys_differ() {
        let [one, another] = [EncryptionKey::random().unwrap(), EncryptionKey::random().unwrap()];
        assert_ne!(one.derive("a"), another.derive("a"));
    }
}
