//! The head of a token: how it was signed, and with which key.

use std::borrow::Cow;

use serde::Deserialize;

/// What a token is (RFC 9068 §2.1).
pub(super) const TYPE: &str = "at+jwt";

/// The members that a token of ours has. One with any other is not ours: `jwk`, `jku`, `x5u` and `x5c` bring a key of
/// the sender's choice, `crit` asks for what we do not know (RFC 7515 §4.1), and a member that stands there twice can
/// be read in two ways.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Header<'a> {
    #[serde(borrow)]
    pub(super) alg: Cow<'a, str>,
    #[serde(borrow)]
    typ: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) kid: Cow<'a, str>,
}

impl Header<'_> {
    /// Whether it is the head of an access token. Media types may be written in capitals and with `application/`
    /// (RFC 7515 §4.1.9).
    pub(super) fn is_of_access_token(&self) -> bool {
        let name = match self.typ.split_once('/') {
            Some((kind, name)) if kind.eq_ignore_ascii_case("application") => name,
            Some(_) => return false,
            None => &self.typ,
        };
        name.eq_ignore_ascii_case(TYPE)
    }
}
