//! Fingerprints of keys, which are as old as the process: no other one has been here before.

use std::sync::PoisonError;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::ports::{KeyFingerprints, StorageError};
use domain::values::Digest;

use crate::MemoryStorage;

#[async_trait]
impl KeyFingerprints for MemoryStorage {
    async fn kept(&self, key: &str) -> Result<Option<Digest>, StorageError> {
        Ok(self.fingerprints.lock().unwrap_or_else(PoisonError::into_inner).get(key).copied())
    }

    async fn keep(&self, key: &str, fingerprint: Digest, _: DateTime<Utc>) -> Result<Digest, StorageError> {
        let mut fingerprints = self.fingerprints.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(*fingerprints.entry(key.to_owned()).or_insert(fingerprint))
    }

    async fn replace(
        &self,
        key: &str,
        from: Digest,
        to: Digest,
        _: DateTime<Utc>,
    ) -> Result<Option<Digest>, StorageError> {
        let mut fingerprints = self.fingerprints.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(fingerprints.get_mut(key).map(|kept| {
            if *kept == from {
                *kept = to;
            }
            *kept
        }))
    }
}
