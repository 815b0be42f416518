//! Text of strangers on the way to a terminal, which obeys what it is told.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The text with everything written out that would move the cursor, change colours or turn the direction of writing.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(acts) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if acts(c) { shown.extend(c.escape_unicode()) } else { shown.push(c) }
    }
    Cow::Owned(shown)
}

/// The same JSON with all of that escaped: JSON itself leaves what is beyond ASCII as it is, and a terminal takes U+009B
/// for the beginning of a command.
pub(crate) fn visible_json(json: Vec<u8>) -> String {
    let json = String::from_utf8(json).expect("JSON is UTF-8");
    if !json.chars().any(acts) {
        return json;
    }
    let mut shown = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        if acts(c) {
            // Outside its texts compact JSON has none, and none is beyond four digits.
            let _ = write!(shown, "\\u{:04x}", u32::from(c));
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Whether a terminal does something with the character but show it.
fn acts(c: char) -> bool {
    let turns_the_direction =
        matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || turns_the_direction || matches!(c, '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_written_out() {
        assert_eq!(visible("\u{1b}]0;x\u{7}\r\n"), "\\u{1b}]0;x\\u{7}\\u{d}\\u{a}");
        assert_eq!(visible("\u{9b}2J \u{202e}nna"), "\\u{9b}2J \\u{202e}nna");
        assert_eq!(visible("Ann Lee, 日本, 👩‍👧"), "Ann Lee, 日本, 👩‍👧");
    }

    #[test]
    fn json_stays_the_same_json() {
        let json = visible_json("{\"a\":\"\u{9b}2J\u{7f} \u{202e}nna\u{2069}\"}".as_bytes().to_vec());
        assert_eq!(json, r#"{"a":"\u009b2J\u007f \u202enna\u2069"}"#);
        assert_eq!(visible_json(br#"{"a":"\u001b"}"#.to_vec()), r#"{"a":"\u001b"}"#);
    }
}
