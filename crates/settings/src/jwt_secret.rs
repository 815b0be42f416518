//! The secret that access tokens are signed with: set, or made once and kept in a file.

use std::collections::BTreeSet;

use secrecy::{ExposeSecret, SecretString};

use crate::kept_secret::KeptSecret;
use crate::kind::{FromText, Wrong};
use crate::{Settings, SettingsError};

/// RFC 7518 §3.2: a key for HS256 is no shorter than its hash.
const LEAST_BYTES: usize = 32;

const KEPT: KeptSecret = KeptSecret {
    setting: "JWT_SECRET",
    file_name: "jwt_secret",
    if_spoilt: "put back the file as it was, set JWT_SECRET, or remove it: with a new one every access token ends, and \
                refreshing goes on",
};

/// A text of at least 32 bytes, which are the secret as they stand; shows nothing of it.
#[derive(Debug, Clone)]
pub struct JwtSecret(SecretString);

impl FromText for JwtSecret {
    const SECRET: bool = true;
    const WHAT: &'static str = "a secret of at least 32 bytes";

    fn hint() -> String {
        "at least 32 bytes that nobody can guess, as `openssl rand -base64 32` makes them".to_owned()
    }

    fn from_text(text: &str) -> Result<Self, Wrong> {
        if text.len() < LEAST_BYTES {
            return Err(Wrong::Value { shown: String::new() });
        }
        Ok(Self(text.into()))
    }

    fn show(_: &str) -> String {
        "[redacted]".to_owned()
    }
}

impl JwtSecret {
    /// The secret.
    pub fn secret(&self) -> &SecretString {
        &self.0
    }

    /// Whether it is one that guessing begins with.
    pub(crate) fn is_weak(&self) -> bool {
        let text = self.0.expose_secret();
        let plain: String = text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
        has_few_characters(text)
            || repeats_itself(text.as_bytes())
            || BEGINNINGS.iter().any(|beginning| plain.starts_with(beginning))
            || PARTS.iter().any(|part| plain.contains(part))
    }
}

/// How people's own secrets begin. Six letters and more: a random secret begins like that once in a thousand million.
const BEGINNINGS: &[&str] = &["secret", "password", "example", "default", "development", "insecure", "usermgmt"];

/// What stands in examples: those of this project, of jwt.io and of the frameworks' tutorials.
const PARTS: &[&str] = &[
    "changeme",
    "changeit",
    "changethis",
    "replaceme",
    "replacethis",
    "secretkey",
    "yoursecret",
    "mysecret",
    "jwtsecret",
    "supersecret",
    "topsecret",
    "stringsecret",
    "256bit",
    "inproduction",
    "correcthorse",
    "0123456789",
    "abcdefghij",
    "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
];

/// 32 random hexadecimal digits have fewer than eight different ones once in many millions.
fn has_few_characters(text: &str) -> bool {
    text.chars().collect::<BTreeSet<_>>().len() < 8
}

/// Whether it is its own beginning, again and again, with less than half of the bytes that are wanted.
fn repeats_itself(bytes: &[u8]) -> bool {
    (1..LEAST_BYTES / 2).any(|period| bytes.iter().zip(bytes.iter().skip(period)).all(|(one, later)| one == later))
}

impl Settings {
    /// The secret of `JWT_SECRET`, or the one kept in `DATA_DIR/jwt_secret`, which is made where it is missing.
    ///
    /// The secret is the text, not what base64 would make of it: the file's content may be set as `JWT_SECRET`. The
    /// file has mode 0600; processes that start at the same time agree on one secret.
    ///
    /// # Errors
    ///
    /// - [`SettingsError::Unreadable`] if the file cannot be made or read, or holds less than 32 bytes.
    /// - [`SettingsError::Refused`] if production has no `JWT_SECRET`.
    pub fn jwt_secret(&self) -> Result<SecretString, SettingsError> {
        match &self.jwt_secret {
            Some(secret) => Ok(secret.0.clone()),
            None => KEPT.get(self, |text| JwtSecret::from_text(text.trim_ascii_end()).ok().map(|secret| secret.0)),
        }
    }
}
