//! Opaque tokens: what their holder shows, and what is kept to know them by.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

/// A secret of 256 random bits as text: a refresh token, or one that resets a password. It never prints.
#[derive(Clone)]
pub struct SecretToken(SecretString);

impl SecretToken {
    /// The characters of the unpadded base64url of 32 bytes (RFC 4648 §5).
    pub const LENGTH: usize = 43;

    /// Takes a token that was just made.
    pub fn new(text: String) -> Self {
        Self(text.into())
    }

    /// Reads what a client shows; `None` if no token looks like that.
    pub fn parse(text: &str) -> Option<Self> {
        let is_base64url = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        (text.len() == Self::LENGTH && text.bytes().all(is_base64url)).then(|| Self(text.into()))
    }

    /// The text, for answering with it and for computing its digest.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for SecretToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretToken(..)")
    }
}

/// 256 bits that stand for something that is not kept itself: a token's SHA-256, or the HMAC of a name or a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Wraps what was computed or stored.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The bytes as 64 lower-case hexadecimal digits.
    pub fn to_hex(&self) -> String {
        use std::fmt::Write as _;
        self.0.iter().fold(String::with_capacity(64), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }

    /// Reads what [`to_hex`](Self::to_hex) wrote; `None` for anything else.
    pub fn from_hex(hex: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        if hex.len() != 64 || !hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            return None;
        }
        for (index, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(hex.get(2 * index..2 * index + 2)?, 16).ok()?;
        }
        Some(Self(bytes))
    }
}

/// 256 random bits that are kept beside a token's digest and make its successor (see
/// [`SecretGenerator::successor`](crate::ports::SecretGenerator::successor)).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Nonce([u8; 32]);

impl Nonce {
    /// Wraps random or stored bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nonce(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_43_characters_of_base64url() {
        assert!(SecretToken::parse(&"Az09-_x".repeat(7)[..43]).is_some());
        for text in ["", "a", &"a".repeat(42), &"a".repeat(44), &"+".repeat(43)] {
            assert!(SecretToken::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_digest_is_read_back_from_its_hexadecimal_digits() {
        let digest = Digest::new(std::array::from_fn(|index| u8::try_from(index * 8).unwrap()));
        assert!(digest.to_hex().starts_with("0008101820"));
        assert_eq!(Digest::from_hex(&digest.to_hex()), Some(digest));
        for text in ["", &"g".repeat(64), &"A".repeat(64), &"a".repeat(63)] {
            assert_eq!(Digest::from_hex(text), None, "{text}");
        }
    }

    #[test]
    fn nothing_prints_a_secret() {
        assert_eq!(format!("{:?}", SecretToken::new("a".repeat(43))), "SecretToken(..)");
        assert_eq!(format!("{:?}", Nonce::new([7; 32])), "Nonce(..)");
    }
}
