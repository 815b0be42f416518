//! How far imports have come, within a unit of work.

use async_trait::async_trait;
use domain::ports::{ImportProgress, ImportRepository, StorageError, StorageFault};
use domain::values::Digest;

use crate::unit::MemoryUnit;

#[async_trait]
impl ImportRepository for MemoryUnit {
    async fn find(&mut self, source: Digest) -> Result<Option<ImportProgress>, StorageError> {
        Ok(self.read()?.imports.get(&source).cloned())
    }

    async fn save(&mut self, progress: &ImportProgress, seen: Option<i64>) -> Result<(), StorageError> {
        self.change(|tables| {
            if tables.imports.get(&progress.source).map(|stored| stored.records) != seen {
                return Err(StorageError::new(StorageFault::Failed, "another process imports the same"));
            }
            tables.imports.insert(progress.source, progress.clone());
            Ok(())
        })
    }
}
