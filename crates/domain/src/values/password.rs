//! Passwords as typed and as kept. Neither ever prints.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use unicode_normalization::UnicodeNormalization;

use super::limits::check_length;
use crate::violation::Violation;

/// What a password must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordPolicy {
    /// The fewest characters, as typed.
    pub min_length: usize,
}

impl Default for PasswordPolicy {
    fn default() -> Self {
        Self { min_length: 8 }
    }
}

/// What somebody typed as a password, not yet checked: it does not print and is overwritten when dropped.
#[derive(Clone)]
pub struct PasswordText(SecretString);

impl PasswordText {
    /// The text, for checking it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl From<String> for PasswordText {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl From<&str> for PasswordText {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl fmt::Debug for PasswordText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordText(..)")
    }
}

/// A password that the policy allows, kept as typed and in form NFKC; both are overwritten when it is dropped.
#[derive(Clone)]
pub struct PlainPassword {
    typed: SecretString,
    normalized: SecretString,
}

impl PlainPassword {
    /// The longest password, in characters as typed.
    pub const MAX_CHARACTERS: usize = 100;

    /// Reads a password. It is never trimmed, and any character but NUL is allowed.
    ///
    /// # Errors
    ///
    /// - `too_short`, `too_long`.
    /// - `forbidden_character` for NUL, where many implementations of bcrypt stop reading.
    pub fn parse(text: &str, policy: &PasswordPolicy) -> Result<Self, Violation> {
        check_length("A password", text, policy.min_length..=Self::MAX_CHARACTERS)?;
        if text.contains('\0') {
            return Err(Violation::new("forbidden_character", "A password has no NUL character"));
        }
        Ok(Self { typed: text.into(), normalized: normalize(text) })
    }

    /// Takes what somebody claims to be their password, whatever the policy is by now; `None` for what no password can be:
    /// longer than [`MAX_CHARACTERS`](Self::MAX_CHARACTERS), or with a NUL character.
    pub fn candidate(text: &str) -> Option<Self> {
        let can_be = text.chars().nth(Self::MAX_CHARACTERS).is_none() && !text.contains('\0');
        can_be.then(|| Self { typed: text.into(), normalized: normalize(text) })
    }

    /// The form NFKC: what is hashed, so that every keyboard and system writes the same password.
    pub fn expose_normalized(&self) -> &str {
        self.normalized.expose_secret()
    }

    /// The text as it came, for hashes that other systems made without normalising.
    pub fn expose_typed(&self) -> &str {
        self.typed.expose_secret()
    }
}

impl fmt::Debug for PlainPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlainPassword(..)")
    }
}

fn normalize(text: &str) -> SecretString {
    // Exactly as large as needed: a string that grows leaves copies of its beginning in freed memory.
    let mut normalized = String::with_capacity(text.nfkc().map(char::len_utf8).sum());
    normalized.extend(text.nfkc());
    normalized.into()
}

/// A password's hash in the format of its algorithm, such as `$2b$12$…`.
#[derive(Clone)]
pub struct PasswordHash(SecretString);

impl PasswordHash {
    /// Takes what a hasher made or a database holds.
    pub fn from_stored(text: String) -> Self {
        Self(text.into())
    }

    /// The hash, for verifying and storing.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl PartialEq for PasswordHash {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl Eq for PasswordHash {}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<PlainPassword, Violation> {
        PlainPassword::parse(text, &PasswordPolicy::default())
    }

    fn code(text: &str) -> &'static str {
        parse(text).unwrap_err().code()
    }

    #[test]
    fn a_password_is_never_trimmed() {
        let password = parse("  tab\t and line\n  ").unwrap();
        assert_eq!(password.expose_typed(), "  tab\t and line\n  ");
        assert_eq!(password.expose_normalized(), "  tab\t and line\n  ");
    }

    #[test]
    fn what_is_hashed_is_the_form_nfkc() {
        let password = parse("ｐａｓｓｗｏｒｄe\u{301}").unwrap();
        assert_eq!(password.expose_normalized(), "passwordé");
        assert_eq!(password.expose_typed(), "ｐａｓｓｗｏｒｄe\u{301}");
    }

    #[test]
    fn lengths_are_those_of_the_policy_in_characters_as_typed() {
        assert_eq!(code("1234567"), "too_short");
        assert!(parse("äöüäöüäö").is_ok());
        assert!(parse(&"🦀".repeat(100)).is_ok());
        assert_eq!(code(&"a".repeat(101)), "too_long");
        let strict = PasswordPolicy { min_length: 15 };
        assert_eq!(PlainPassword::parse("12345678901234", &strict).unwrap_err().code(), "too_short");
    }

    #[test]
    fn nul_is_the_only_character_refused() {
        assert_eq!(code("secret\0secret"), "forbidden_character");
        assert!(parse("\u{1}\u{7f}\u{200b}\u{202e}\u{ffff}\r\n ").is_ok());
    }

    #[test]
    fn a_candidate_may_be_shorter_than_the_policy_wants_but_not_what_no_password_can_be() {
        assert_eq!(PlainPassword::candidate("x").unwrap().expose_typed(), "x");
        assert!(PlainPassword::candidate(&"🦀".repeat(100)).is_some());
        assert!(PlainPassword::candidate(&"a".repeat(101)).is_none());
        assert!(PlainPassword::candidate("secret\0").is_none());
    }

    #[test]
    fn nothing_prints_a_secret() {
        assert_eq!(format!("{:?}", parse("correct horse").unwrap()), "PlainPassword(..)");
        assert_eq!(format!("{:?}", PasswordText::from("correct horse")), "PasswordText(..)");
        assert_eq!(format!("{:#?}", PasswordHash::from_stored("$2b$12$abc".into())), "PasswordHash(..)");
    }

    #[test]
    fn hashes_are_equal_if_their_texts_are() {
        let hash = PasswordHash::from_stored("$2b$12$abc".into());
        assert_eq!(hash.clone(), hash);
        assert_ne!(hash, PasswordHash::from_stored("$2b$12$abd".into()));
    }
}
