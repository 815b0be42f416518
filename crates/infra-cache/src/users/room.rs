//! Where entries are: so many bytes of them as there is room for, those that are asked for most.

use std::sync::Arc;

use domain::values::UserRef;
use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};

use super::entry::{Entry, Nobody};

/// What a place takes beside what is in it: the key, the pointer, what finds it, and some memory of those who had to go.
const PLACE: u64 = 96;

/// What one user takes with few metadata, about: how many places are made at once.
const USUAL: u64 = 320;

/// Users, so many bytes of them.
pub(super) struct Room(Cache<UserRef, Arc<Entry>, Bytes>);

#[derive(Debug, Clone, Copy)]
struct Bytes;

impl Weighter<UserRef, Arc<Entry>> for Bytes {
    /// An entry that is there by both ids counts twice: when one goes the other keeps its bytes.
    fn weight(&self, _: &UserRef, entry: &Arc<Entry>) -> u64 {
        PLACE + entry.bytes()
    }
}

impl Room {
    pub(super) fn new(bytes: u64) -> Self {
        let places = usize::try_from(bytes / USUAL).unwrap_or(usize::MAX);
        let options = OptionsBuilder::new().estimated_items_capacity(places).weight_capacity(bytes).build();
        let options = options.expect("both capacities are given");
        Self(Cache::with_options(options, Bytes, DefaultHashBuilder::default(), DefaultLifecycle::default()))
    }

    pub(super) fn get(&self, user: UserRef) -> Option<Arc<Entry>> {
        self.0.get(&user)
    }

    pub(super) fn has(&self, user: UserRef) -> bool {
        self.0.contains_key(&user)
    }

    pub(super) fn insert(&self, user: UserRef, entry: Arc<Entry>) {
        self.0.insert(user, entry);
    }

    pub(super) fn bytes(&self) -> u64 {
        self.0.weight()
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

/// Ids that nobody has.
pub(super) struct Unknown(Cache<UserRef, Nobody>);

impl Unknown {
    pub(super) fn new(ids: usize) -> Self {
        Self(Cache::new(ids))
    }

    pub(super) fn get(&self, user: UserRef) -> Option<Nobody> {
        self.0.get(&user)
    }

    pub(super) fn insert(&self, user: UserRef, nobody: Nobody) {
        self.0.insert(user, nobody);
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}
