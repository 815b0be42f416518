//! Cursors that a person can read.

use domain::ports::CursorSealer;

use crate::hex::{hex, unhex};

/// Writes positions as hexadecimal digits: bound as promised, but neither secret nor safe from forgery.
#[derive(Debug, Clone, Copy, Default)]
pub struct PlainCursors;

impl CursorSealer for PlainCursors {
    fn seal(&self, position: &[u8], bound_to: &[u8]) -> String {
        format!("{}.{}", hex(position), hex(bound_to))
    }

    fn open(&self, cursor: &str, bound_to: &[u8]) -> Option<Vec<u8>> {
        let (position, bound) = cursor.split_once('.')?;
        if bound != hex(bound_to) {
            return None;
        }
        unhex(position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_opens_with_what_it_was_bound_to_and_nothing_else() {
        let cursor = PlainCursors.seal(b"\x00position", b"filter");
        assert_eq!(PlainCursors.open(&cursor, b"filter").as_deref(), Some(&b"\x00position"[..]));
        assert_eq!(PlainCursors.open(&cursor, b"other"), None);
    }

    #[test]
    fn anything_else_is_no_cursor() {
        for text in ["", ".", "0", "zz.66", "+1.66", "é.66", "00", "0A.66", "0.66"] {
            assert_eq!(PlainCursors.open(text, b"f"), None, "{text:?}");
        }
    }
}
