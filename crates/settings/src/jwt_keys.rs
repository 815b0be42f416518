//! What access tokens are signed and checked with, whichever the algorithm is.

use std::path::{Path, PathBuf};

use secrecy::SecretString;

use crate::values::JwtAlgorithm;
use crate::{Settings, SettingsError, secret_file};

/// The keys of `JWT_ALGORITHM`, read and not yet understood.
#[derive(Debug, Clone)]
pub enum JwtKeys {
    /// HMAC with SHA-256: the secrets are the texts' bytes.
    Hs256 {
        /// Signs and checks.
        secret: SecretString,
        /// Checks only.
        previous: Option<SecretString>,
    },
    /// Ed25519, RFC 8037.
    EdDsa {
        /// Signs and checks.
        private_key: KeyFile,
        /// Check only.
        previous: Vec<KeyFile>,
    },
    /// ECDSA on P-256 with SHA-256.
    Es256 {
        /// Signs and checks.
        private_key: KeyFile,
        /// Check only.
        previous: Vec<KeyFile>,
    },
}

/// A file that a setting names.
#[derive(Debug, Clone)]
pub struct KeyFile {
    /// As the setting names it, for messages.
    pub path: PathBuf,
    /// What is in it.
    pub text: SecretString,
}

impl Settings {
    /// What `JWT_ALGORITHM` needs, from the settings, the files they name, or [`Settings::jwt_secret`].
    ///
    /// # Errors
    ///
    /// - [`SettingsError::Unreadable`] if a file cannot be read, is empty, or holds more than 64 KiB.
    /// - [`SettingsError::Refused`] if production has no `JWT_SECRET`, or the algorithm no key file.
    pub fn jwt_keys(&self) -> Result<JwtKeys, SettingsError> {
        match self.jwt_algorithm {
            JwtAlgorithm::Hs256 => Ok(JwtKeys::Hs256 {
                secret: self.jwt_secret()?,
                previous: self.jwt_secret_previous.as_ref().map(|previous| previous.secret().clone()),
            }),
            JwtAlgorithm::EdDsa => {
                Ok(JwtKeys::EdDsa { private_key: self.private_key()?, previous: self.previous_keys()? })
            }
            JwtAlgorithm::Es256 => {
                Ok(JwtKeys::Es256 { private_key: self.private_key()?, previous: self.previous_keys()? })
            }
        }
    }

    fn private_key(&self) -> Result<KeyFile, SettingsError> {
        match &self.jwt_private_key_file {
            Some(path) => key("JWT_PRIVATE_KEY_FILE", path),
            None => Err(crate::rules::no_private_key(self)),
        }
    }

    fn previous_keys(&self) -> Result<Vec<KeyFile>, SettingsError> {
        self.jwt_previous_key_files.iter().map(|path| key("JWT_PREVIOUS_KEY_FILES", path)).collect()
    }
}

fn key(name: &str, path: &Path) -> Result<KeyFile, SettingsError> {
    let text = secret_file::read(name, path)?.into();
    Ok(KeyFile { path: path.to_owned(), text })
}
