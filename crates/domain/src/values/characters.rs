//! Characters that have no place in a name.

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// Whether a reader sees nothing of `c`, or only what it does to its neighbours.
///
/// That is everything Unicode calls format or default ignorable (bidi controls, zero-width characters, soft hyphen,
/// variation selectors, tags, Hangul fillers) and the characters that are drawn blank without being white space.
pub(super) fn is_invisible(c: char) -> bool {
    // No ASCII character is, and looking its category up costs more than everything else that is asked of a name.
    !c.is_ascii() && hides(c)
}

/// Whether no character has been assigned to this code point for everybody to know: unassigned or for private use.
pub(super) fn is_unknown(c: char) -> bool {
    !c.is_ascii()
        && matches!(
            c.general_category(),
            GeneralCategory::Unassigned | GeneralCategory::PrivateUse | GeneralCategory::Surrogate
        )
}

fn hides(c: char) -> bool {
    c.general_category() == GeneralCategory::Format || is_ignorable(c) || is_blank(c)
}

/// `Default_Ignorable_Code_Point` (UAX #44), as far as it is not category Format.
fn is_ignorable(c: char) -> bool {
    matches!(c,
        '\u{34f}'
        | '\u{115f}'..='\u{1160}'
        | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{2065}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{ffa0}'
        | '\u{fff0}'..='\u{fff8}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// Blank by design: Braille blank, object replacement, Khitan filler, hieroglyph blanks, null notehead.
fn is_blank(c: char) -> bool {
    matches!(c, '\u{2800}' | '\u{fffc}' | '\u{16fe4}' | '\u{13441}'..='\u{13442}' | '\u{1d159}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_sees_is_invisible() {
        let hidden = concat!(
            "\u{ad}\u{61c}\u{115f}\u{180e}\u{200b}\u{200d}\u{202e}\u{2060}\u{2066}",
            "\u{2800}\u{3164}\u{fe0f}\u{feff}\u{ffa0}\u{fff9}\u{1d173}\u{e0041}\u{e0100}",
        );
        for c in hidden.chars() {
            assert!(is_invisible(c), "{c:?}");
        }
    }

    #[test]
    fn letters_marks_digits_and_emoji_are_visible() {
        for c in ['a', 'é', '\u{301}', '7', '_', '/', '日', '한', '🦀', '\u{1f3fd}'] {
            assert!(!is_invisible(c), "{c:?}");
            assert!(!is_unknown(c), "{c:?}");
        }
    }

    #[test]
    fn nothing_in_ascii_has_to_be_looked_up() {
        for c in '\0'..='\u{7f}' {
            assert!(!hides(c), "{c:?}");
            assert!(
                !matches!(c.general_category(), GeneralCategory::Unassigned | GeneralCategory::PrivateUse),
                "{c:?}"
            );
        }
    }

    #[test]
    fn unassigned_and_private_code_points_are_unknown() {
        for c in ['\u{378}', '\u{e000}', '\u{fdd0}', '\u{ffff}', '\u{f0000}', '\u{10ffff}'] {
            assert!(is_unknown(c), "{c:?}");
        }
    }
}
