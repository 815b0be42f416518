//! The public half of the key that signs checkpoints: all that an auditor needs.

use std::fmt;

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_PAD_INDIFFERENT, URL_SAFE_PAD_INDIFFERENT};
use domain::values::Digest;
use sha2::{Digest as _, Sha256};

/// An Ed25519 public key (RFC 8032). It shows as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct AuditPublicKey([u8; 32]);

/// A text that is no public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a public key is 64 hexadecimal digits, or 32 bytes in base64")]
pub struct ReadPublicKeyError;

impl AuditPublicKey {
    /// Reads 64 hexadecimal digits in either case, or base64 in either alphabet, padded or not; blanks around it are
    /// nothing. Of 32 bytes that no private key leads to nothing is a signature.
    ///
    /// # Errors
    ///
    /// [`ReadPublicKeyError`] if the text is neither.
    pub fn parse(text: &str) -> Result<Self, ReadPublicKeyError> {
        let text = text.trim();
        let from_hex = || Digest::from_hex(&text.to_ascii_lowercase()).map(|bytes| *bytes.bytes());
        let from_base64 = || {
            let bytes =
                STANDARD_PAD_INDIFFERENT.decode(text).or_else(|_| URL_SAFE_PAD_INDIFFERENT.decode(text)).ok()?;
            bytes.try_into().ok()
        };
        from_hex().or_else(from_base64).map(Self).ok_or(ReadPublicKeyError)
    }

    /// Takes the key that belongs to a key pair.
    pub(super) const fn of_pair(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Whether the private key that belongs to it made the signature of this message.
    pub fn is_signed(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.0).verify(message, signature).is_ok()
    }

    /// What checkpoints call it: the first 16 hexadecimal digits of its SHA-256.
    pub fn id(&self) -> String {
        self.fingerprint().to_hex().chars().take(16).collect()
    }

    /// Its SHA-256.
    pub fn fingerprint(&self) -> Digest {
        Digest::new(Sha256::digest(self.0).into())
    }

    /// The bytes.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for AuditPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Digest::new(self.0).to_hex())
    }
}

impl fmt::Debug for AuditPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AuditPublicKey({self})")
    }
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    use rstest::rstest;

    use super::*;

    /// RFC 8032 §7.1, test 3.
    const HEX: &str = "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025";

    #[test]
    fn a_key_is_read_in_every_form_it_is_handed_round_in() {
        let key = AuditPublicKey::parse(HEX).unwrap();
        assert_eq!(key.to_string(), HEX);
        for text in [
            HEX.to_uppercase(),
            format!("  {HEX}\n"),
            STANDARD.encode(key.bytes()),
            URL_SAFE_NO_PAD.encode(key.bytes()),
        ] {
            assert_eq!(AuditPublicKey::parse(&text), Ok(key), "{text}");
        }
    }

    #[rstest]
    #[case::empty("")]
    #[case::short(&HEX[2..])]
    #[case::long(&format!("{HEX}00"))]
    #[case::a_word("public")]
    #[case::another_alphabet("ф")]
    fn everything_else_is_no_key(#[case] text: &str) {
        assert_eq!(AuditPublicKey::parse(text), Err(ReadPublicKeyError));
    }

    #[test]
    fn a_key_off_the_curve_signed_nothing() {
        let key = AuditPublicKey::parse(&format!("02{}", "00".repeat(31))).unwrap();
        assert!(!key.is_signed(b"", &[0; 64]));
    }

    #[test]
    fn the_id_is_the_beginning_of_the_hash_of_the_key() {
        // printf %s HEX | xxd -r -p | sha256sum
        assert_eq!(AuditPublicKey::parse(HEX).unwrap().id(), "dac073e0123bdea5");
    }
}
