//! The chain of events, as far as it has come.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Bound;
use std::sync::{Arc, PoisonError, RwLockReadGuard};

use async_trait::async_trait;
use domain::audit::{ChainLink, ChainedEvent, Checkpoint, NumberedEvent, Place, SealedEvent};
use domain::ports::{AppendLinksError, AuditChain, StorageError};
use uuid::Uuid;

use crate::MemoryStorage;
use crate::events::numbered;

/// Links and checkpoints by position.
#[derive(Debug, Clone, Default)]
pub(crate) struct Chain {
    links: BTreeMap<i64, ChainLink>,
    positions: HashMap<Uuid, i64>,
    checkpoints: BTreeMap<i64, Checkpoint>,
}

impl Chain {
    pub(crate) fn place_of(&self, event: Uuid) -> Option<Place> {
        let link = self.links.get(self.positions.get(&event)?)?;
        Some(Place { position: link.position, hash: link.hash })
    }

    fn takes(&self, links: &[ChainLink], checkpoint: Option<&Checkpoint>) -> bool {
        let (mut positions, mut events) = (HashSet::new(), HashSet::new());
        links.iter().all(|link| {
            let is_new = positions.insert(link.position) && events.insert(link.event_id);
            is_new && !self.links.contains_key(&link.position) && !self.positions.contains_key(&link.event_id)
        }) && checkpoint.is_none_or(|checkpoint| !self.checkpoints.contains_key(&checkpoint.position))
    }
}

impl MemoryStorage {
    pub(crate) fn chain(&self) -> RwLockReadGuard<'_, Chain> {
        self.chain.read().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl AuditChain for MemoryStorage {
    async fn head(&self) -> Result<Option<ChainLink>, StorageError> {
        Ok(self.chain().links.values().next_back().copied())
    }

    async fn last_sequenced(&self) -> Result<i64, StorageError> {
        let (tables, chain) = (self.committed.tables(), self.chain());
        let sequenced = numbered(&tables, 0).filter(|(_, event)| chain.positions.contains_key(&event.id));
        Ok(sequenced.last().map_or(0, |(number, _)| number))
    }

    async fn unsequenced(
        &self,
        after: i64,
        up_to: Option<i64>,
        limit: u32,
    ) -> Result<Vec<NumberedEvent>, StorageError> {
        // In this order, so that none is shown that got its place between the two.
        let (tables, chain) = (self.committed.tables(), self.chain());
        let events = numbered(&tables, after)
            .take_while(|(number, _)| up_to.is_none_or(|up_to| *number <= up_to))
            .filter(|(_, event)| !chain.positions.contains_key(&event.id))
            .map(|(number, event)| NumberedEvent { number, event: SealedEvent::clone(event) });
        Ok(events.take(limit as usize).collect())
    }

    async fn append(&self, links: &[ChainLink], checkpoint: Option<Checkpoint>) -> Result<(), AppendLinksError> {
        let mut chain = self.chain.write().unwrap_or_else(PoisonError::into_inner);
        if !chain.takes(links, checkpoint.as_ref()) {
            return Err(AppendLinksError::Taken);
        }
        for link in links {
            chain.links.insert(link.position, *link);
            chain.positions.insert(link.event_id, link.position);
        }
        if let Some(checkpoint) = checkpoint {
            chain.checkpoints.insert(checkpoint.position, checkpoint);
        }
        Ok(())
    }

    async fn links(&self, after: i64, limit: u32) -> Result<Vec<ChainedEvent>, StorageError> {
        let (chain, tables) = (self.chain(), self.committed.tables());
        let events: HashMap<Uuid, &Arc<SealedEvent>> = tables.events.iter().map(|event| (event.id, event)).collect();
        let links = behind(&chain.links, after).take(limit as usize);
        let chained = links.map(|link| ChainedEvent {
            link: *link,
            event: events.get(&link.event_id).map(|event| SealedEvent::clone(event)),
        });
        Ok(chained.collect())
    }

    async fn checkpoints(&self, after: i64, limit: u32) -> Result<Vec<Checkpoint>, StorageError> {
        Ok(behind(&self.chain().checkpoints, after).take(limit as usize).cloned().collect())
    }

    async fn last_checkpoint(&self) -> Result<Option<Checkpoint>, StorageError> {
        Ok(self.chain().checkpoints.values().next_back().cloned())
    }
}

fn behind<T>(by_position: &BTreeMap<i64, T>, after: i64) -> impl Iterator<Item = &T> {
    by_position.range((Bound::Excluded(after), Bound::Unbounded)).map(|(_, one)| one)
}
