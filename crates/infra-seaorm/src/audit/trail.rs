//! Writing events down, within a unit of work.

use async_trait::async_trait;
use domain::audit::SealedEvent;
use domain::ports::{AuditTrail, StorageError};

use super::row::{bytes, event_columns, values};
use crate::unit::Unit;
use crate::users::counts;

const INSERT: &str = concat!("INSERT INTO audit_events (", event_columns!(), ")");

#[async_trait]
impl AuditTrail for Unit {
    async fn append(&mut self, events: &[SealedEvent]) -> Result<(), StorageError> {
        self.enter()?;
        counts::write(self).await?;
        self.insert_rows(INSERT, events, values, bytes).await.map_err(|failure| self.storage_error(failure))?;
        self.succeed();
        Ok(())
    }
}
