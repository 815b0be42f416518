//! Mail addresses, as browsers accept them.

use std::borrow::Cow;

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};

use super::characters::is_invisible;
use super::text_value::text_value;
use crate::violation::Violation;

/// An address that `<input type=email>` accepts (WHATWG HTML, "valid e-mail address"), with a dot in its domain.
///
/// Kept as typed; two addresses with the same [`key`](Self::key) are one address.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EmailAddress(String);

text_value!(EmailAddress);

impl EmailAddress {
    /// The longest address, in octets (RFC 5321 4.5.3.1.3, without the angle brackets).
    pub const MAX_OCTETS: usize = 254;

    /// Reads an address. An international domain may be typed as such or as A-labels (RFC 5890 2.3.2.1).
    ///
    /// # Errors
    ///
    /// `too_long` as typed or with the domain as A-labels, `invalid_email` for all else.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        check_octets(text.len())?;
        let (local, domain) = text.split_once('@').ok_or_else(invalid)?;
        let domain_is_legible = !domain.chars().any(vanishes_in_a_domain);
        if !is_local_part(local) || !domain_is_legible {
            return Err(invalid());
        }
        let domain = a_labels(domain).ok_or_else(invalid)?;
        if !domain.contains('.') || !domain.split('.').all(is_label) {
            return Err(invalid());
        }
        check_octets(local.len() + 1 + domain.len())?;
        Ok(Self(text.to_owned()))
    }

    /// What the address is compared by: in lower case, with the domain as A-labels.
    ///
    /// The local part counts as one whatever its case: no mail provider tells `Ann@` from `ann@`, and people do not.
    pub fn key(&self) -> String {
        Self::key_of(&self.0)
    }

    /// The key of any text, to look an address up by; text that is no address has a key that no address has, or finds
    /// an address that is written differently.
    pub fn key_of(text: &str) -> String {
        let Some((local, domain)) = text.rsplit_once('@') else {
            return text.to_ascii_lowercase();
        };
        let domain = a_labels(domain).unwrap_or_else(|| Cow::Owned(domain.to_ascii_lowercase()));
        format!("{}@{domain}", local.to_ascii_lowercase())
    }
}

/// The domain in lower case and ASCII (UTS #46 `ToASCII`), or `None` if it has no such form.
fn a_labels(domain: &str) -> Option<Cow<'_, str>> {
    if domain.is_ascii() {
        // Browsers take these as they are, also those with an `xn--` label that decodes to nothing.
        return Some(Cow::Owned(domain.to_ascii_lowercase()));
    }
    Uts46::new().to_ascii(domain.as_bytes(), AsciiDenyList::EMPTY, Hyphens::Allow, DnsLength::Ignore).ok()
}

/// `ToASCII` drops what is invisible, but we keep addresses as typed and must not show one that looks like another.
/// Joiners mean something in some scripts, and `ToASCII` checks where they stand (RFC 5892 A.1, A.2).
fn vanishes_in_a_domain(c: char) -> bool {
    is_invisible(c) && !matches!(c, '\u{200c}' | '\u{200d}')
}

fn is_local_part(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&byte);
    !text.is_empty() && text.bytes().all(is_allowed)
}

fn is_label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

fn check_octets(octets: usize) -> Result<(), Violation> {
    if octets > EmailAddress::MAX_OCTETS {
        return Err(Violation::new("too_long", "An email address has at most 254 octets"));
    }
    Ok(())
}

fn invalid() -> Violation {
    Violation::new("invalid_email", "An email address looks like name@example.org")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn key(text: &str) -> String {
        EmailAddress::parse(text).unwrap().key()
    }

    #[rstest]
    #[case("ann@example.org")]
    #[case("Ann.O'Neil+tag@Mail.Example.ORG")]
    #[case("!#$%&'*+/=?^_`{|}~-@a.b")]
    #[case(".dots..are.fine.@example.org")]
    #[case("ann@bücher.example")]
    #[case("ann@BÜCHER.example")]
    #[case("ann@例え。テスト")]
    #[case("ann@xn--bcher-kva.example")]
    #[case("ann@1.2.3.4")]
    #[case("ann@a-b.c--d.e")]
    #[case::a_joiner_where_the_script_needs_it("ann@نامه\u{200c}ای.example")]
    fn an_address_is_kept_as_typed(#[case] text: &str) {
        assert_eq!(EmailAddress::parse(text).unwrap().as_str(), text);
    }

    #[rstest]
    #[case("")]
    #[case("@")]
    #[case("ann")]
    #[case("ann@localhost")]
    #[case("@example.org")]
    #[case("ann@")]
    #[case("ann@@example.org")]
    #[case("ann@example@example.org")]
    #[case("ann@.example.org")]
    #[case("ann@example..org")]
    #[case("ann@example.org.")]
    #[case("ann@-example.org")]
    #[case("ann@example-.org")]
    #[case("ann@exa_mple.org")]
    #[case("ann@[127.0.0.1]")]
    #[case("\"ann\"@example.org")]
    #[case("Ann <ann@example.org>")]
    #[case(" ann@example.org")]
    #[case("ann@example.org ")]
    #[case("ann@example.org\n")]
    #[case("ann@exam ple.org")]
    #[case("ann@example.org\0")]
    #[case("a\0nn@example.org")]
    #[case("änn@example.org")]
    #[case("ann＠example.org")]
    #[case::a_joiner_where_no_script_needs_it("ann@exam\u{200d}ple.org")]
    #[case("ann@exämple.org\u{3000}")]
    #[case("ann@exam\u{ad}ple.org")]
    #[case("ann@example.org\u{200b}")]
    #[case("ann@exam\u{202e}ple.org")]
    #[case("ann@exämple.xn--a")]
    #[case("ann,bob@example.org")]
    fn other_texts_are_no_address(#[case] text: &str) {
        assert_eq!(EmailAddress::parse(text).unwrap_err().code(), "invalid_email");
    }

    #[rstest]
    #[case("Ann@Example.ORG", "ann@example.org")]
    #[case("ann@BÜCHER.Example", "ann@xn--bcher-kva.example")]
    #[case("ann@bu\u{308}cher.example", "ann@xn--bcher-kva.example")]
    #[case("ann@XN--BCHER-KVA.example", "ann@xn--bcher-kva.example")]
    #[case("ann@ｅｘａｍｐｌｅ．ｏｒｇ", "ann@example.org")]
    #[case("ann@faß.example", "ann@xn--fa-hia.example")]
    fn an_address_is_compared_in_lower_case_and_a_labels(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(key(text), expected);
    }

    #[test]
    fn a_label_has_at_most_63_octets() {
        assert!(EmailAddress::parse(&format!("ann@{}.org", "a".repeat(63))).is_ok());
        assert!(EmailAddress::parse(&format!("ann@{}.org", "a".repeat(64))).is_err());
    }

    #[test]
    fn an_address_has_at_most_254_octets_as_typed_and_as_a_labels() {
        let of = |octets: usize| format!("{}@example.org", "a".repeat(octets - 12));
        assert!(EmailAddress::parse(&of(254)).is_ok());
        assert_eq!(EmailAddress::parse(&of(255)).unwrap_err().code(), "too_long");
        let shrinks = format!("{}@ｅｘａｍｐｌｅ.org", "a".repeat(230));
        assert_eq!(EmailAddress::key_of(&shrinks).len(), 242);
        assert_eq!(EmailAddress::parse(&shrinks).unwrap_err().code(), "too_long");
        let grows = format!("{}@ü.ü.ü.ü.org", "a".repeat(230));
        assert!(grows.len() <= 254);
        assert_eq!(EmailAddress::parse(&grows).unwrap_err().code(), "too_long");
    }

    #[test]
    fn any_text_has_a_key() {
        assert_eq!(EmailAddress::key_of("Ann"), "ann");
        assert_eq!(EmailAddress::key_of("A@B@ü.Example"), "a@b@xn--tda.example");
        assert_eq!(EmailAddress::key_of("ann@Ü\u{202e}"), "ann@Ü\u{202e}");
    }
}
