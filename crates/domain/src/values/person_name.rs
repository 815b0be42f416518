//! What a person is called.

use super::limits::{check_length, check_no_controls};
use super::text_value::text_value;
use crate::violation::Violation;

/// A full, first or last name: at most 100 characters, no control characters, otherwise as typed. It may be empty.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PersonName(String);

text_value!(PersonName);

impl PersonName {
    /// The longest name, in characters.
    pub const MAX_CHARACTERS: usize = 100;

    /// Reads a name.
    ///
    /// # Errors
    ///
    /// `too_long`, `control_character`.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        check_length("A name", text, 0..=Self::MAX_CHARACTERS)?;
        check_no_controls("A name", text, &[])?;
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kept_as_typed() {
        for text in ["", " ", "Ann", "Dr. Åsa  Ångström ", "X Æ A-12", "김 철수", "O\u{2019}Neil", "🦀"] {
            assert_eq!(PersonName::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn a_hundred_characters_are_the_most() {
        assert!(PersonName::parse(&"語".repeat(100)).is_ok());
        assert_eq!(PersonName::parse(&"a".repeat(101)).unwrap_err().code(), "too_long");
    }

    #[test]
    fn control_characters_are_refused() {
        for text in ["\0", "Ann\n", "A\tnn", "\u{1b}[31m", "\u{9f}"] {
            assert_eq!(PersonName::parse(text).unwrap_err().code(), "control_character", "{text:?}");
        }
    }
}
