//! Following the trail: events in the order of their positions.

use domain::access::Permission;
use domain::audit::{ChainedEvent, MAX_EVENTS, Place, StoredEvent};
use domain::ports::StorageError;

use super::{AuditRecord, Trail, open_all};
use crate::RequestContext;

/// The next part of the feed.
#[derive(Debug, Clone)]
pub struct FeedPage {
    /// The events, by position, none left out.
    pub events: Vec<AuditRecord>,
    /// The position that the next part follows.
    pub position: i64,
}

/// Why the feed does not go on.
#[derive(Debug, thiserror::Error)]
pub enum FollowError {
    /// The actor may not follow the trail.
    #[error("following the trail is not allowed")]
    Forbidden,
    /// Somebody took an event away: what follows would not be all.
    #[error("the event at position {0} is missing from the trail: verify it")]
    Missing(i64),
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Trail {
    /// The events at the positions after this one, at most `limit`, which beyond [`MAX_EVENTS`] is taken as that. A position
    /// that is not there yet has nothing after it.
    ///
    /// # Errors
    ///
    /// [`FollowError`], by variant.
    pub async fn follow(&self, context: &RequestContext, after: i64, limit: u32) -> Result<FeedPage, FollowError> {
        if !context.actor.may(Permission::AuditRead) {
            return Err(FollowError::Forbidden);
        }
        let chained = self.ports.chain.links(after, limit.min(MAX_EVENTS)).await?;
        let is_empty = chained.is_empty();
        let stored: Vec<_> = chained.into_iter().zip(after.saturating_add(1)..).map_while(at_its_place).collect();
        if stored.is_empty() && !is_empty {
            return Err(FollowError::Missing(after.saturating_add(1)));
        }
        let position = stored.last().and_then(|stored| stored.place).map_or(after, |place| place.position);
        Ok(FeedPage { events: open_all(&self.ports, stored).await?, position })
    }

    /// The last position that is taken; zero before the first.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    pub async fn head(&self) -> Result<i64, StorageError> {
        Ok(self.ports.chain.head().await?.map_or(0, |head| head.position))
    }
}

fn at_its_place((chained, expected): (ChainedEvent, i64)) -> Option<StoredEvent> {
    let ChainedEvent { link, event } = chained;
    let place = Place { position: link.position, hash: link.hash };
    event.filter(|_| link.position == expected).map(|event| StoredEvent { event, place: Some(place) })
}
