//! The name by which somebody signs in.

use unicode_normalization::UnicodeNormalization;

use super::characters::{is_invisible, is_unknown};
use super::limits::check_length;
use super::scripts::{mixes_digits, mixes_scripts};
use super::text::fold;
use super::text_value::text_value;
use crate::violation::Violation;

/// A name of 3 to 50 characters that a reader can tell from every other.
///
/// Kept in Unicode's form NFKC and otherwise as typed; two names with the same [`key`](Self::key) are one name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Username(String);

text_value!(Username);

impl Username {
    /// The longest name, in characters.
    pub const MAX_CHARACTERS: usize = 50;

    /// Reads a name as typed and keeps its form NFKC, to which every rule applies.
    ///
    /// # Errors
    ///
    /// - `whitespace`, also inside and around.
    /// - `control_character`; `invisible_character` for bidi controls, zero-width characters and all that shows nothing.
    /// - `forbidden_character` for `@`, which tells an address from a name, and for unassigned and private code points.
    /// - `too_short`, `too_long`.
    /// - `mixed_scripts` for scripts that can be mistaken for one another, `mixed_numbers` for two kinds of digits.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        let name: String = text.nfkc().collect();
        name.chars().try_for_each(check_character)?;
        check_length("A username", &name, 3..=Self::MAX_CHARACTERS)?;
        if mixes_scripts(&name) {
            return Err(Violation::new("mixed_scripts", "A username does not mix scripts that look alike"));
        }
        if mixes_digits(&name) {
            return Err(Violation::new("mixed_numbers", "A username keeps to one kind of digits"));
        }
        Ok(Self(name))
    }

    /// What the name is compared by: case, width and composition do not count.
    pub fn key(&self) -> String {
        Self::key_of(&self.0)
    }

    /// The key of any text, to look a name up by; text that is no name has a key that no name has, or finds a name that
    /// is written differently.
    pub fn key_of(text: &str) -> String {
        fold(text)
    }
}

fn check_character(c: char) -> Result<(), Violation> {
    if c.is_whitespace() {
        return Err(Violation::new("whitespace", "A username has no white space"));
    }
    if c.is_control() {
        return Err(Violation::new("control_character", "A username has no control characters"));
    }
    if is_invisible(c) {
        return Err(Violation::new("invisible_character", "A username has no invisible characters"));
    }
    if c == '@' {
        return Err(Violation::new("forbidden_character", "A username has no @"));
    }
    if is_unknown(c) {
        return Err(Violation::new("forbidden_character", "A username has only characters that Unicode defines"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("ann")]
    #[case("Ann.O'Neil-42_x+y/z\\%")]
    #[case("日本語")]
    #[case("🦀🦀🦀")]
    #[case("Зоя")]
    fn a_name_is_kept_as_typed(#[case] text: &str) {
        assert_eq!(Username::parse(text).unwrap().as_str(), text);
    }

    #[test]
    fn a_name_is_kept_in_form_nfkc() {
        assert_eq!(Username::parse("Ａｎｎ").unwrap().as_str(), "Ann");
        assert_eq!(Username::parse("Zoe\u{308}").unwrap().as_str(), "Zoë");
    }

    #[rstest]
    #[case("", "too_short")]
    #[case("ab", "too_short")]
    #[case::two_characters_after_nfkc("e\u{301}a", "too_short")]
    #[case("ann ", "whitespace")]
    #[case(" ann", "whitespace")]
    #[case("an\tn", "whitespace")]
    #[case("an\u{a0}n", "whitespace")]
    #[case("an\u{2028}n", "whitespace")]
    #[case::a_space_after_nfkc("a\u{a8}nn", "whitespace")]
    #[case("an\0n", "control_character")]
    #[case("an\u{7f}n", "control_character")]
    #[case("an\u{200b}n", "invisible_character")]
    #[case("an\u{202e}n", "invisible_character")]
    #[case("an\u{ad}n", "invisible_character")]
    #[case("ann\u{fe0f}", "invisible_character")]
    #[case("ann\u{ffa0}", "invisible_character")]
    #[case("an@n", "forbidden_character")]
    #[case("an＠n", "forbidden_character")]
    #[case("ann\u{e000}", "forbidden_character")]
    #[case("ann\u{378}", "forbidden_character")]
    #[case("\u{430}nn", "mixed_scripts")]
    #[case::micro_is_greek_after_nfkc("µTorrent", "mixed_scripts")]
    #[case("ann1\u{661}", "mixed_numbers")]
    fn a_wrong_name_says_why(#[case] text: &str, #[case] code: &str) {
        assert_eq!(Username::parse(text).unwrap_err().code(), code);
    }

    #[test]
    fn fifty_characters_are_the_most_after_nfkc() {
        assert!(Username::parse(&"ä".repeat(50)).is_ok());
        assert_eq!(Username::parse(&"ä".repeat(51)).unwrap_err().code(), "too_long");
        assert_eq!(Username::parse(&"ﬃ".repeat(17)).unwrap_err().code(), "too_long");
        assert!(Username::parse(&"a\u{308}".repeat(50)).is_ok());
    }

    #[test]
    fn what_is_stored_is_not_checked_again() {
        assert_eq!(Username::from_stored("a".into()).as_str(), "a");
    }
}
