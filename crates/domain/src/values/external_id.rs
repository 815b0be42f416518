//! The id that another system gave to a user.

use super::limits::{check_length, check_no_controls};
use super::text_value::text_value;
use crate::violation::Violation;

/// 1 to 255 characters without control characters, opaque to us: compared exactly, never folded.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ExternalId(String);

text_value!(ExternalId);

impl ExternalId {
    /// The longest id, in characters.
    pub const MAX_CHARACTERS: usize = 255;

    /// Reads an id.
    ///
    /// # Errors
    ///
    /// `too_short` if it is empty, `too_long`, `control_character`.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        check_length("An external id", text, 1..=Self::MAX_CHARACTERS)?;
        check_no_controls("An external id", text, &[])?;
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_compared_exactly() {
        assert_ne!(ExternalId::parse("a1").unwrap(), ExternalId::parse("A1").unwrap());
        assert_ne!(ExternalId::parse("a1").unwrap(), ExternalId::parse("a1 ").unwrap());
    }

    #[test]
    fn one_to_255_characters_are_an_id() {
        assert_eq!(ExternalId::parse("").unwrap_err().code(), "too_short");
        assert!(ExternalId::parse(&"é".repeat(255)).is_ok());
        assert_eq!(ExternalId::parse(&"é".repeat(256)).unwrap_err().code(), "too_long");
    }

    #[test]
    fn control_characters_are_refused() {
        assert_eq!(ExternalId::parse("a\0").unwrap_err().code(), "control_character");
    }
}
