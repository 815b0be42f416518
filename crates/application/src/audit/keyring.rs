//! People's keys in memory, for sealing.

use std::time::Duration;

use domain::ports::SubjectKey;
use domain::values::UserUuid;
use moka::sync::Cache;
use uuid::Uuid;

/// So many keys at most: some tens of MiB.
const CAPACITY: u64 = 100_000;

/// So long a key is kept at most; whoever was erased by another process is forgotten by then.
const KEEP_FOR: Duration = Duration::from_mins(10);

/// Whose key seals what describes nobody known: the service's own, kept like a person's.
pub(super) const SERVICE: UserUuid = UserUuid::new(Uuid::nil());

/// People's keys that were read from the storage or committed to it, for sealing new values without asking again.
///
/// Opening never uses it: whether a value can still be read is for the storage to say at that moment.
#[derive(Debug, Clone)]
pub struct Keyring(Cache<UserUuid, SubjectKey>);

impl Default for Keyring {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(CAPACITY).time_to_live(KEEP_FOR).build())
    }
}

impl Keyring {
    pub(super) fn find(&self, person: UserUuid) -> Option<SubjectKey> {
        self.0.get(&person)
    }

    /// Keeps keys that are stored for good.
    pub(crate) fn keep(&self, keys: Vec<(UserUuid, SubjectKey)>) {
        for (person, key) in keys {
            self.0.insert(person, key);
        }
    }

    /// Forgets the key of somebody who was erased.
    pub(crate) fn forget(&self, person: UserUuid) {
        self.0.invalidate(&person);
    }
}
