//! People's keys within a unit of work.

use std::ops::Bound;

use async_trait::async_trait;
use domain::ports::{StorageError, StorageFault, SubjectKeyRepository, WrappedKey};
use domain::values::UserUuid;

use crate::tables::Tables;
use crate::unit::MemoryUnit;

impl Tables {
    pub(crate) fn keys_of(&self, subjects: &[UserUuid]) -> Vec<(UserUuid, WrappedKey)> {
        let key = |(subject, key): (&UserUuid, &WrappedKey)| (*subject, key.clone());
        subjects.iter().filter_map(|subject| self.subject_keys.get_key_value(subject)).map(key).collect()
    }
}

#[async_trait]
impl SubjectKeyRepository for MemoryUnit {
    async fn find(&mut self, subjects: &[UserUuid]) -> Result<Vec<(UserUuid, WrappedKey)>, StorageError> {
        Ok(self.read()?.keys_of(subjects))
    }

    async fn insert(&mut self, keys: &[(UserUuid, WrappedKey)]) -> Result<(), StorageError> {
        self.change(|tables| {
            for (subject, key) in keys {
                if tables.subject_keys.insert(*subject, key.clone()).is_some() {
                    return Err(StorageError::new(StorageFault::Retryable, "somebody has a key by now"));
                }
            }
            Ok(())
        })
    }

    async fn find_wrapped_otherwise(
        &mut self,
        key_id: &str,
        after: Option<UserUuid>,
        limit: u32,
    ) -> Result<Vec<(UserUuid, WrappedKey)>, StorageError> {
        let behind = (after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded);
        let otherwise = self.read()?.subject_keys.range(behind).filter(|(_, key)| key.key_id != key_id);
        Ok(otherwise.take(limit as usize).map(|(subject, key)| (*subject, key.clone())).collect())
    }

    async fn rewrap(&mut self, subject: UserUuid, from: &WrappedKey, to: &WrappedKey) -> Result<(), StorageError> {
        self.change(|tables| {
            if let Some(stored) = tables.subject_keys.get_mut(&subject).filter(|stored| *stored == from) {
                *stored = to.clone();
            }
            Ok(())
        })
    }
}
