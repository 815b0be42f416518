//! The name somebody signs in with.

use crate::values::{EmailAddress, Username, fold};

/// What somebody typed as their name: a username or an email address, as the key it is compared by.
///
/// Any text is one; most are nobody's. No username holds an `@`, so it is never both.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum LoginName {
    /// The key of a username.
    Username(String),
    /// The key of an email address.
    Email(String),
}

impl LoginName {
    /// No name that anybody can have is longer, in bytes.
    const MAX_BYTES: usize = 1020;

    /// Reads what somebody typed. White space around it is theirs to leave out, as in a form.
    pub fn parse(text: &str) -> Self {
        let text = text.trim();
        let text = text.get(..text.floor_char_boundary(Self::MAX_BYTES)).unwrap_or_default();
        if text.contains('@') {
            Self::Email(EmailAddress::parse(text).map_or_else(|_| fold(text), |email| email.key()))
        } else {
            Self::Username(Username::parse(text).map_or_else(|_| fold(text), |name| name.key()))
        }
    }

    /// The key, whichever it is.
    pub fn key(&self) -> &str {
        match self {
            Self::Username(key) | Self::Email(key) => key,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_are_one_name() {
        let ann = LoginName::parse("ann");
        for text in ["ANN", " Ann\n", "ａｎｎ"] {
            assert_eq!(LoginName::parse(text), ann, "{text}");
        }
        assert_eq!(LoginName::parse("Ann@Example.ORG"), LoginName::parse("ann@example.org"));
        assert_eq!(ann, LoginName::Username("ann".into()));
    }

    #[test]
    fn any_text_is_a_name_and_none_is_too_long_to_keep() {
        for text in ["", "a b", "\0", "@", "a@", &"x".repeat(100_000), &"é@".repeat(5_000)] {
            assert!(LoginName::parse(text).key().len() <= 4 * LoginName::MAX_BYTES, "{}", text.len());
        }
    }
}
