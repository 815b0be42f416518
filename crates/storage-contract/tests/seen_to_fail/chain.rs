//! The chain of events with a fault.

use async_trait::async_trait;
use domain::audit::{ChainLink, ChainedEvent, Checkpoint, GENESIS, NumberedEvent};
use domain::ports::{AppendLinksError, AuditChain, StorageError};
use uuid::Uuid;

use crate::broken::Broken;
use crate::fault::Fault;
use crate::key_fingerprints::up_to_zero;

#[async_trait]
impl AuditChain for Broken {
    async fn head(&self) -> Result<Option<ChainLink>, StorageError> {
        self.reach().await?;
        let made_up = ChainLink { position: 0, event_id: Uuid::nil(), hash: GENESIS };
        Ok(self.memory.head().await?.or(self.has(Fault::MakesAHeadUp).then_some(made_up)))
    }

    async fn last_sequenced(&self) -> Result<i64, StorageError> {
        self.reach().await?;
        if self.has(Fault::TakesTheHeadForTheGreatest) {
            let Some(head) = self.memory.head().await? else { return Ok(0) };
            let numbered = (1..).zip(self.memory.audit_events());
            return Ok(numbered.filter(|(_, event)| event.id == head.event_id).map(|(number, _)| number).sum());
        }
        self.memory.last_sequenced().await
    }

    async fn unsequenced(
        &self,
        after: i64,
        up_to: Option<i64>,
        limit: u32,
    ) -> Result<Vec<NumberedEvent>, StorageError> {
        self.reach().await?;
        let greatest = self.memory.last_sequenced().await?;
        let after = if self.has(Fault::LooksBehindTheGreatestOnly) { after.max(greatest) } else { after };
        let up_to = up_to.filter(|_| !self.has(Fault::IgnoresTheUpperNumber));
        let mut found = self.memory.unsequenced(after, up_to, self.limit(limit)).await?;
        found.retain(|numbered| !self.is_erased(&numbered.event));
        if self.has(Fault::GivesNumbersTwice) {
            for numbered in &mut found {
                numbered.number = 1;
            }
        }
        Ok(found)
    }

    async fn append(&self, links: &[ChainLink], checkpoint: Option<Checkpoint>) -> Result<(), AppendLinksError> {
        self.reach().await?;
        let mut links = links.to_vec();
        let mut checkpoint = checkpoint;
        match self.fault {
            Some(Fault::LeavesGaps) => links.iter_mut().for_each(|link| link.position *= 2),
            Some(Fault::EndsFingerprintsAtZero) => {
                if let Some(signed) = &mut checkpoint {
                    signed.signature = up_to_zero(signed.signature);
                }
            }
            Some(Fault::AppendsInParts) => {
                for link in links {
                    self.memory.append(&[link], None).await?;
                }
                return self.memory.append(&[], checkpoint).await;
            }
            _ => {}
        }
        match self.memory.append(&links, checkpoint).await {
            Err(AppendLinksError::Taken) if self.has(Fault::IgnoresTakenPlaces) => Ok(()),
            appended => appended,
        }
    }

    async fn links(&self, after: i64, limit: u32) -> Result<Vec<ChainedEvent>, StorageError> {
        self.reach().await?;
        let mut links = self.memory.links(after, self.limit(limit)).await?;
        match self.fault {
            Some(Fault::ReadsLinksByEvent) => links.sort_by_key(|chained| chained.link.event_id),
            Some(Fault::HidesLinksWithoutEvents) => links.retain(|chained| chained.event.is_some()),
            _ => {}
        }
        Ok(links)
    }

    async fn checkpoints(&self, after: i64, limit: u32) -> Result<Vec<Checkpoint>, StorageError> {
        self.reach().await?;
        let mut checkpoints = self.memory.checkpoints(after, limit).await?;
        if self.has(Fault::ReadsCheckpointsBackwards) {
            checkpoints.reverse();
        }
        Ok(checkpoints)
    }

    async fn last_checkpoint(&self) -> Result<Option<Checkpoint>, StorageError> {
        self.reach().await?;
        self.memory.last_checkpoint().await
    }
}
