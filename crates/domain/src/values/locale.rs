//! The language and region that somebody prefers.

use std::iter::Peekable;
use std::str::Split;

use super::limits::check_length;
use super::text_value::text_value;
use crate::violation::Violation;

/// A well-formed language tag (RFC 5646, BCP 47) of at most 35 characters, as typed.
///
/// 35 is what RFC 5646 4.4.1 advises to leave room for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Locale(String);

text_value!(Locale);

impl Locale {
    /// The longest tag, in characters.
    pub const MAX_CHARACTERS: usize = 35;

    /// Reads a tag such as `de`, `pt-BR` or `zh-Hant-TW`.
    ///
    /// # Errors
    ///
    /// `too_long`; `invalid_locale` if it is not well-formed (RFC 5646 2.2.9).
    pub fn parse(text: &str) -> Result<Self, Violation> {
        check_length("A locale", text, 0..=Self::MAX_CHARACTERS)?;
        if !is_well_formed(text) {
            return Err(Violation::new("invalid_locale", "A locale is a language tag such as en, pt-BR or zh-Hant-TW"));
        }
        Ok(Self(text.to_owned()))
    }
}

/// The registered tags that the grammar does not cover (RFC 5646 2.1, `irregular`).
const IRREGULAR: [&str; 17] = [
    "en-GB-oed",
    "i-ami",
    "i-bnn",
    "i-default",
    "i-enochian",
    "i-hak",
    "i-klingon",
    "i-lux",
    "i-mingo",
    "i-navajo",
    "i-pwn",
    "i-tao",
    "i-tay",
    "i-tsu",
    "sgn-BE-FR",
    "sgn-BE-NL",
    "sgn-CH-DE",
];

type Subtags<'a> = Peekable<Split<'a, char>>;

fn is_well_formed(tag: &str) -> bool {
    if IRREGULAR.iter().any(|irregular| irregular.eq_ignore_ascii_case(tag)) {
        return true;
    }
    let mut rest = tag.split('-').peekable();
    let body_fits = rest.peek().is_some_and(|subtag| is_x(subtag)) || takes_language(&mut rest);
    body_fits && takes_extensions(&mut rest) && takes_private_use(&mut rest) && rest.next().is_none()
}

/// `language ["-" script] ["-" region] *("-" variant)`
fn takes_language(rest: &mut Subtags<'_>) -> bool {
    let Some(language) = rest.next_if(|subtag| is_alpha(subtag, 2, 8)) else {
        return false;
    };
    if language.len() <= 3 {
        for _ in 0..3 {
            rest.next_if(|subtag| is_alpha(subtag, 3, 3));
        }
    }
    rest.next_if(|subtag| is_alpha(subtag, 4, 4));
    rest.next_if(|subtag| is_alpha(subtag, 2, 2) || is_digits(subtag, 3));
    while rest.next_if(|subtag| is_variant(subtag)).is_some() {}
    true
}

/// `*("-" singleton 1*("-" (2*8alphanum)))`
fn takes_extensions(rest: &mut Subtags<'_>) -> bool {
    while rest.next_if(|subtag| is_alphanumeric(subtag, 1, 1) && !is_x(subtag)).is_some() {
        if !takes_some(rest, 2) {
            return false;
        }
    }
    true
}

/// `["-" "x" 1*("-" (1*8alphanum))]`
fn takes_private_use(rest: &mut Subtags<'_>) -> bool {
    rest.next_if(|subtag| is_x(subtag)).is_none() || takes_some(rest, 1)
}

fn takes_some(rest: &mut Subtags<'_>, shortest: usize) -> bool {
    let mut any = false;
    while rest.next_if(|subtag| is_alphanumeric(subtag, shortest, 8)).is_some() {
        any = true;
    }
    any
}

fn is_x(subtag: &str) -> bool {
    subtag.eq_ignore_ascii_case("x")
}

fn is_variant(subtag: &str) -> bool {
    is_alphanumeric(subtag, 5, 8) || is_alphanumeric(subtag, 4, 4) && subtag.starts_with(|c: char| c.is_ascii_digit())
}

fn is_alpha(subtag: &str, shortest: usize, longest: usize) -> bool {
    (shortest..=longest).contains(&subtag.len()) && subtag.bytes().all(|byte| byte.is_ascii_alphabetic())
}

fn is_digits(subtag: &str, length: usize) -> bool {
    subtag.len() == length && subtag.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_alphanumeric(subtag: &str, shortest: usize, longest: usize) -> bool {
    (shortest..=longest).contains(&subtag.len()) && subtag.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("de")]
    #[case("EN-us")]
    #[case("zh-Hant-TW")]
    #[case("sr-Latn-RS")]
    #[case("es-419")]
    #[case("sl-rozaj-biske-1994")]
    #[case("de-CH-1901")]
    #[case("zh-cmn-Hans-CN")]
    #[case("zh-min-nan")]
    #[case("art-lojban")]
    #[case("de-DE-u-co-phonebk")]
    #[case("en-a-myext-b-another")]
    #[case("en-x-us")]
    #[case("x-whatever")]
    #[case("X-a")]
    #[case("i-KLINGON")]
    #[case("en-GB-oed")]
    #[case("abcde-Latn")]
    fn a_well_formed_tag_is_kept_as_typed(#[case] text: &str) {
        assert_eq!(Locale::parse(text).unwrap().as_str(), text);
    }

    #[rstest]
    #[case("")]
    #[case("e")]
    #[case("x")]
    #[case("x-")]
    #[case("en-")]
    #[case("-en")]
    #[case("en--US")]
    #[case("en_US")]
    #[case("en US")]
    #[case("en\0")]
    #[case("419")]
    #[case("en-x")]
    #[case("en-u")]
    #[case("en-u-x-y")]
    #[case("en-US-GB")]
    #[case("en-Latn-Cyrl")]
    #[case("abcd-ext")]
    #[case("abcdefghi")]
    #[case("en-abcdefghi")]
    #[case("x-abcdefghi")]
    #[case("i-unknown")]
    #[case("dé")]
    #[case("de-１９９６")]
    fn other_texts_are_no_locale(#[case] text: &str) {
        assert_eq!(Locale::parse(text).unwrap_err().code(), "invalid_locale");
    }

    #[test]
    fn thirty_five_characters_are_the_most() {
        assert!(Locale::parse("en-x-abcdefgh-abcdefgh-abcdefgh-abc").is_ok());
        assert_eq!(Locale::parse("en-x-abcdefgh-abcdefgh-abcdefgh-abcd").unwrap_err().code(), "too_long");
    }
}
