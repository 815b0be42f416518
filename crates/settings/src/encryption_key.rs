//! The key that seals what must not be read from outside: set, or made once and kept in a file.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_PAD_INDIFFERENT, URL_SAFE_PAD_INDIFFERENT};
use secrecy::{ExposeSecret, ExposeSecretMut, SecretBox, SecretString};

use crate::kind::{FromText, Wrong};
use crate::{Settings, SettingsError};

const FILE_NAME: &str = "encryption.key";
const UNFINISHED_NAME: &str = "encryption.key.new";
const LENGTH: usize = 32;

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
        if let Some(key) = &self.encryption_key {
            return Ok(decode(key.0.expose_secret()).expect("`from_text` refuses what is no key"));
        }
        crate::rules::check_secrets(self)?;
        let path = self.data_dir.join(FILE_NAME);
        let unreadable = |reason: String| SettingsError::Unreadable { what: "ENCRYPTION_KEY".to_owned(), reason };
        let text = read_or_make(&self.data_dir, &path).map_err(|error| {
            unreadable(format!(
                "cannot keep a key in {}: {error}; set it, or DATA_DIR to a writable directory",
                path.display()
            ))
        })?;
        decode(text.expose_secret()).ok_or_else(|| {
            unreadable(format!(
                "{} holds no key; put back the file as it was, or set ENCRYPTION_KEY; if nothing was ever sealed with \
                 it, remove it",
                path.display()
            ))
        })
    }
}

fn read_or_make(directory: &Path, path: &Path) -> io::Result<SecretString> {
    match std::fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        read => return read.map(SecretString::from),
    }
    DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    // Written beside and then renamed: whatever breaks off, a file with the key's name holds all of it.
    let unfinished = directory.join(UNFINISHED_NAME);
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
    let mut key = SecretBox::new(Box::new([0; LENGTH]));
    fill(&mut key)?;
    let text = format!("{}\n", STANDARD.encode(key.expose_secret()));
    file.set_len(0)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&unfinished, path)?;
    File::open(directory)?.sync_all()?;
    Ok(text.into())
}

fn fill(key: &mut SecretBox<[u8; LENGTH]>) -> io::Result<()> {
    getrandom::fill(key.expose_secret_mut()).map_err(|error| io::Error::other(error.to_string()))
}

/// Takes the standard and the URL-safe alphabet, padded or not.
fn decode(text: &str) -> Option<SecretBox<[u8; LENGTH]>> {
    let text = text.trim();
    let bytes = STANDARD_PAD_INDIFFERENT.decode(text).or_else(|_| URL_SAFE_PAD_INDIFFERENT.decode(text)).ok()?;
    <[u8; LENGTH]>::try_from(bytes).ok().map(|bytes| SecretBox::new(Box::new(bytes)))
}
