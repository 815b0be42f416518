//! Secrets that are any text.

use secrecy::SecretString;

use crate::kind::{FromText, Wrong};

/// A password: never trimmed.
impl FromText for SecretString {
    const SECRET: bool = true;
    const WHAT: &'static str = "a password";

    fn hint() -> String {
        "any text but the character NUL".to_owned()
    }

    fn from_text(text: &str) -> Result<Self, Wrong> {
        if text.contains('\0') {
            return Err(Wrong::Value { shown: String::new() });
        }
        Ok(text.into())
    }

    fn show(_: &str) -> String {
        "[redacted]".to_owned()
    }
}
