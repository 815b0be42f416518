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
    fn nothing_prints_a_secret() {
        assert_eq!(format!("{:?}", SecretToken::new("a".repeat(43))), "SecretToken(..)");
        assert_eq!(format!("{:?}", Nonce::new([7; 32])), "Nonce(..)");
    }
}
