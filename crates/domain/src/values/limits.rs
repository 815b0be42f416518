//! Rules that several values share: lengths, counted in characters, and control characters.

use std::ops::RangeInclusive;

use crate::violation::Violation;

/// Checks that `text` has as many characters as `bounds` allow; `what` names the value, as in "A username".
///
/// # Errors
///
/// `too_short` and `too_long`.
pub(super) fn check_length(what: &str, text: &str, bounds: RangeInclusive<usize>) -> Result<(), Violation> {
    let length = text.chars().count();
    if length < *bounds.start() {
        return Err(Violation::new("too_short", format!("{what} has at least {}", characters(*bounds.start()))));
    }
    if length > *bounds.end() {
        return Err(Violation::new("too_long", format!("{what} has at most {}", characters(*bounds.end()))));
    }
    Ok(())
}

/// Checks that `text` holds no control character but those in `allowed`.
///
/// # Errors
///
/// `control_character`.
pub(super) fn check_no_controls(what: &str, text: &str, allowed: &[char]) -> Result<(), Violation> {
    if text.chars().any(|c| c.is_control() && !allowed.contains(&c)) {
        return Err(Violation::new("control_character", format!("{what} has no control characters")));
    }
    Ok(())
}

fn characters(count: usize) -> String {
    if count == 1 { "1 character".to_owned() } else { format!("{count} characters") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn length_code(text: &str) -> Option<&'static str> {
        check_length("A word", text, 1..=3).err().map(|violation| violation.code())
    }

    #[test]
    fn lengths_are_counted_in_characters() {
        assert_eq!(length_code(""), Some("too_short"));
        assert_eq!(length_code("a"), None);
        assert_eq!(length_code("日本語"), None);
        assert_eq!(length_code("abcd"), Some("too_long"));
    }

    #[test]
    fn the_sentence_names_the_value_and_the_limit() {
        let detail = |text| check_length("A word", text, 1..=3).unwrap_err().detail().to_owned();
        assert_eq!(detail(""), "A word has at least 1 character");
        assert_eq!(detail("abcd"), "A word has at most 3 characters");
    }

    #[test]
    fn control_characters_are_refused_unless_allowed() {
        for text in ["\0", "a\nb", "\u{7f}", "\u{85}"] {
            assert_eq!(check_no_controls("A word", text, &[]).unwrap_err().code(), "control_character", "{text:?}");
        }
        assert_eq!(check_no_controls("A word", "a\nb", &['\n']), Ok(()));
        assert!(check_no_controls("A word", "a\nb\0", &['\n']).is_err());
    }
}
