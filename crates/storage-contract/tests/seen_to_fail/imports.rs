//! How far imports have come, with a fault.

use async_trait::async_trait;
use chrono::DateTime;
use domain::ports::{ImportProgress, ImportRepository, Storage, StorageError};
use domain::values::Digest;

use crate::fault::Fault;
use crate::unit::{BrokenUnit, within};

impl BrokenUnit {
    /// What is imported, as a fault has it.
    fn source(&self, source: Digest) -> Digest {
        if self.has(Fault::KeepsOneProgress) { Digest::new([1; 32]) } else { source }
    }
}

#[async_trait]
impl ImportRepository for BrokenUnit {
    async fn find(&mut self, source: Digest) -> Result<Option<ImportProgress>, StorageError> {
        let kept = self.source(source);
        let found: Option<ImportProgress> = within!(self, |unit| unit.imports().find(kept))?;
        Ok(found.map(|progress| ImportProgress { source, ..progress }))
    }

    async fn save(&mut self, progress: &ImportProgress, seen: Option<i64>) -> Result<(), StorageError> {
        let mut progress = ImportProgress { source: self.source(progress.source), ..progress.clone() };
        let mut seen = seen;
        match self.storage.fault {
            Some(Fault::KeepsTheFirstProgress) if seen.is_some() => return Ok(()),
            Some(Fault::IgnoresOtherImports) => {
                let stored: Option<ImportProgress> = within!(self, |unit| unit.imports().find(progress.source))?;
                seen = stored.map(|stored| stored.records);
            }
            Some(Fault::CutsTimesToMilliseconds) => {
                let millis = progress.started_at.timestamp_millis();
                progress.started_at = DateTime::from_timestamp_millis(millis).unwrap_or(progress.started_at);
            }
            _ => {}
        }
        let saved = within!(self, |unit| unit.imports().save(&progress, seen));
        self.failed |= saved.is_err();
        saved
    }
}
