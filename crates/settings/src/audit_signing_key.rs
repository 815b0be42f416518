//! The key that signs the audit trail: set, or made once and kept in a file.

use secrecy::SecretBox;

use crate::kept_secret::KeptSecret;
use crate::secret_key::{SecretKey, decode};
use crate::{Settings, SettingsError};

const KEPT: KeptSecret = KeptSecret {
    setting: "AUDIT_SIGNING_KEY",
    file_name: "audit_signing.key",
    if_spoilt: "put back the file as it was, or set AUDIT_SIGNING_KEY; if nothing was ever signed with it, remove it",
};

impl Settings {
    /// The seed of `AUDIT_SIGNING_KEY`, or the one kept in `DATA_DIR/audit_signing.key`, which is made where it is missing.
    ///
    /// The file has mode 0600; processes that start at the same time agree on one key.
    ///
    /// # Errors
    ///
    /// - [`SettingsError::Unreadable`] if the file cannot be made or read, or holds no key.
    /// - [`SettingsError::Refused`] if production has no `AUDIT_SIGNING_KEY`.
    pub fn audit_signing_key(&self) -> Result<SecretBox<[u8; 32]>, SettingsError> {
        match &self.audit_signing_key {
            Some(key) => Ok(key.bytes()),
            None => KEPT.get(self, decode),
        }
    }

    /// The seeds of `AUDIT_SIGNING_KEY_PREVIOUS`.
    pub fn previous_audit_signing_keys(&self) -> Vec<SecretBox<[u8; 32]>> {
        self.audit_signing_key_previous.iter().map(SecretKey::bytes).collect()
    }
}
