//! Events as they are stored: personal values sealed, the rest in the clear.

use std::borrow::Cow;
use std::fmt;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::values::{Digest, UserUuid};

/// Whose key a value is sealed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyHolder {
    /// The person whom the value describes.
    Person,
    /// The service itself, because the value describes nobody known.
    Service,
}

impl KeyHolder {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Person => "p1.",
            Self::Service => "s1.",
        }
    }
}

/// A sealed value as text: a mark of whose key opens it, then base64url of nonce and ciphertext.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedText(String);

impl SealedText {
    /// Marks what was just sealed.
    pub fn new(holder: KeyHolder, sealed: &str) -> Self {
        Self(format!("{}{sealed}", holder.prefix()))
    }

    /// Takes what is stored.
    pub const fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The whole text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whose key opens it, and what is to be opened; `None` if it was not made here.
    pub fn parts(&self) -> Option<(KeyHolder, &str)> {
        [KeyHolder::Person, KeyHolder::Service]
            .into_iter()
            .find_map(|holder| Some((holder, self.0.strip_prefix(holder.prefix())?)))
    }
}

impl fmt::Debug for SealedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealedText(..)")
    }
}

/// An event of the audit trail as it is stored. It never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedEvent {
    /// The event's own id.
    pub id: Uuid,
    /// When it happened.
    pub recorded_at: DateTime<Utc>,
    /// What happened, such as `user.created`.
    pub action: Cow<'static, str>,
    /// The kind of actor: `user`, `anonymous` or `system`.
    pub actor_type: Cow<'static, str>,
    /// The user who did it, if it was one.
    pub actor_id: Option<UserUuid>,
    /// The kind of target: `user`, `session` or `name`.
    pub target_type: Cow<'static, str>,
    /// The target's id.
    pub target_id: Uuid,
    /// The person it is about, if it is a known one.
    pub subject: Option<UserUuid>,
    /// The names of the fields that changed, joined by commas.
    pub fields: String,
    /// Who did it and from where, sealed: see [`SealedEvent::origin_person`].
    pub origin: Option<SealedText>,
    /// What changed, sealed: for the subject, if there is one.
    pub changes: Option<SealedText>,
    /// The request's id.
    pub request_id: Option<String>,
    /// The session that was used.
    pub session_id: Option<Uuid>,
    /// Shows that the service wrote it: a code over everything above that nobody can make without the key.
    pub mac: Digest,
}

impl SealedEvent {
    /// Whose key the origin was sealed with, where it was a person's: the user's who acted, else the subject's.
    pub fn origin_person(&self) -> Option<UserUuid> {
        self.actor_id.or(self.subject)
    }
}

/// An event, and its place in the chain once it has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// The event.
    pub event: SealedEvent,
    /// Where it stands; events get their places within a second.
    pub place: Option<Place>,
}

/// A place in the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Dense, from 1.
    pub position: i64,
    /// The hash of everything up to here.
    pub hash: Digest,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_text_says_whose_key_opens_it() {
        for holder in [KeyHolder::Person, KeyHolder::Service] {
            let sealed = SealedText::new(holder, "abc");
            assert_eq!(SealedText::from_stored(sealed.as_str().to_owned()).parts(), Some((holder, "abc")));
        }
        assert_eq!(SealedText::from_stored("x1.abc".to_owned()).parts(), None);
    }
}
