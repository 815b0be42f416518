//! A part of the chain, and where it can be begun and ended so that signatures hold it.

use std::collections::VecDeque;
use std::sync::Arc;

use domain::audit::{Checkpoint, GENESIS};
use domain::ports::{AuditChain, StorageError};

use super::export_lines::ChainStart;

/// So many of the checkpoints before a part are known to whoever verifies it.
pub(super) const REMEMBERED: usize = 4;

/// Checkpoints that are read at once.
const PAGE: u32 = 500;

/// Positions from one to another, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PositionRange {
    first: i64,
    last: Option<i64>,
}

/// Why there is no such part of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PositionRangeError {
    /// Before the first position.
    #[error("positions begin with 1")]
    BeforeFirst,
    /// The end is before the beginning.
    #[error("the last position is before the first")]
    Backwards,
}

impl PositionRange {
    /// All of the chain.
    pub const ALL: Self = Self { first: 1, last: None };

    /// From the first position or this one, to the last or this one.
    ///
    /// # Errors
    ///
    /// [`PositionRangeError`] if nothing can be there.
    pub fn new(from: Option<i64>, to: Option<i64>) -> Result<Self, PositionRangeError> {
        let from = from.unwrap_or(1);
        if from < 1 || to.is_some_and(|to| to < 1) {
            return Err(PositionRangeError::BeforeFirst);
        }
        if to.is_some_and(|to| to < from) {
            return Err(PositionRangeError::Backwards);
        }
        Ok(Self { first: from, last: to })
    }

    /// The first position.
    pub const fn first(&self) -> i64 {
        self.first
    }

    /// The last position; `None` for the end of the chain.
    pub const fn last(&self) -> Option<i64> {
        self.last
    }
}

/// What a part that begins behind `position` follows; `None` if the chain has no such position.
pub(super) async fn start_at(chain: &Arc<dyn AuditChain>, position: i64) -> Result<Option<ChainStart>, StorageError> {
    if position == 0 {
        return Ok(Some(ChainStart { position, hash: GENESIS, checkpoints: Vec::new() }));
    }
    let found = chain.links(position - 1, 1).await?.into_iter().find(|chained| chained.link.position == position);
    let Some(before) = found else { return Ok(None) };
    let checkpoints = checkpoints_up_to(chain, position).await?;
    Ok(Some(ChainStart { position, hash: before.link.hash, checkpoints }))
}

/// The end of a part so that something signed is reached: the first checkpoint at or behind its last position, or its last
/// position where nothing is signed yet.
pub(super) async fn signed_end(chain: &dyn AuditChain, last: i64) -> Result<i64, StorageError> {
    let next = chain.checkpoints(last - 1, 1).await?;
    Ok(next.first().map_or(last, |checkpoint| checkpoint.position))
}

/// The last few checkpoints that are not behind a position: looked for in steps that double, as there is one about every
/// second.
async fn checkpoints_up_to(chain: &Arc<dyn AuditChain>, position: i64) -> Result<Vec<i64>, StorageError> {
    let mut step = 1_000;
    loop {
        let after = position.saturating_sub(step).max(0);
        let mut found = VecDeque::new();
        let mut stream = Checkpoints::after(Arc::clone(chain), after);
        while let Some(checkpoint) = stream.next_up_to(position).await? {
            found.push_back(checkpoint.position);
            if found.len() > REMEMBERED {
                found.pop_front();
            }
        }
        if found.len() == REMEMBERED || after == 0 {
            return Ok(found.into());
        }
        step = step.saturating_mul(4);
    }
}

/// Checkpoints in order, read page by page.
pub(super) struct Checkpoints {
    chain: Arc<dyn AuditChain>,
    after: i64,
    read: VecDeque<Checkpoint>,
    is_at_end: bool,
}

impl Checkpoints {
    /// Those behind a position.
    pub(super) fn after(chain: Arc<dyn AuditChain>, position: i64) -> Self {
        Self { chain, after: position, read: VecDeque::new(), is_at_end: false }
    }

    /// The next one, which stays the next one. Behind the last there are none, though others may be written meanwhile.
    pub(super) async fn peek(&mut self) -> Result<Option<&Checkpoint>, StorageError> {
        if self.read.is_empty() && !self.is_at_end {
            self.read = self.chain.checkpoints(self.after, PAGE).await?.into();
            self.is_at_end = self.read.len() < PAGE as usize;
            self.after = self.read.back().map_or(self.after, |last| last.position);
        }
        Ok(self.read.front())
    }

    /// The next one, if it is not behind this position.
    pub(super) async fn next_up_to(&mut self, position: i64) -> Result<Option<Checkpoint>, StorageError> {
        let is_due = self.peek().await?.is_some_and(|next| next.position <= position);
        Ok(if is_due { self.read.pop_front() } else { None })
    }
}
