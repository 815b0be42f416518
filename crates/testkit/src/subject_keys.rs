//! People's keys and sealed values that a person can read.

use std::sync::atomic::{AtomicU64, Ordering};

use domain::ports::{SubjectKey, SubjectSealer, WrappedKey};
use domain::values::UserUuid;

use crate::hex::{hex, unhex};
use crate::mixing::mixed;

/// Writes what it seals as hexadecimal digits: bound to the person's key as promised, but neither secret nor safe from
/// forgery.
#[derive(Debug)]
pub struct PlainSubjectKeys {
    last: AtomicU64,
    current: &'static str,
    previous: Vec<&'static str>,
}

impl PlainSubjectKeys {
    /// The service's first key.
    pub fn new() -> Self {
        Self { last: AtomicU64::new(0), current: "key-1", previous: Vec::new() }
    }

    /// The service has another key now, and still opens what the former ones wrapped. Other people's keys are made than
    /// before.
    #[must_use]
    pub fn replacing(mut self, key_id: &'static str) -> Self {
        self.previous.push(self.current);
        self.current = key_id;
        self
    }

    /// The service has only this key, and never had another.
    pub fn with_only(key_id: &'static str) -> Self {
        Self { last: AtomicU64::new(0), current: key_id, previous: Vec::new() }
    }

    fn wrap(&self, subject: UserUuid, key: &SubjectKey) -> WrappedKey {
        let bytes = [subject.get().as_bytes().as_slice(), key.expose()].concat();
        WrappedKey { key_id: self.current.to_owned(), bytes }
    }
}

impl Default for PlainSubjectKeys {
    fn default() -> Self {
        Self::new()
    }
}

impl SubjectSealer for PlainSubjectKeys {
    fn new_key(&self, subject: UserUuid) -> (SubjectKey, WrappedKey) {
        let number = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        let bytes = mixed(&[self.current.as_bytes(), subject.get().as_bytes(), &number.to_be_bytes()]);
        let key = SubjectKey::new(bytes);
        let wrapped = self.wrap(subject, &key);
        (key, wrapped)
    }

    fn unwrap(&self, subject: UserUuid, wrapped: &WrappedKey) -> Option<SubjectKey> {
        if !self.is_current(wrapped) && !self.previous.contains(&wrapped.key_id.as_str()) {
            return None;
        }
        let key = wrapped.bytes.strip_prefix(subject.get().as_bytes())?;
        Some(SubjectKey::new(key.try_into().ok()?))
    }

    fn rewrap(&self, subject: UserUuid, wrapped: &WrappedKey) -> Option<WrappedKey> {
        if self.is_current(wrapped) {
            return None;
        }
        Some(self.wrap(subject, &self.unwrap(subject, wrapped)?))
    }

    fn key_id(&self) -> String {
        self.current.to_owned()
    }

    fn is_current(&self, wrapped: &WrappedKey) -> bool {
        wrapped.key_id == self.current
    }

    fn seal(&self, key: &SubjectKey, plain: &[u8], bound_to: &[u8]) -> String {
        format!("{}-{}-{}", hex(plain), hex(bound_to), hex(key.expose()))
    }

    fn open(&self, key: &SubjectKey, sealed: &str, bound_to: &[u8]) -> Option<Vec<u8>> {
        let plain = sealed.strip_suffix(&format!("-{}-{}", hex(bound_to), hex(key.expose())))?;
        unhex(plain)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn people() -> [UserUuid; 2] {
        [Uuid::from_u128(1), Uuid::from_u128(2)].map(UserUuid::new)
    }

    #[test]
    fn each_new_key_is_another_also_of_one_person() {
        let (keys, [ann, bob]) = (PlainSubjectKeys::new(), people());
        let made = [keys.new_key(ann), keys.new_key(ann), keys.new_key(bob)].map(|(key, _)| *key.expose());
        assert!(made[0] != made[1] && made[1] != made[2] && made[0] != made[2]);
    }

    #[test]
    fn a_key_is_unwrapped_for_its_person_by_a_key_that_is_known() {
        let (keys, [ann, bob]) = (PlainSubjectKeys::new(), people());
        let (key, wrapped) = keys.new_key(ann);
        assert_eq!(keys.unwrap(ann, &wrapped).unwrap().expose(), key.expose());
        assert!(keys.unwrap(bob, &wrapped).is_none());
        assert!(PlainSubjectKeys::with_only("key-2").unwrap(ann, &wrapped).is_none());
        assert!(keys.replacing("key-2").unwrap(ann, &wrapped).is_some());
    }

    #[test]
    fn a_rewrapped_key_is_the_same_key() {
        let (keys, [ann, _]) = (PlainSubjectKeys::new(), people());
        let (key, wrapped) = keys.new_key(ann);
        assert_eq!(keys.rewrap(ann, &wrapped), None);

        let keys = keys.replacing("key-2");
        let rewrapped = keys.rewrap(ann, &wrapped).unwrap();
        assert!(keys.is_current(&rewrapped) && !keys.is_current(&wrapped));
        let alone = PlainSubjectKeys::with_only("key-2");
        assert_eq!(alone.unwrap(ann, &rewrapped).unwrap().expose(), key.expose());
    }

    #[test]
    fn a_value_opens_with_its_key_and_what_it_was_bound_to() {
        let (keys, [ann, bob]) = (PlainSubjectKeys::new(), people());
        let (key, other) = (keys.new_key(ann).0, keys.new_key(bob).0);
        let sealed = keys.seal(&key, b"Ann", b"event");
        assert_eq!(keys.open(&key, &sealed, b"event").as_deref(), Some(&b"Ann"[..]));
        assert_eq!(keys.open(&other, &sealed, b"event"), None);
        assert_eq!(keys.open(&key, &sealed, b"another"), None);
        assert_eq!(keys.open(&key, "Ann", b"event"), None);
    }
}
