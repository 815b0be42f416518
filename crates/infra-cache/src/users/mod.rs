//! Users, kept in memory.

mod entry;
mod packed;
mod room;
mod shared;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use domain::audit::{AccessChange, Effect};
use domain::ports::{ChangeFollower, ChangeListener, LoggedChange, StorageError, UserDirectory, UserQueries};
use domain::query::DeletedScope;
use domain::user::UserView;
use domain::values::{UserRef, UserUuid};

use crate::counts::Counts;
use crate::memory::{Hearing, Loads, Marks};
use entry::{Entry, Nobody};
use room::{Room, Unknown};

pub use shared::SharedUsers;

/// What is kept, and for how long.
#[derive(Debug, Clone, Copy)]
struct Limits {
    /// Of users in memory.
    bytes: u64,
    /// Ids that nobody has.
    unknown: usize,
    /// Marks of what changed.
    marks: usize,
    /// So that what was changed by hand, in the database, is noticed.
    lifetime: Duration,
}

const LIMITS: Limits = Limits { bytes: 64 << 20, unknown: 10_000, marks: 100_000, lifetime: Duration::from_mins(10) };

/// Users, kept in memory for ten minutes at most and in 64 MiB at most, by whichever of their ids they were asked for.
///
/// An answer is never older than the last change of its user that this cache was told of; how that is known is told at the
/// head of this crate. While changes have not been heard of for five seconds, the database is asked each time. A new one
/// has heard of all changes up to now.
///
/// Somebody deleted is kept like everybody else, and shown to those who ask for deleted users. That nobody has an id is
/// remembered until somebody is new, wherever that is.
pub struct UserCache {
    queries: Arc<dyn UserQueries>,
    /// What the replicas share.
    shared: Option<SharedUsers>,
    known: Room,
    unknown: Unknown,
    marks: Marks<UserUuid>,
    /// Grows when somebody may have an id that nobody had.
    creations: AtomicU64,
    loads: Loads<UserRef, Loaded>,
    hearing: Hearing,
    lifetime: Duration,
    counts: Counts,
}

/// An answer of the database, and what it is true with.
#[derive(Debug, Clone)]
struct Loaded {
    view: Option<Arc<UserView>>,
    /// The newest change before its query began.
    true_at: u64,
    /// The newest creation before its query began.
    creations: u64,
}

/// What is in memory of an id.
enum Remembered {
    Somebody(Arc<UserView>),
    /// That nobody has it.
    Nobody,
    Nothing,
}

impl std::fmt::Debug for UserCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserCache").field("bytes", &self.bytes()).finish_non_exhaustive()
    }
}

impl UserCache {
    /// An empty one, which asks `queries` for whom it has not seen.
    pub fn new(queries: Arc<dyn UserQueries>) -> Self {
        Self::within(LIMITS, queries, None)
    }

    /// One that looks among what replicas share before it asks `queries`, and adds what it was answered.
    pub fn sharing(queries: Arc<dyn UserQueries>, shared: SharedUsers) -> Self {
        Self::within(LIMITS, queries, Some(shared))
    }

    fn within(limits: Limits, queries: Arc<dyn UserQueries>, shared: Option<SharedUsers>) -> Self {
        Self {
            queries,
            shared,
            known: Room::new(limits.bytes),
            unknown: Unknown::new(limits.unknown),
            marks: Marks::new(limits.lifetime, limits.marks),
            creations: AtomicU64::new(0),
            loads: Loads::new(),
            hearing: Hearing::new(),
            lifetime: limits.lifetime,
            counts: Counts::of("users"),
        }
    }

    /// How many bytes the users in memory take, with all that is needed to find them.
    pub fn bytes(&self) -> u64 {
        self.known.bytes()
    }

    /// What is in memory, if it is still true.
    fn remembered(&self, user: UserRef, now: Duration) -> Remembered {
        let is_young = |loaded_at| now.saturating_sub(loaded_at) <= self.lifetime;
        let somebody = self.known.get(user).filter(|entry| is_young(entry.loaded_at) && self.is_true(entry));
        if let Some(view) = somebody.and_then(|entry| entry.view()) {
            return Remembered::Somebody(Arc::new(view));
        }
        match self.unknown.get(user) {
            Some(nobody) if nobody.creations == self.creations() && is_young(nobody.loaded_at) => Remembered::Nobody,
            _ => Remembered::Nothing,
        }
    }

    /// Whether nothing changed that concerns it since its query began.
    fn is_true(&self, entry: &Entry) -> bool {
        let true_at = entry.true_at.load(Ordering::Relaxed);
        if true_at == self.marks.newest() {
            return true;
        }
        let Some(now_true_at) = self.marks.untouched_since(true_at, [entry.user].into_iter()) else {
            return false;
        };
        entry.true_at.fetch_max(now_true_at, Ordering::Relaxed);
        true
    }

    fn creations(&self) -> u64 {
        self.creations.load(Ordering::SeqCst)
    }

    /// Asks the database, or what is shared, and remembers the answer. If something changes meanwhile, what is remembered
    /// shows its age when it is asked for.
    async fn load(&self, user: UserRef) -> Result<Loaded, Arc<StorageError>> {
        // Before the query: what changes from now on may not be in its answer.
        let (true_at, creations) = (self.marks.newest(), self.creations());
        let view = self.ask(user).await.map_err(Arc::new)?.map(Arc::new);
        let loaded_at = self.hearing.now();
        match &view {
            Some(view) => self.keep(user, view, true_at, loaded_at),
            None => self.unknown.insert(user, Nobody { creations, loaded_at }),
        }
        Ok(Loaded { view, true_at, creations })
    }

    async fn ask(&self, user: UserRef) -> Result<Option<UserView>, StorageError> {
        let Some(shared) = &self.shared else {
            return self.ask_database(user).await;
        };
        if let Some(view) = shared.find(user).await {
            self.counts.shared_hit();
            return Ok(Some(view));
        }
        let floor = shared.floor();
        let view = self.ask_database(user).await?;
        if let (Some(view), Some(floor)) = (&view, floor) {
            shared.keep(view, floor).await;
        }
        Ok(view)
    }

    async fn ask_database(&self, user: UserRef) -> Result<Option<UserView>, StorageError> {
        self.counts.miss();
        self.queries.find(user, DeletedScope::All).await
    }

    /// Under the id that was asked for; and under the other one if it is known by that already, so that both are the same.
    fn keep(&self, user: UserRef, view: &UserView, true_at: u64, loaded_at: Duration) {
        let Some(entry) = Entry::of(view, true_at, loaded_at).map(Arc::new) else { return };
        let other = match user {
            UserRef::Id(_) => UserRef::Uuid(view.uuid),
            UserRef::Uuid(_) => UserRef::Id(view.id),
        };
        if self.known.has(other) {
            self.known.insert(other, Arc::clone(&entry));
        }
        self.known.insert(user, entry);
        self.counts.bytes(self.known.bytes());
    }

    /// The answer of a query that began after this call, or that is known to be as good.
    async fn load_together(&self, user: UserRef) -> Result<Option<Arc<UserView>>, StorageError> {
        let asked_at = self.marks.newest();
        loop {
            let loaded = self.loads.share(user, || self.load(user)).await?;
            // The first one may have been under way. Whatever comes after it began after this call.
            if loaded.true_at >= asked_at || self.is_still_true(&loaded) {
                return Ok(loaded.view);
            }
        }
    }

    fn is_still_true(&self, loaded: &Loaded) -> bool {
        match &loaded.view {
            Some(view) => self.marks.untouched_since(loaded.true_at, [view.uuid].into_iter()).is_some(),
            None => loaded.creations == self.creations(),
        }
    }

    fn mark(&self, changes: impl Iterator<Item = AccessChange> + Clone) {
        if changes.clone().any(|change| change.effect == Effect::Creation) {
            self.creations.fetch_add(1, Ordering::SeqCst);
        }
        // Also where one session changed: when somebody last signed in is a part of them.
        self.marks.mark(changes.filter_map(|change| change.user));
    }
}

#[async_trait]
impl UserDirectory for UserCache {
    async fn find(&self, user: UserRef, scope: DeletedScope) -> Result<Option<Arc<UserView>>, StorageError> {
        let now = self.hearing.now();
        if self.hearing.is_blind(now) {
            let view = self.ask_database(user).await?;
            return Ok(view.map(Arc::new).filter(|view| is_within(scope, view)));
        }
        let found = match self.remembered(user, now) {
            Remembered::Somebody(view) => {
                self.counts.hit();
                Some(view)
            }
            Remembered::Nobody => {
                self.counts.negative();
                None
            }
            Remembered::Nothing => self.load_together(user).await?,
        };
        Ok(found.filter(|view| is_within(scope, view)))
    }
}

fn is_within(scope: DeletedScope, view: &UserView) -> bool {
    match scope {
        DeletedScope::Live => view.deleted_at.is_none(),
        DeletedScope::All => true,
        DeletedScope::Only => view.deleted_at.is_some(),
    }
}

impl ChangeFollower for UserCache {
    fn changed(&self, changes: &[LoggedChange], floor: i64) {
        if let Some(shared) = &self.shared {
            // First: an answer from there that this change overtakes must not outlive the mark.
            shared.changed(changes, floor);
        }
        self.mark(changes.iter().map(|logged| logged.change));
    }

    fn forget_everything(&self) {
        if let Some(shared) = &self.shared {
            shared.forget_everything();
        }
        self.creations.fetch_add(1, Ordering::SeqCst);
        self.marks.mark_everything();
    }

    fn heard(&self, ago: Duration) {
        self.hearing.heard(ago);
        if let Some(shared) = &self.shared {
            shared.heard(ago);
        }
    }
}

impl ChangeListener for UserCache {
    fn committed(&self, changes: &[AccessChange]) {
        if let Some(shared) = &self.shared {
            shared.committed(changes.iter().filter_map(|change| change.user));
        }
        self.mark(changes.iter().copied());
    }
}
