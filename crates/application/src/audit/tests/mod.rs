//! Reading the trail, as sentences.

mod follow;
mod list;

use domain::audit::{ChainLink, GENESIS};

use crate::audit::{canonical, hash_after};
use crate::fixture::World;

impl World {
    /// Gives every event its place, in the order in which they were written.
    pub(super) async fn chain(&self) {
        let head = self.ports.chain.head().await.unwrap();
        let (mut position, mut hash) = head.map_or((0, GENESIS), |head| (head.position, head.hash));
        let mut links = Vec::new();
        for numbered in self.ports.chain.unsequenced(0, None, u32::MAX).await.unwrap() {
            position += 1;
            hash = hash_after(&hash, &canonical(&numbered.event));
            links.push(ChainLink { position, event_id: numbered.event.id, hash });
        }
        self.ports.chain.append(&links, None).await.unwrap();
    }
}
