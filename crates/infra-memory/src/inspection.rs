//! Nothing is counted twice in memory, so no counts can differ.

use std::collections::BTreeSet;

use async_trait::async_trait;
use domain::ports::{CountDifference, LooseEnd, StorageDescription, StorageError, StorageInspection};
use domain::values::UserUuid;
use uuid::Uuid;

use crate::MemoryStorage;

#[async_trait]
impl StorageInspection for MemoryStorage {
    async fn describe(&self) -> Result<StorageDescription, StorageError> {
        Ok(StorageDescription { version: "memory".to_owned(), now: None, settings: Vec::new() })
    }

    async fn count_differences(&self) -> Result<Vec<CountDifference>, StorageError> {
        Ok(Vec::new())
    }

    async fn mend_counts(&self, _: i64) -> Result<Vec<CountDifference>, StorageError> {
        Ok(Vec::new())
    }

    async fn missing_guards(&self) -> Result<Vec<String>, StorageError> {
        Ok(Vec::new())
    }

    async fn mend_guards(&self) -> Result<Vec<String>, StorageError> {
        Ok(Vec::new())
    }

    async fn missing_protections(&self) -> Result<Vec<String>, StorageError> {
        Ok(Vec::new())
    }

    async fn loose_ends(&self) -> Result<Vec<(LooseEnd, u64)>, StorageError> {
        let tables = self.committed.tables();
        let users: BTreeSet<_> = tables.users.values().map(|row| row.user.uuid()).collect();
        let service = UserUuid::new(Uuid::nil());
        let keys = tables.subject_keys.keys().filter(|owner| **owner != service && !users.contains(owner)).count();
        let sessions = tables.sessions.values().filter(|session| !users.contains(&session.record().user)).count();
        let keyless = users.iter().filter(|user| !tables.subject_keys.contains_key(user)).count();
        let found = [
            (LooseEnd::UserWithoutKey, keyless as u64),
            (LooseEnd::KeyWithoutUser, keys as u64),
            (LooseEnd::SessionWithoutUser, sessions as u64),
        ];
        Ok(found.into_iter().filter(|(_, count)| *count > 0).collect())
    }
}
