//! Queries that are under way, so that those who ask for one session at the same time share one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use domain::ports::StorageError;
use domain::values::SessionId;
use tokio::sync::OnceCell;

use super::Entry;

/// Filled by one of those who wait; if that one leaves, by another.
type Answer = Arc<OnceCell<Result<Arc<Entry>, Arc<StorageError>>>>;

/// The sessions that are asked for just now.
#[derive(Debug, Default)]
pub(super) struct Loads(Mutex<HashMap<SessionId, Answer>>);

/// A place among those who wait for one answer.
pub(super) struct Seat<'a> {
    loads: &'a Loads,
    session: SessionId,
    answer: Answer,
}

impl Loads {
    /// Waits with those who ask for this session already, or begins to.
    pub(super) fn join(&self, session: SessionId) -> Seat<'_> {
        let mut loads = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = Arc::clone(loads.entry(session).or_default());
        Seat { loads: self, session, answer }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

impl Seat<'_> {
    pub(super) fn answer(&self) -> &OnceCell<Result<Arc<Entry>, Arc<StorageError>>> {
        &self.answer
    }
}

impl Drop for Seat<'_> {
    /// Who comes after the answer shall ask anew; and nothing stays behind when the last one leaves without an answer.
    fn drop(&mut self) {
        let mut loads = self.loads.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(answer) = loads.get(&self.session).filter(|answer| Arc::ptr_eq(answer, &self.answer)) else { return };
        let is_last = Arc::strong_count(answer) == 2;
        if answer.initialized() || is_last {
            loads.remove(&self.session);
        }
    }
}
