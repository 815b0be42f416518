//! Secrets that nobody has set: made once, and kept in a file of `DATA_DIR`.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, ExposeSecretMut, SecretBox, SecretString};

use crate::{Settings, SettingsError};

/// Of every secret that is made.
const LENGTH: usize = 32;

/// A secret that development makes where it is missing.
pub(crate) struct KeptSecret {
    /// The setting that it stands in for.
    pub(crate) setting: &'static str,
    pub(crate) file_name: &'static str,
    /// What to do about a file that holds something else.
    pub(crate) if_spoilt: &'static str,
}

impl KeptSecret {
    /// What `understand` makes of the file in `DATA_DIR`, which is made where it is missing.
    ///
    /// The file has mode 0600; processes that start at the same time agree on one secret.
    ///
    /// # Errors
    ///
    /// - [`SettingsError::Unreadable`] if the file cannot be made or read, or is not understood.
    /// - [`SettingsError::Refused`] in production, which makes no secrets.
    pub(crate) fn get<T>(
        &self,
        settings: &Settings,
        understand: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, SettingsError> {
        crate::rules::check_secrets_are_there(settings)?;
        let path = settings.data_dir.join(self.file_name);
        let unreadable = |reason: String| SettingsError::Unreadable { what: self.setting.to_owned(), reason };
        let text = self.read_or_make(&settings.data_dir, &path).map_err(|error| {
            unreadable(format!(
                "cannot keep a key in {}: {error}; set it, or DATA_DIR to a writable directory",
                path.display()
            ))
        })?;
        understand(text.expose_secret())
            .ok_or_else(|| unreadable(format!("{} holds no key; {}", path.display(), self.if_spoilt)))
    }

    fn read_or_make(&self, directory: &Path, path: &Path) -> io::Result<SecretString> {
        match std::fs::read_to_string(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            read => return read.map(SecretString::from),
        }
        DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
        // Written beside and then renamed: whatever breaks off, a file with the secret's name holds all of it.
        let unfinished = directory.join(format!("{}.new", self.file_name));
        let mut file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&unfinished)?;
        // Of several first starts one writes, and the others read what it wrote.
        file.lock()?;
        match std::fs::read_to_string(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            read => {
                // Made here, by opening it, after the other had renamed its own.
                let _ = std::fs::remove_file(&unfinished);
                return read.map(SecretString::from);
            }
        }
        let mut secret = SecretBox::new(Box::new([0; LENGTH]));
        fill(&mut secret)?;
        let text = format!("{}\n", STANDARD.encode(secret.expose_secret()));
        file.set_len(0)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&unfinished, path)?;
        File::open(directory)?.sync_all()?;
        Ok(text.into())
    }
}

fn fill(secret: &mut SecretBox<[u8; LENGTH]>) -> io::Result<()> {
    getrandom::fill(secret.expose_secret_mut()).map_err(|error| io::Error::other(error.to_string()))
}
