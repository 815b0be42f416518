//! The port [`SubjectSealer`] with XChaCha20-Poly1305: people's keys, wrapped by the encryption key, and what is sealed
//! with them.

use std::fmt;

use domain::ports::{SubjectKey, SubjectSealer, WrappedKey};
use domain::values::UserUuid;
use zeroize::Zeroizing;

use crate::encryption_key::EncryptionKey;
use crate::sealing::{Sealing, random};

/// Databases keep what was wrapped for this purpose: it must never change.
const PURPOSE: &str = "usermgmt subject key v1";

/// Makes people's keys and wraps them under a key derived from the encryption key. A wrapped key is bound to its person:
/// in another's place it does not open.
pub struct XChaChaSubjectSealer {
    current: Wrapping,
    previous: Vec<Wrapping>,
}

/// One of the service's keys, as it is used here.
struct Wrapping {
    key_id: String,
    sealing: Sealing,
}

impl XChaChaSubjectSealer {
    /// Wraps with `key`.
    pub fn new(key: &EncryptionKey) -> Self {
        Self { current: Wrapping::of(key), previous: Vec::new() }
    }

    /// The same, unwrapping also what another key has wrapped.
    #[must_use]
    pub fn knowing(mut self, other: &EncryptionKey) -> Self {
        self.previous.push(Wrapping::of(other));
        self
    }

    fn knows(&self, key_id: &str) -> Option<&Wrapping> {
        std::iter::once(&self.current).chain(&self.previous).find(|wrapping| wrapping.key_id == key_id)
    }
}

impl Wrapping {
    fn of(key: &EncryptionKey) -> Self {
        Self { key_id: key.id(), sealing: Sealing::new(&key.derive(PURPOSE)) }
    }

    fn wrap(&self, subject: UserUuid, key: &[u8; 32]) -> WrappedKey {
        WrappedKey { key_id: self.key_id.clone(), bytes: self.sealing.seal(key, subject.get().as_bytes()) }
    }
}

impl SubjectSealer for XChaChaSubjectSealer {
    fn new_key(&self, subject: UserUuid) -> (SubjectKey, WrappedKey) {
        let key = random();
        (SubjectKey::new(*key), self.current.wrap(subject, &key))
    }

    fn unwrap(&self, subject: UserUuid, wrapped: &WrappedKey) -> Option<SubjectKey> {
        let wrapping = self.knows(&wrapped.key_id)?;
        let bytes = Zeroizing::new(wrapping.sealing.open(&wrapped.bytes, subject.get().as_bytes())?);
        Some(SubjectKey::new(bytes.as_slice().try_into().ok()?))
    }

    fn rewrap(&self, subject: UserUuid, wrapped: &WrappedKey) -> Option<WrappedKey> {
        if self.is_current(wrapped) {
            return None;
        }
        Some(self.current.wrap(subject, self.unwrap(subject, wrapped)?.expose()))
    }

    fn key_id(&self) -> String {
        self.current.key_id.clone()
    }

    fn is_current(&self, wrapped: &WrappedKey) -> bool {
        wrapped.key_id == self.current.key_id
    }

    fn seal(&self, key: &SubjectKey, plain: &[u8], bound_to: &[u8]) -> String {
        Sealing::new(key.expose()).seal_text(plain, bound_to)
    }

    fn open(&self, key: &SubjectKey, sealed: &str, bound_to: &[u8]) -> Option<Vec<u8>> {
        Sealing::new(key.expose()).open_text(sealed, bound_to)
    }
}

impl fmt::Debug for XChaChaSubjectSealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("XChaChaSubjectSealer").field("key_id", &self.current.key_id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use uuid::Uuid;

    use super::*;

    fn key(byte: u8) -> EncryptionKey {
        EncryptionKey::new([byte; 32])
    }

    fn sealer(byte: u8) -> XChaChaSubjectSealer {
        XChaChaSubjectSealer::new(&key(byte))
    }

    fn person(number: u128) -> UserUuid {
        UserUuid::new(Uuid::from_u128(number))
    }

    #[test]
    fn each_new_key_is_another_and_does_not_show_in_what_is_stored() {
        let sealer = sealer(1);
        let made: Vec<_> = (0..1000).map(|_| sealer.new_key(person(1))).collect();
        let keys: HashSet<_> = made.iter().map(|(key, _)| *key.expose()).collect();
        assert_eq!(keys.len(), 1000);
        assert!(made.iter().all(|(key, wrapped)| !wrapped.bytes.windows(8).any(|part| part == &key.expose()[..8])));
    }

    #[test]
    fn a_wrapped_key_fits_its_column_and_names_the_key_that_wraps_it() {
        let (_, wrapped) = sealer(1).new_key(person(1));
        assert_eq!(wrapped.bytes.len(), 72);
        assert_eq!(wrapped.key_id, key(1).fingerprint().to_hex()[..16]);
        assert_eq!(wrapped.key_id, sealer(1).key_id());
    }

    #[test]
    fn a_wrapped_key_opens_for_its_person_with_the_key_that_wrapped_it() {
        let (made, wrapped) = sealer(1).new_key(person(1));

        assert_eq!(sealer(1).unwrap(person(1), &wrapped).unwrap().expose(), made.expose());
        assert!(sealer(1).unwrap(person(2), &wrapped).is_none());
        assert!(sealer(2).unwrap(person(1), &wrapped).is_none());
        let renamed = WrappedKey { key_id: key(2).id(), ..wrapped };
        assert!(sealer(2).unwrap(person(1), &renamed).is_none());
    }

    #[test]
    fn what_is_no_wrapped_key_does_not_open() {
        let sealer = sealer(1);
        let (_, wrapped) = sealer.new_key(person(1));
        let with = |bytes: Vec<u8>| WrappedKey { key_id: sealer.key_id(), bytes };
        let mut changed = wrapped.bytes.clone();
        changed[30] ^= 1;
        for bytes in [vec![], vec![0; 24], wrapped.bytes[..71].to_vec(), changed] {
            assert!(sealer.unwrap(person(1), &with(bytes)).is_none());
        }
        let short = with(sealer.current.sealing.seal(&[1; 31], person(1).get().as_bytes()));
        assert!(sealer.unwrap(person(1), &short).is_none(), "31 bytes are no key");
    }

    #[test]
    fn keys_of_earlier_encryption_keys_open_and_are_wrapped_anew() {
        let (first, wrapped_by_1) = sealer(1).new_key(person(1));
        let (second, wrapped_by_2) = sealer(2).new_key(person(1));
        let now = sealer(3).knowing(&key(2)).knowing(&key(1));

        for (made, wrapped) in [(first, wrapped_by_1), (second, wrapped_by_2)] {
            assert!(!now.is_current(&wrapped));
            assert_eq!(now.unwrap(person(1), &wrapped).unwrap().expose(), made.expose());
            let rewrapped = now.rewrap(person(1), &wrapped).unwrap();
            assert!(now.is_current(&rewrapped));
            assert_eq!(sealer(3).unwrap(person(1), &rewrapped).unwrap().expose(), made.expose());
        }
    }

    #[test]
    fn nothing_is_wrapped_anew_that_is_current_or_does_not_open() {
        let (_, wrapped) = sealer(1).new_key(person(1));
        assert_eq!(sealer(1).rewrap(person(1), &wrapped), None);
        assert_eq!(sealer(2).rewrap(person(1), &wrapped), None);
        assert_eq!(sealer(2).knowing(&key(1)).rewrap(person(2), &wrapped), None);
    }

    #[test]
    fn a_value_opens_with_its_key_and_what_it_was_bound_to_under_any_encryption_key() {
        let [ann, bob] = [1, 2].map(|number| sealer(1).new_key(person(number)).0);
        let sealed = sealer(1).seal(&ann, b"Ann", b"event 1");

        assert_eq!(sealer(2).open(&ann, &sealed, b"event 1").as_deref(), Some(&b"Ann"[..]));
        assert_eq!(sealer(1).open(&bob, &sealed, b"event 1"), None);
        assert_eq!(sealer(1).open(&ann, &sealed, b"event 2"), None);
        assert_ne!(sealer(1).seal(&ann, b"Ann", b"event 1"), sealed, "equal values cannot be told from others");
        assert!(sealed.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'));
    }

    #[test]
    fn debug_does_not_show_the_key() {
        let shown = format!("{:?}", sealer(1));
        assert_eq!(shown, format!("XChaChaSubjectSealer {{ key_id: {:?}, .. }}", key(1).id()));
    }
}
