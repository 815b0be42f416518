//! Fingerprints of keys with a fault.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::ports::{KeyFingerprints, StorageError};
use domain::values::Digest;

use crate::broken::Broken;
use crate::fault::Fault;

/// The names of keys as a fault has them.
fn name(fault: Option<Fault>, key: &str) -> String {
    match fault {
        Some(Fault::KeepsOneFingerprint) => "any".to_owned(),
        Some(Fault::ComparesLikeACollation) => key.trim_end().to_lowercase(),
        _ => key.to_owned(),
    }
}

#[async_trait]
impl KeyFingerprints for Broken {
    async fn kept(&self, key: &str) -> Result<Option<Digest>, StorageError> {
        self.reach().await?;
        if self.has(Fault::ReplacesFingerprints) {
            return Ok(self.remembered().fingerprints.get(key).copied());
        }
        let kept = self.memory.kept(&name(self.fault, key)).await?;
        Ok(match self.fault {
            Some(Fault::MakesFingerprintsUp) => kept.or(Some(Digest::new([0; 32]))),
            Some(Fault::EndsFingerprintsAtZero) => kept.map(up_to_zero),
            _ => kept,
        })
    }

    async fn keep(&self, key: &str, fingerprint: Digest, now: DateTime<Utc>) -> Result<Digest, StorageError> {
        self.reach().await?;
        match self.fault {
            Some(Fault::ReplacesFingerprints) => {
                self.remembered().fingerprints.insert(key.to_owned(), fingerprint);
                Ok(fingerprint)
            }
            Some(Fault::LooksBeforeItKeeps) => {
                let kept = self.kept(key).await?;
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
                self.memory.keep(key, fingerprint, now).await?;
                Ok(kept.unwrap_or(fingerprint))
            }
            _ => self.memory.keep(&name(self.fault, key), fingerprint, now).await,
        }
    }
}

/// As a text that ends where its first zero is.
fn up_to_zero(fingerprint: Digest) -> Digest {
    let mut bytes = *fingerprint.bytes();
    if let Some(end) = bytes.iter().position(|byte| *byte == 0) {
        bytes.iter_mut().skip(end).for_each(|byte| *byte = 0);
    }
    Digest::new(bytes)
}
