//! People's keys with a fault.

use std::time::Duration;

use async_trait::async_trait;
use domain::ports::{Storage, StorageError, SubjectKeyRepository, WrappedKey};
use domain::values::UserUuid;

use crate::broken::Broken;
use crate::fault::Fault;
use crate::unit::{BrokenUnit, within};

impl Broken {
    /// The keys that were found, and those that a fault makes up.
    pub(crate) fn with_keys_made_up(
        &self,
        subjects: &[UserUuid],
        mut found: Vec<(UserUuid, WrappedKey)>,
    ) -> Vec<(UserUuid, WrappedKey)> {
        if self.has(Fault::MakesKeysUp) {
            let missing = subjects.iter().filter(|subject| !found.iter().any(|(has_one, _)| has_one == *subject));
            let made_up = |subject: &UserUuid| (*subject, WrappedKey { key_id: String::new(), bytes: vec![0; 72] });
            let made_up: Vec<_> = missing.map(made_up).collect();
            found.extend(made_up);
        }
        found
    }
}

#[async_trait]
impl SubjectKeyRepository for BrokenUnit {
    async fn find(&mut self, subjects: &[UserUuid]) -> Result<Vec<(UserUuid, WrappedKey)>, StorageError> {
        let found = within!(self, |unit| unit.subject_keys().find(subjects))?;
        Ok(self.storage.with_keys_made_up(subjects, found))
    }

    async fn insert(&mut self, keys: &[(UserUuid, WrappedKey)]) -> Result<(), StorageError> {
        let mut keys = keys.to_vec();
        match self.storage.fault {
            Some(Fault::CutsLongBatches) => keys.truncate(100),
            Some(Fault::CutsLongTexts) => keys.iter_mut().for_each(|(_, key)| key.bytes.truncate(60)),
            Some(Fault::ReplacesKeys) => {
                // Time for others to find none.
                tokio::time::sleep(Duration::from_millis(3)).await;
                for (subject, key) in &keys {
                    let subjects = [*subject];
                    let found: Vec<_> = within!(self, |unit| unit.subject_keys().find(&subjects))?;
                    for (_, stored) in found {
                        within!(self, |unit| unit.subject_keys().rewrap(*subject, &stored, key))?;
                    }
                }
                let subjects: Vec<_> = keys.iter().map(|(subject, _)| *subject).collect();
                let found: Vec<_> = within!(self, |unit| unit.subject_keys().find(&subjects))?;
                keys.retain(|(subject, _)| !found.iter().any(|(has_one, _)| has_one == subject));
            }
            _ => {}
        }
        let inserted = within!(self, |unit| unit.subject_keys().insert(&keys));
        self.failed |= inserted.is_err();
        inserted
    }

    async fn find_wrapped_otherwise(
        &mut self,
        key_id: &str,
        after: Option<UserUuid>,
        limit: u32,
    ) -> Result<Vec<(UserUuid, WrappedKey)>, StorageError> {
        let key_id = if self.has(Fault::FindsEveryKey) { "" } else { key_id };
        within!(self, |unit| unit.subject_keys().find_wrapped_otherwise(key_id, after, limit))
    }

    async fn rewrap(&mut self, subject: UserUuid, from: &WrappedKey, to: &WrappedKey) -> Result<(), StorageError> {
        let subjects = [subject];
        let stored: Vec<_> = within!(self, |unit| unit.subject_keys().find(&subjects))?;
        let from = match stored.first() {
            Some((_, stored)) if self.has(Fault::RewrapsAnyKey) => stored,
            _ => from,
        };
        within!(self, |unit| unit.subject_keys().rewrap(subject, from, to))
    }
}
