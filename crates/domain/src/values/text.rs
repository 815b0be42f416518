//! Text as it is compared, searched and sorted: folded forms and prefixes as ranges.

use caseless::Caseless;
use unicode_normalization::UnicodeNormalization;

/// The folded form of `text`: what is left when case, width and composition do not count.
///
/// It is the form of Unicode's compatibility caseless matching (The Unicode Standard, 3.13, D146), composed again. Two
/// texts that differ only in case, width or composition have the same one, and folding it again changes nothing.
///
/// ```
/// assert_eq!(domain::values::fold("ＳＴＲＡＳＳＥ"), domain::values::fold("Straße"));
/// ```
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    // The first NFD is for U+0345, which folds to a letter and would else be caught behind other marks. The second
    // folding is for capitals that only the first compatibility decomposition brings to light, such as those of `℡`.
    text.chars().nfd().default_case_fold().nfkd().default_case_fold().nfkc().collect()
}

/// The strings that begin with a prefix, as a half-open range in binary order, so that an index can find them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrefixRange {
    /// The first string of the range: the prefix itself.
    pub from: String,
    /// The first string behind the range; `None` if the range goes to the end.
    pub until: Option<String>,
}

impl PrefixRange {
    /// The range `[from, until)` that holds exactly the strings that begin with `folded_prefix`, in the byte order of
    /// UTF-8, which is the order of code points.
    pub fn of(folded_prefix: &str) -> Self {
        Self { from: folded_prefix.to_owned(), until: first_behind(folded_prefix) }
    }
}

fn first_behind(prefix: &str) -> Option<String> {
    let mut rest = prefix.to_owned();
    while let Some(last) = rest.pop() {
        if let Some(next) = successor(last) {
            rest.push(next);
            return Some(rest);
        }
    }
    None
}

fn successor(c: char) -> Option<char> {
    // A range of `char` steps over the surrogates.
    (c..=char::MAX).nth(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_ignores_case_width_and_composition() {
        assert_eq!(fold("ÄNN"), "änn");
        assert_eq!(fold("A\u{308}nn"), "änn");
        assert_eq!(fold("ａｎｎ"), "ann");
        assert_eq!(fold("℡"), "tel");
        assert_eq!(fold("ΑΣ"), fold("ας"));
    }

    #[test]
    fn folding_any_folded_character_changes_nothing() {
        // Beyond these planes only the compatibility ideographs are mapped to anything.
        for c in ('\0'..='\u{1ffff}').chain('\u{2f800}'..='\u{2fa1f}') {
            let folded = fold(c.encode_utf8(&mut [0; 4]));
            assert_eq!(fold(&folded), folded, "{c:?}");
        }
    }

    #[test]
    fn a_prefix_ends_before_its_successor() {
        assert_eq!(PrefixRange::of("ab"), PrefixRange { from: "ab".into(), until: Some("ac".into()) });
    }

    #[test]
    fn the_successor_steps_over_the_surrogates() {
        assert_eq!(PrefixRange::of("a\u{d7ff}").until.as_deref(), Some("a\u{e000}"));
    }

    #[test]
    fn the_last_character_carries_over() {
        assert_eq!(PrefixRange::of("a\u{10ffff}").until.as_deref(), Some("b"));
    }

    #[test]
    fn nothing_is_behind_the_empty_prefix_and_the_last_characters() {
        assert_eq!(PrefixRange::of("").until, None);
        assert_eq!(PrefixRange::of("\u{10ffff}\u{10ffff}").until, None);
    }
}
