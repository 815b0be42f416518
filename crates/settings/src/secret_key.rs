//! Keys as they are set: 32 random bytes in base64.

use std::collections::HashSet;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_PAD_INDIFFERENT, URL_SAFE_PAD_INDIFFERENT};
use secrecy::{ExposeSecret, SecretBox, SecretString};

use crate::kind::{FromText, Wrong};

const LENGTH: usize = 32;

/// 32 bytes in base64; shows nothing of them.
#[derive(Debug, Clone)]
pub struct SecretKey(SecretString);

impl FromText for SecretKey {
    const SECRET: bool = true;
    const WHAT: &'static str = "a key";

    fn hint() -> String {
        "32 random bytes in base64, as `openssl rand -base64 32` makes them".to_owned()
    }

    fn hint_for_list() -> String {
        "keys of 32 random bytes in base64, between commas".to_owned()
    }

    fn from_text(text: &str) -> Result<Self, Wrong> {
        match decode(text) {
            Some(_) => Ok(Self(text.into())),
            None => Err(Wrong::Value { shown: String::new() }),
        }
    }

    fn show(_: &str) -> String {
        "[redacted]".to_owned()
    }
}

impl SecretKey {
    /// Of 32 random bytes so few differ as good as never.
    const FEWEST_VALUES: usize = 16;

    /// The bytes.
    pub(crate) fn bytes(&self) -> SecretBox<[u8; LENGTH]> {
        decode(self.0.expose_secret()).expect("`from_text` refuses what is no key")
    }

    /// Whether nobody drew these bytes at random, so that they can be guessed.
    pub(crate) fn is_weak(&self) -> bool {
        let key = self.bytes();
        let values: HashSet<_> = key.expose_secret().iter().collect();
        values.len() < Self::FEWEST_VALUES
    }

    /// Whether this is its text.
    pub(crate) fn is(&self, text: &str) -> bool {
        self.0.expose_secret().trim() == text.trim()
    }

    /// Whether both are one key, however they are written.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.bytes().expose_secret() == other.bytes().expose_secret()
    }
}

/// Takes the standard and the URL-safe alphabet, padded or not.
pub(crate) fn decode(text: &str) -> Option<SecretBox<[u8; LENGTH]>> {
    let text = text.trim();
    let bytes = STANDARD_PAD_INDIFFERENT.decode(text).or_else(|_| URL_SAFE_PAD_INDIFFERENT.decode(text)).ok()?;
    <[u8; LENGTH]>::try_from(bytes).ok().map(|bytes| SecretBox::new(Box::new(bytes)))
}
