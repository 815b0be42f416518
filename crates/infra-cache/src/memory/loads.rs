//! Queries that are under way, so that those who ask for the same at the same time share one.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use domain::ports::StorageError;
use tokio::sync::OnceCell;

/// Filled by one of those who wait; if that one leaves, by another.
type Answer<V> = Arc<OnceCell<Result<V, Arc<StorageError>>>>;

/// What is asked for just now.
#[derive(Debug)]
pub(crate) struct Loads<K, V>(Mutex<HashMap<K, Answer<V>>>);

/// A place among those who wait for one answer.
struct Seat<'a, K: Copy + Eq + Hash, V> {
    loads: &'a Loads<K, V>,
    key: K,
    answer: Answer<V>,
}

impl<K: Copy + Eq + Hash, V: Clone> Loads<K, V> {
    pub(crate) fn new() -> Self {
        Self(Mutex::default())
    }

    /// The answer that those get who ask for it already, else what `load` answers to them all.
    pub(crate) async fn share<L>(&self, key: K, load: impl FnOnce() -> L) -> Result<V, StorageError>
    where
        L: Future<Output = Result<V, Arc<StorageError>>>,
    {
        let seat = self.join(key);
        let loaded = seat.answer.get_or_init(load).await;
        loaded.clone().map_err(|error| StorageError::new(error.fault(), error))
    }

    fn join(&self, key: K) -> Seat<'_, K, V> {
        let mut loads = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = Arc::clone(loads.entry(key).or_insert_with(|| Arc::new(OnceCell::new())));
        Seat { loads: self, key, answer }
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

impl<K: Copy + Eq + Hash, V> Drop for Seat<'_, K, V> {
    /// Who comes after the answer shall ask anew; and nothing stays behind when the last one leaves without an answer.
    fn drop(&mut self) {
        let mut loads = self.loads.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(answer) = loads.get(&self.key).filter(|answer| Arc::ptr_eq(answer, &self.answer)) else { return };
        let is_last = Arc::strong_count(answer) == 2;
        if answer.initialized() || is_last {
            loads.remove(&self.key);
        }
    }
}
