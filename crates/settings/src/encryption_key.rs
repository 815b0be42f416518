//! The key that seals what must not be read from outside: set, or made once and kept in a file.

use std::collections::HashSet;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_PAD_INDIFFERENT, URL_SAFE_PAD_INDIFFERENT};
use secrecy::{ExposeSecret, SecretBox, SecretString};

use crate::kept_secret::KeptSecret;
use crate::kind::{FromText, Wrong};
use crate::{Settings, SettingsError};

const LENGTH: usize = 32;

const KEPT: KeptSecret = KeptSecret {
    setting: "ENCRYPTION_KEY",
    file_name: "encryption.key",
    if_spoilt: "put back the file as it was, or set ENCRYPTION_KEY; if nothing was ever sealed with it, remove it",
};

/// 32 bytes in base64; shows nothing of them.
#[derive(Debug, Clone)]
pub struct EncryptionKey(SecretString);

impl FromText for EncryptionKey {
    const SECRET: bool = true;
    const WHAT: &'static str = "a key";

    fn hint() -> String {
        "32 random bytes in base64, as `openssl rand -base64 32` makes them".to_owned()
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

impl EncryptionKey {
    /// Of 32 random bytes so few differ as good as never.
    const FEWEST_VALUES: usize = 16;

    /// Whether nobody drew these bytes at random, so that they can be guessed.
    pub(crate) fn is_weak(&self) -> bool {
        let key = decode(self.0.expose_secret()).expect("`from_text` refuses what is no key");
        let values: HashSet<_> = key.expose_secret().iter().collect();
        values.len() < Self::FEWEST_VALUES
    }

    /// Whether this is its text.
    pub(crate) fn is(&self, text: &str) -> bool {
        self.0.expose_secret().trim() == text.trim()
    }
}

impl Settings {
    /// The key of `ENCRYPTION_KEY`, or the one kept in `DATA_DIR/encryption.key`, which is made where it is missing.
    ///
    /// The file has mode 0600; processes that start at the same time agree on one key.
    ///
    /// # Errors
    ///
    /// - [`SettingsError::Unreadable`] if the file cannot be made or read, or holds no key.
    /// - [`SettingsError::Refused`] if production has no `ENCRYPTION_KEY`.
    pub fn encryption_key(&self) -> Result<SecretBox<[u8; LENGTH]>, SettingsError> {
        match &self.encryption_key {
            Some(key) => Ok(decode(key.0.expose_secret()).expect("`from_text` refuses what is no key")),
            None => KEPT.get(self, decode),
        }
    }
}

/// Takes the standard and the URL-safe alphabet, padded or not.
fn decode(text: &str) -> Option<SecretBox<[u8; LENGTH]>> {
    let text = text.trim();
    let bytes = STANDARD_PAD_INDIFFERENT.decode(text).or_else(|_| URL_SAFE_PAD_INDIFFERENT.decode(text)).ok()?;
    <[u8; LENGTH]>::try_from(bytes).ok().map(|bytes| SecretBox::new(Box::new(bytes)))
}
