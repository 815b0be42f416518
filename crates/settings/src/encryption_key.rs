//! The key that seals what must not be read from outside: set, or made once and kept in a file.

use secrecy::SecretBox;

use crate::kept_secret::KeptSecret;
use crate::secret_key::{SecretKey, decode};
use crate::{Settings, SettingsError};

const KEPT: KeptSecret = KeptSecret {
    setting: "ENCRYPTION_KEY",
    file_name: "encryption.key",
    if_spoilt: "put back the file as it was, or set ENCRYPTION_KEY; if nothing was ever sealed with it, remove it",
};

impl Settings {
    /// The key of `ENCRYPTION_KEY`, or the one kept in `DATA_DIR/encryption.key`, which is made where it is missing.
    ///
    /// The file has mode 0600; processes that start at the same time agree on one key.
    ///
    /// # Errors
    ///
    /// - [`SettingsError::Unreadable`] if the file cannot be made or read, or holds no key.
    /// - [`SettingsError::Refused`] if production has no `ENCRYPTION_KEY`.
    pub fn encryption_key(&self) -> Result<SecretBox<[u8; 32]>, SettingsError> {
        match &self.encryption_key {
            Some(key) => Ok(key.bytes()),
            None => KEPT.get(self, decode),
        }
    }

    /// The keys of `ENCRYPTION_KEY_PREVIOUS`.
    pub fn previous_encryption_keys(&self) -> Vec<SecretBox<[u8; 32]>> {
        self.encryption_key_previous.iter().map(SecretKey::bytes).collect()
    }
}
