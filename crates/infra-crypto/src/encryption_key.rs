//! The one secret from which every sealing key is derived.

use std::fmt;

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

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
    fn random_keys_differ() {
        let [one, another] = [EncryptionKey::random().unwrap(), EncryptionKey::random().unwrap()];
        assert_ne!(one.derive("a"), another.derive("a"));
    }
}
