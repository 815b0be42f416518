//! Why somebody was deactivated.

use super::limits::{check_length, check_no_controls};
use super::text_value::text_value;
use crate::violation::Violation;

/// A note of at most 500 characters, of more than one line if need be. It may be empty.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct StatusReason(String);

text_value!(StatusReason);

impl StatusReason {
    /// The longest note, in characters.
    pub const MAX_CHARACTERS: usize = 500;

    /// Reads a note.
    ///
    /// # Errors
    ///
    /// `too_long`; `control_character` for any but line breaks and tabs.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        check_length("A reason", text, 0..=Self::MAX_CHARACTERS)?;
        check_no_controls("A reason", text, &['\n', '\r', '\t'])?;
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_may_have_lines_and_tabs() {
        let text = "spam:\r\n\t- twice\n";
        assert_eq!(StatusReason::parse(text).unwrap().as_str(), text);
    }

    #[test]
    fn other_control_characters_are_refused() {
        for text in ["\0", "\u{1b}[2J", "\u{7f}", "\u{85}"] {
            assert_eq!(StatusReason::parse(text).unwrap_err().code(), "control_character", "{text:?}");
        }
    }

    #[test]
    fn five_hundred_characters_are_the_most() {
        assert!(StatusReason::parse("").is_ok());
        assert!(StatusReason::parse(&"é".repeat(500)).is_ok());
        assert_eq!(StatusReason::parse(&"é".repeat(501)).unwrap_err().code(), "too_long");
    }
}
