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
            Some(Fault::EndsFingerprintsAtZero) => kept.map(|kept| Digest::new(up_to_zero(*kept.bytes()))),
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

    async fn replace(
        &self,
        key: &str,
        from: Digest,
        to: Digest,
        now: DateTime<Utc>,
    ) -> Result<Option<Digest>, StorageError> {
        self.reach().await?;
        match self.fault {
            Some(Fault::ReplacesFingerprints) => {
                self.remembered().fingerprints.insert(key.to_owned(), to);
                Ok(Some(to))
            }
            Some(Fault::LooksBeforeItReplaces) => {
                let kept = self.memory.kept(key).await?;
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
                if kept != Some(from) {
                    return Ok(kept);
                }
                let now_kept = self.memory.keep(key, from, now).await?;
                self.memory.replace(key, now_kept, to, now).await
            }
            _ => self.memory.replace(&name(self.fault, key), from, to, now).await,
        }
    }
}

/// As a text that ends where its first zero is.
pub(crate) fn up_to_zero<const N: usize>(mut bytes: [u8; N]) -> [u8; N] {
    if let Some(end) = bytes.iter().position(|byte| *byte == 0) {
        bytes.iter_mut().skip(end).for_each(|byte| *byte = 0);
    }
    bytes
}
