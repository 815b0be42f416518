//! What a search looks for.

use crate::values::fold;

/// A text that the username, email, shown full name or last name must have, in folded form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Search {
    /// One of them begins with it.
    Beginning(String),
    /// It stands anywhere in one of them.
    Within(String),
}

impl Search {
    /// The search that somebody typed: `*text*` looks inside, anything else at the beginning.
    ///
    /// Everything between the first star and the last, and everything in a text that lacks one of these two, means itself.
    /// Nothing typed, or nothing but the two stars, is no search.
    ///
    /// ```
    /// use domain::query::Search;
    ///
    /// assert_eq!(Search::parse("Smi"), Some(Search::Beginning("smi".to_owned())));
    /// assert_eq!(Search::parse("*SMITH*"), Some(Search::Within("smith".to_owned())));
    /// assert_eq!(Search::parse("*smith"), Some(Search::Beginning("*smith".to_owned())));
    /// assert_eq!(Search::parse("**"), None);
    /// ```
    pub fn parse(typed: &str) -> Option<Self> {
        let inside = typed.strip_prefix('*').and_then(|rest| rest.strip_suffix('*'));
        match inside {
            Some(text) => (!text.is_empty()).then(|| Self::Within(fold(text))),
            None => (!typed.is_empty()).then(|| Self::Beginning(fold(typed))),
        }
    }

    /// Whether a folded text is found by it.
    pub fn finds(&self, folded: &str) -> bool {
        match self {
            Self::Beginning(text) => folded.starts_with(text),
            Self::Within(text) => folded.contains(text),
        }
    }

    /// Writes the search such that two different ones never have the same bytes.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let (kind, text) = match self {
            Self::Beginning(text) => (b'^', text),
            Self::Within(text) => (b'*', text),
        };
        [&[kind], text.as_bytes()].concat()
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::stars_in_between("*a*b*", Some(Search::Within("a*b".into())))]
    #[case::a_star_alone("*", Some(Search::Beginning("*".into())))]
    #[case::three_stars("***", Some(Search::Within("*".into())))]
    #[case::a_star_in_the_middle("smi*th", Some(Search::Beginning("smi*th".into())))]
    #[case::a_star_behind("smith*", Some(Search::Beginning("smith*".into())))]
    #[case::a_wide_star("＊smith＊", Some(Search::Beginning("*smith*".into())))]
    #[case::blanks("* *", Some(Search::Within(" ".into())))]
    #[case::nothing("", None)]
    fn only_a_star_at_both_ends_looks_inside(#[case] typed: &str, #[case] expected: Option<Search>) {
        assert_eq!(Search::parse(typed), expected);
    }

    #[test]
    fn the_beginning_is_also_inside_and_not_the_other_way_round() {
        assert!(Search::Beginning("smi".into()).finds("smith"));
        assert!(Search::Within("smi".into()).finds("smith"));
        assert!(Search::Within("mit".into()).finds("smith"));
        assert!(!Search::Beginning("mit".into()).finds("smith"));
        assert!(!Search::Within("smit h".into()).finds("smith"));
    }
}
