//! The port [`CursorSealer`] with XChaCha20-Poly1305.
//!
//! A cursor is the base64url text, without padding, of a random nonce of 24 bytes, the position under encryption and a
//! tag of 16 bytes. What the cursor is bound to (the filter and the sort) is not in it, only authenticated by the tag.

use std::fmt;

use domain::ports::CursorSealer;

use crate::encryption_key::EncryptionKey;
use crate::sealing::Sealing;

/// Changing what a cursor looks like takes a new purpose, so that old ones are refused and not misread.
const PURPOSE: &str = "usermgmt page cursor v1";

/// No cursor of ours is longer, so nothing is spent on one that is.
const LONGEST_CURSOR: usize = 2048;

/// Seals page cursors: they can be neither read nor forged, and open only with the key and the filter they were made
/// with.
///
/// A position may have up to 1,496 bytes; the cursor of a longer one would not open.
pub struct XChaChaCursorSealer {
    sealing: Sealing,
    previous: Vec<Sealing>,
}

impl XChaChaCursorSealer {
    /// Seals under a key derived from `key`; every process that shall open a cursor needs the same.
    pub fn new(key: &EncryptionKey) -> Self {
        Self { sealing: sealing(key), previous: Vec::new() }
    }

    /// The same, opening also what was sealed under the key before, so that nobody loses their place in a list.
    #[must_use]
    pub fn knowing(mut self, previous: &EncryptionKey) -> Self {
        self.previous.push(sealing(previous));
        self
    }
}

fn sealing(key: &EncryptionKey) -> Sealing {
    Sealing::new(&key.derive(PURPOSE))
}

impl fmt::Debug for XChaChaCursorSealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("XChaChaCursorSealer").finish_non_exhaustive()
    }
}

impl CursorSealer for XChaChaCursorSealer {
    fn seal(&self, position: &[u8], bound_to: &[u8]) -> String {
        self.sealing.seal_text(position, bound_to)
    }

    fn open(&self, cursor: &str, bound_to: &[u8]) -> Option<Vec<u8>> {
        if cursor.len() > LONGEST_CURSOR {
            return None;
        }
        let mut known = std::iter::once(&self.sealing).chain(&self.previous);
        known.find_map(|sealing| sealing.open_text(cursor, bound_to))
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use proptest::prelude::*;

    use super::*;

    fn sealer(key: u8) -> XChaChaCursorSealer {
        XChaChaCursorSealer::new(&EncryptionKey::new([key; 32]))
    }

    #[test]
    fn a_cursor_can_stand_in_a_url_as_it_is() {
        let cursor = sealer(1).seal(&[0xff; 100], b"");
        assert!(cursor.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'));
    }

    #[test]
    fn a_cursor_does_not_show_the_position_and_is_another_each_time() {
        let sealer = sealer(1);
        let [one, another] = [sealer.seal(b"ann@example.com", b""), sealer.seal(b"ann@example.com", b"")];

        assert_ne!(one, another);
        let bytes = URL_SAFE_NO_PAD.decode(&one).unwrap();
        assert!(!bytes.windows(3).any(|part| part == b"ann"));
    }

    #[test]
    fn a_cursor_opens_with_its_own_key_and_filter_only() {
        let cursor = sealer(1).seal(b"position", b"sort=id");

        assert_eq!(sealer(1).open(&cursor, b"sort=id").as_deref(), Some(b"position".as_slice()));
        assert_eq!(sealer(1).open(&cursor, b"sort=-id"), None);
        assert_eq!(sealer(1).open(&cursor, b""), None);
        assert_eq!(sealer(2).open(&cursor, b"sort=id"), None);
    }

    #[test]
    fn a_cursor_of_the_key_before_opens_where_that_is_known() {
        let cursor = sealer(1).seal(b"position", b"sort=id");
        let now = sealer(2).knowing(&EncryptionKey::new([1; 32]));

        assert_eq!(now.open(&cursor, b"sort=id").as_deref(), Some(b"position".as_slice()));
        assert_eq!(now.open(&cursor, b"sort=-id"), None);
        assert!(
            sealer(2).open(&now.seal(b"position", b""), b"").is_some(),
            "what is sealed is sealed with the new key"
        );
    }

    #[test]
    fn what_is_no_cursor_does_not_open() {
        for cursor in ["", "=", "a", "AAAA", "../../etc", "%41", "é", " ", "A A", &"A".repeat(54), &"A".repeat(80)] {
            assert_eq!(sealer(1).open(cursor, b""), None, "{cursor}");
        }
    }

    #[test]
    fn padding_and_spare_bits_do_not_make_a_second_spelling() {
        let sealer = sealer(1);
        let cursor = sealer.seal(b"12", b"");
        assert_eq!(cursor.len() % 4, 0, "no spare bits here");
        assert_eq!(sealer.open(&format!("{cursor}="), b""), None);

        let cursor = sealer.seal(b"1", b"");
        let last = cursor.chars().last().unwrap();
        let next = char::from_u32(u32::from(last) + 1).unwrap();
        assert_eq!(sealer.open(&format!("{}{next}", &cursor[..cursor.len() - 1]), b""), None);
    }

    #[test]
    fn the_longest_position_opens_and_a_longer_cursor_does_not() {
        let sealer = sealer(1);
        let longest = vec![7; 1496];

        assert_eq!(sealer.open(&sealer.seal(&longest, b""), b""), Some(longest));
        assert_eq!(sealer.open(&sealer.seal(&[7; 1497], b""), b""), None);
    }

    #[test]
    fn debug_does_not_show_the_key() {
        assert_eq!(format!("{:?}", sealer(1)), "XChaChaCursorSealer { .. }");
    }

    proptest! {
        #[test]
        fn a_position_comes_back_as_it_was(position: Vec<u8>, bound_to: Vec<u8>) {
            let sealer = sealer(1);
            prop_assert_eq!(sealer.open(&sealer.seal(&position, &bound_to), &bound_to), Some(position));
        }

        #[test]
        fn no_text_opens(cursor in any::<String>(), url_safe in "[A-Za-z0-9_-]{0,200}") {
            prop_assert_eq!(sealer(1).open(&cursor, b""), None);
            prop_assert_eq!(sealer(1).open(&url_safe, b""), None);
        }

        #[test]
        fn a_cut_or_changed_cursor_does_not_open(position: [u8; 12], place: prop::sample::Index, with in "[A-Za-z0-9_-]") {
            let sealer = sealer(1);
            let cursor = sealer.seal(&position, b"");
            let place = place.index(cursor.len());
            prop_assert_eq!(sealer.open(&cursor[..place], b""), None);
            let mut changed = cursor.clone();
            changed.replace_range(place..=place, &with);
            prop_assume!(changed != cursor);
            prop_assert_eq!(sealer.open(&changed, b""), None);
        }
    }
}
