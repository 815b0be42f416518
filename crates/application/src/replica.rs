//! Reading from a copy of the database, as long as nobody can tell.
//!
//! A copy that the database keeps up to date (MySQL and MariaDB: a replica, PostgreSQL: a standby) has what was committed some
//! moments later, and sometimes much later. It is read from only where its answers are as good:
//!
//! - it has everything that was committed up to a moment no longer ago than [`FRESH`]: the same promise that replicas of
//!   this service keep about what they have in memory;
//! - it has everything that the caller changed through this process, and everything that changed about the caller: who
//!   writes and then reads sees what they wrote.
//!
//! All else is asked of the database itself, and so is what the copy fails to answer. How far the copy is, is known by the
//! log of changes: every change writes an event in its own transaction, so a change is in the copy as soon as its event is.
//! What the [`Tail`](crate::authentication::Tail) has seen in the database is looked for in the copy.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use domain::access::Actor;
use domain::audit::AccessChange;
use domain::ports::{ChangeLog, LoggedChange, StorageError, UserQueries};
use domain::query::{DeletedScope, ListUsers, UserPage};
use domain::user::UserView;
use domain::values::{UserId, UserRef, UserUuid};

use crate::Ports;

/// A copy that lacks something older than this is not read from.
pub const FRESH: Duration = Duration::from_secs(1);
/// A copy of which nothing is awaited is asked something small as often as this, so that a dead one is noticed before a caller
/// meets it, and no connection is idle for long.
const ASKED_EVERY: Duration = Duration::from_secs(1);
/// Changes that are looked for at once.
const PAGE: u32 = 1_000;
/// More changes than this are not looked for one by one: of the older ones the newer ones tell.
const MOST_AWAITED: usize = 10_000;
/// Callers whose last change is kept apart; beyond, all are taken for as late as the last of them.
const MOST_WRITERS: usize = 10_000;

/// A copy of the database to read from, and what is known of it.
pub struct ReadReplica {
    queries: Arc<dyn UserQueries>,
    log: Arc<dyn ChangeLog>,
    lists_only: bool,
    known: Mutex<Known>,
}

/// What is known of a copy.
#[derive(Default)]
struct Known {
    /// Changes that were seen in the database and not yet in the copy, with the last look that had not seen them.
    awaited: BTreeMap<i64, (AccessChange, Option<Instant>)>,
    /// When the last look began.
    looked: Option<Instant>,
    /// The last that was asked of it failed, so it is asked something small first.
    is_failing: bool,
    /// When it was last asked something.
    asked: Option<Instant>,
    /// Everything that was committed up to then is in the copy.
    complete_until: Option<Instant>,
    /// When each caller's last change was committed, as far as the copy may lack it; nobody stands for all who have no name.
    writes: HashMap<Option<UserUuid>, Instant>,
    /// The same of all who are not in there.
    others_wrote: Option<Instant>,
}

impl Known {
    /// Counts anew up to when the copy is complete.
    fn weigh(&mut self) {
        let before = self.awaited.values().map(|(_, before)| *before).min();
        self.complete_until = if self.is_failing { None } else { before.unwrap_or(self.looked) };
        if let Some(complete) = self.complete_until {
            self.writes.retain(|_, at| *at >= complete);
            self.others_wrote = self.others_wrote.filter(|at| *at >= complete);
        }
    }
}

impl fmt::Debug for ReadReplica {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = self.known();
        f.debug_struct("ReadReplica")
            .field("awaited", &known.awaited.len())
            .field("complete_until", &known.complete_until)
            .finish_non_exhaustive()
    }
}

impl ReadReplica {
    /// A copy of which nothing is known yet, so that it is not read from.
    pub fn new(queries: Arc<dyn UserQueries>, log: Arc<dyn ChangeLog>) -> Self {
        Self { queries, log, lists_only: false, known: Mutex::default() }
    }

    /// Not for single users: they are kept in memory, which must not be filled from a copy.
    #[must_use]
    pub fn for_lists_only(self) -> Self {
        Self { lists_only: true, ..self }
    }

    /// These changes were new to the look into the database that began then.
    pub(crate) fn await_changes(&self, looked: Instant, news: &[LoggedChange]) {
        let mut known = self.known();
        let before = known.looked;
        for news in news {
            known.awaited.insert(news.number, (news.change, before));
        }
        while known.awaited.len() > MOST_AWAITED {
            // What is known through the oldest is known through the next one then.
            let oldest = known.awaited.pop_first();
            if let (Some((_, (_, before))), Some(mut next)) = (oldest, known.awaited.first_entry()) {
                next.get_mut().1 = before;
            }
        }
        known.looked = Some(looked);
        known.weigh();
    }

    /// The database has another history than it had: what is awaited may never come.
    pub(crate) fn begin_again(&self) {
        let mut known = self.known();
        known.awaited.clear();
        known.looked = None;
        known.weigh();
    }

    /// Somebody committed these changes, in this process, just now.
    pub(crate) fn wrote(&self, actor: &Actor, changes: &[AccessChange], now: Instant) {
        let mut known = self.known();
        for writer in std::iter::once(actor.uuid()).chain(changes.iter().filter_map(|change| change.user).map(Some)) {
            known.writes.insert(writer, now);
        }
        if known.writes.len() > MOST_WRITERS {
            known.writes.clear();
            known.others_wrote = Some(now);
        }
    }

    /// Looks whether the copy has what is awaited. To be called again and again, beside the looks into the database, which
    /// must not wait for a copy.
    ///
    /// # Errors
    ///
    /// [`StorageError`] if the copy does not answer; it is not read from until it does.
    pub async fn compare(&self) -> Result<(), StorageError> {
        let (awaited, is_due) = {
            let mut known = self.known();
            let awaited = known.awaited.keys().next().copied();
            let is_due = known.is_failing || known.asked.is_none_or(|asked| asked.elapsed() >= ASKED_EVERY);
            if awaited.is_some() || is_due {
                known.asked = Some(Instant::now());
            }
            (awaited, is_due)
        };
        let compared = match awaited {
            Some(first) => self.find_awaited(first - 1).await,
            None if is_due => self.log.newest().await.map(|_| ()),
            None => Ok(()),
        };
        let mut known = self.known();
        known.is_failing = compared.is_err();
        known.weigh();
        compared
    }

    /// Whether it lacks what it should have by now.
    pub fn is_behind(&self, now: Instant) -> bool {
        self.known().complete_until.is_none_or(|complete| now.saturating_duration_since(complete) > FRESH)
    }

    async fn find_awaited(&self, mut after: i64) -> Result<(), StorageError> {
        loop {
            let page = self.log.after(after, PAGE).await?;
            let mut known = self.known();
            for LoggedChange { number, change } in &page {
                // A number may have been given twice, where a standby took over.
                if known.awaited.get(number).is_some_and(|(awaited, _)| awaited == change) {
                    known.awaited.remove(number);
                }
            }
            match (page.last(), known.awaited.last_key_value()) {
                (Some(last), Some((newest, _))) if page.len() >= PAGE as usize && last.number < *newest => {
                    after = last.number;
                }
                _ => return Ok(()),
            }
        }
    }

    /// Whether nobody could tell that `actor` is answered by the copy.
    fn is_good_for(&self, actor: &Actor, now: Instant) -> bool {
        let known = self.known();
        let Some(complete) = known.complete_until else { return false };
        let wrote = known.writes.get(&actor.uuid()).copied().max(known.others_wrote);
        now.saturating_duration_since(complete) <= FRESH && wrote.is_none_or(|wrote| wrote < complete)
    }

    fn failed(&self, error: &StorageError) {
        tracing::debug!(%error, "the read replica did not answer: the database is asked instead");
        let mut known = self.known();
        known.is_failing = true;
        known.weigh();
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads users for somebody: from the copy where that is as good, else from the database.
pub(crate) struct Reading<'a> {
    ports: &'a Ports,
    actor: &'a Actor,
}

impl Ports {
    /// Reads for this actor, for an answer: what a change depends on is read in its unit of work.
    pub(crate) fn reading<'a>(&'a self, actor: &'a Actor) -> Reading<'a> {
        Reading { ports: self, actor }
    }
}

impl Reading<'_> {
    /// See [`UserDirectory::find`](domain::ports::UserDirectory::find).
    pub(crate) async fn find(&self, user: UserRef, scope: DeletedScope) -> Result<Option<Arc<UserView>>, StorageError> {
        if let Some(replica) = self.replica().filter(|replica| !replica.lists_only) {
            match replica.queries.find(user, scope).await {
                Ok(found) => return Ok(found.map(Arc::new)),
                Err(error) => replica.failed(&error),
            }
        }
        self.ports.shown_users.find(user, scope).await
    }

    /// See [`UserQueries::list`].
    pub(crate) async fn list(&self, query: &ListUsers) -> Result<UserPage, StorageError> {
        if let Some(replica) = self.replica() {
            match replica.queries.list(query).await {
                Ok(page) => return Ok(page),
                Err(error) => replica.failed(&error),
            }
        }
        self.ports.queries.list(query).await
    }

    /// See [`UserQueries::export`].
    pub(crate) async fn export(&self, after: UserId, limit: u32) -> Result<Vec<UserView>, StorageError> {
        if let Some(replica) = self.replica() {
            match replica.queries.export(after, limit).await {
                Ok(users) => return Ok(users),
                Err(error) => replica.failed(&error),
            }
        }
        self.ports.queries.export(after, limit).await
    }

    fn replica(&self) -> Option<&ReadReplica> {
        self.ports.replica.as_deref().filter(|replica| replica.is_good_for(self.actor, Instant::now()))
    }
}

#[cfg(test)]
mod tests;
