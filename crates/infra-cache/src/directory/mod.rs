//! Sessions and their users, kept in memory.

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use domain::audit::AccessChange;
use domain::ports::{
    AccessDirectory, ChangeFollower, ChangeListener, FindAccessError, LoggedChange, SessionQueries, StorageError,
    StorageFault,
};
use domain::session::SessionAccess;
use domain::values::{SessionId, UserUuid};
use moka::sync::Cache;

use crate::WakeUps;
use crate::memory::{Hearing, Loads, Marks};

/// How often a session is asked for again that changed while it was asked for.
const TRIES: u32 = 5;

/// What is kept, and for how long.
#[derive(Debug, Clone, Copy)]
struct Limits {
    /// Sessions, and as many marks of what changed.
    sessions: u64,
    /// So that what was changed by hand, in the database, is noticed.
    lifetime: Duration,
    /// Sessions that do not exist: a token may outlive its session, and should not cost a query each time it is shown.
    unknown: u64,
    unknown_lifetime: Duration,
}

const LIMITS: Limits = Limits {
    sessions: 100_000,
    lifetime: Duration::from_mins(1),
    unknown: 10_000,
    unknown_lifetime: Duration::from_secs(5),
};

/// Sessions and their users, kept in memory for a minute at most.
///
/// An answer is never older than the last change of its session or its user that this directory was told of; how that is
/// known is told at the head of this crate. A new one has heard of all changes up to now.
///
/// It is also who is told of this process's own changes: it forgets them, and wakes the other replicas.
pub struct SessionDirectory {
    queries: Arc<dyn SessionQueries>,
    wake_ups: Arc<WakeUps>,
    known: Cache<SessionId, Arc<Entry>>,
    unknown: Cache<SessionId, Arc<Entry>>,
    marks: Marks<Subject>,
    loads: Loads<SessionId, Arc<Entry>>,
    hearing: Hearing,
}

/// Whom a change is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Subject {
    User(UserUuid),
    Session(SessionId),
}

impl Subject {
    /// A session alone where the change names one, else the user with all sessions.
    fn of(change: &AccessChange) -> Option<Self> {
        change.session.map(Self::Session).or(change.user.map(Self::User))
    }
}

/// What the database said of a session.
#[derive(Debug)]
struct Entry {
    access: Option<Arc<SessionAccess>>,
    /// The newest change that is known not to concern it, or to be older than it.
    true_at: AtomicU64,
}

impl std::fmt::Debug for SessionDirectory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SessionDirectory").field("sessions", &self.known.entry_count()).finish_non_exhaustive()
    }
}

impl SessionDirectory {
    /// An empty one: it asks `queries` for what it has not seen, and tells other replicas through `wake_ups` that this
    /// process changed something.
    pub fn new(queries: Arc<dyn SessionQueries>, wake_ups: Arc<WakeUps>) -> Self {
        Self::within(LIMITS, queries, wake_ups)
    }

    fn within(limits: Limits, queries: Arc<dyn SessionQueries>, wake_ups: Arc<WakeUps>) -> Self {
        let cache = |room, lifetime| Cache::builder().max_capacity(room).time_to_live(lifetime).build();
        Self {
            queries,
            wake_ups,
            known: cache(limits.sessions, limits.lifetime),
            unknown: cache(limits.unknown, limits.unknown_lifetime),
            marks: Marks::new(limits.lifetime, usize::try_from(limits.sessions).unwrap_or(usize::MAX)),
            loads: Loads::new(),
            hearing: Hearing::new(),
        }
    }

    /// Whether changes have not been heard of for too long, so that nothing is said of sessions.
    pub fn is_blind(&self) -> bool {
        self.hearing.is_blind(self.hearing.now())
    }

    /// What is in memory, if it is still true.
    fn remembered(&self, session: SessionId) -> Option<Arc<Entry>> {
        let true_one = |entry: &Arc<Entry>| self.is_true(session, entry);
        self.known.get(&session).filter(true_one).or_else(|| self.unknown.get(&session).filter(true_one))
    }

    /// Whether nothing was forgotten that concerns it since its query began.
    fn is_true(&self, session: SessionId, entry: &Entry) -> bool {
        let newest = self.marks.newest();
        let true_at = entry.true_at.load(Ordering::Relaxed);
        if true_at == newest {
            return true;
        }
        let user = entry.access.as_ref().map(|access| Subject::User(access.user));
        let subjects = [Some(Subject::Session(session)), user];
        let Some(now_true_at) = self.marks.untouched_since(true_at, subjects.into_iter().flatten()) else {
            return false;
        };
        entry.true_at.fetch_max(now_true_at, Ordering::Relaxed);
        true
    }

    /// Asks the database, and remembers the answer unless something changed meanwhile.
    async fn load(&self, session: SessionId) -> Result<Arc<Entry>, Arc<StorageError>> {
        // Before the query: what changes from now on may not be in its answer.
        let true_at = AtomicU64::new(self.marks.newest());
        let access = self.queries.find_access(session).await.map_err(Arc::new)?.map(Arc::new);
        let entry = Arc::new(Entry { access, true_at });
        if self.is_true(session, &entry) {
            let memory = if entry.access.is_some() { &self.known } else { &self.unknown };
            memory.insert(session, Arc::clone(&entry));
        }
        Ok(entry)
    }

    fn mark(&self, changes: impl Iterator<Item = AccessChange>) {
        self.marks.mark(changes.filter_map(|change| Subject::of(&change)));
    }
}

#[async_trait]
impl AccessDirectory for SessionDirectory {
    async fn find(&self, session: SessionId) -> Result<Option<Arc<SessionAccess>>, FindAccessError> {
        if self.is_blind() {
            return Err(FindAccessError::Blind);
        }
        if let Some(entry) = self.remembered(session) {
            return Ok(entry.access.clone());
        }
        for _ in 0..TRIES {
            let entry = self.loads.share(session, || self.load(session)).await?;
            if self.is_true(session, &entry) {
                return Ok(entry.access.clone());
            }
        }
        Err(StorageError::new(StorageFault::Retryable, "the session changed each time it was asked for").into())
    }

    fn forget(&self, session: SessionId) {
        self.marks.mark([Subject::Session(session)].into_iter());
    }
}

impl ChangeFollower for SessionDirectory {
    fn changed(&self, changes: &[LoggedChange], _: i64) {
        self.mark(changes.iter().map(|logged| logged.change));
    }

    fn forget_everything(&self) {
        self.marks.mark_everything();
    }

    fn heard(&self, ago: Duration) {
        self.hearing.heard(ago);
    }
}

impl ChangeListener for SessionDirectory {
    fn committed(&self, changes: &[AccessChange]) {
        self.mark(changes.iter().copied());
        if changes.iter().any(|change| Subject::of(change).is_some()) {
            self.wake_ups.wake_others();
        }
    }
}
