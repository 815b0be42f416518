//! Following what other processes change.
//!
//! Each process reads the newest changes several times a second, and forgets what it keeps in memory about the users and
//! sessions in them. Numbers are given when a change is written and seen when it is committed, so each look goes back to
//! the newest number of some seconds ago: a transaction that commits late is seen all the same, whatever its clock says.
//!
//! A database may also go back: a backup is restored, or a standby takes over that had not got the last changes. Numbers are
//! then given again, to others. Where what was seen is gone, everything is forgotten and the log is followed anew.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::audit::AccessChange;
use domain::ports::{ChangeFollower, ChangeLog, LoggedChange, StorageError};

use crate::ReadReplica;

/// A commit comes no later than this after its change was written: a unit of work waits less for any answer.
const LOOK_BACK: Duration = Duration::from_secs(5);
/// How far the first look goes back, in changes: further than are written while a transaction commits.
const FIRST_LOOK: i64 = 1_000;
/// Changes that are read at once.
const PAGE: u32 = 1_000;
/// More news than this at once are not followed one by one.
const TOO_MANY: usize = 10_000;

/// Follows the changes of all processes, for what this one keeps in memory.
pub struct Tail {
    log: Arc<dyn ChangeLog>,
    follower: Arc<dyn ChangeFollower>,
    /// A copy of the database that should have what is seen here.
    replica: Option<Arc<ReadReplica>>,
    /// From where to read: nothing that is still to come has a smaller number.
    floor: Option<i64>,
    /// The greatest number seen at each look, oldest first; the first is the floor's.
    looks: VecDeque<(Instant, i64)>,
    /// What was seen above the floor.
    seen: HashMap<i64, AccessChange>,
}

impl std::fmt::Debug for Tail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tail").field("floor", &self.floor).finish_non_exhaustive()
    }
}

impl Tail {
    /// A tail that has seen nothing.
    pub fn new(log: Arc<dyn ChangeLog>, follower: Arc<dyn ChangeFollower>) -> Self {
        Self { log, follower, replica: None, floor: None, looks: VecDeque::new(), seen: HashMap::new() }
    }

    /// Tells `replica`, too, what is seen.
    #[must_use]
    pub fn awaited_in(self, replica: Option<Arc<ReadReplica>>) -> Self {
        Self { replica, ..self }
    }

    /// Looks once, at `now`, and returns how many changes were new.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only: the next look finds what this one did not. The follower hears nothing then, and says so when
    /// that lasts.
    pub async fn look(&mut self, now: Instant) -> Result<usize, StorageError> {
        let mut floor = match self.floor {
            Some(floor) => floor,
            None => self.begin().await?,
        };
        let mut read = self.read_above(floor).await?;
        if self.news(&read).count() > TOO_MANY || self.is_another_history(floor, &read).await? {
            floor = self.begin().await?;
            read = self.read_above(floor).await?;
        }
        let changes: Vec<LoggedChange> = self.news(&read).copied().collect();
        self.follower.changed(&changes, floor);
        // Of what was committed while it looked nothing is known.
        self.follower.heard(now.elapsed());
        self.replica.iter().for_each(|replica| replica.await_changes(now, &changes));
        let newest = read.last().map_or(floor, |last| last.number);
        self.seen.extend(read.into_iter().map(|LoggedChange { number, change }| (number, change)));
        self.floor = Some(self.raise_floor(floor, newest, now));
        Ok(changes.len())
    }

    /// Forgets everything, and begins where the log ends by now; returns from where to read.
    async fn begin(&mut self) -> Result<i64, StorageError> {
        let floor = (self.log.newest().await? - FIRST_LOOK).max(0);
        self.floor = None;
        self.looks.clear();
        self.seen.clear();
        // Only now: what is asked for from here on is no older than the floor.
        self.follower.forget_everything();
        self.replica.iter().for_each(|replica| replica.begin_again());
        Ok(floor)
    }

    /// What is above the floor, or so much of it that there are too many news.
    async fn read_above(&self, floor: i64) -> Result<Vec<LoggedChange>, StorageError> {
        let (mut read, mut news, mut from) = (Vec::new(), 0, floor);
        loop {
            let page = self.log.after(from, PAGE).await?;
            let is_last = page.len() < PAGE as usize;
            from = page.last().map_or(from, |last| last.number);
            news += self.news(&page).count();
            read.extend(page);
            if is_last || news > TOO_MANY {
                return Ok(read);
            }
        }
    }

    fn news<'a>(&self, read: &'a [LoggedChange]) -> impl Iterator<Item = &'a LoggedChange> {
        read.iter().filter(|change| !self.seen.contains_key(&change.number))
    }

    /// Whether something that was seen is gone, or is another change now. Where nothing is above the floor, the log itself
    /// must reach up to it.
    async fn is_another_history(&self, floor: i64, read: &[LoggedChange]) -> Result<bool, StorageError> {
        let is_as_before = |change: &&LoggedChange| self.seen.get(&change.number) == Some(&change.change);
        let is_gone = read.iter().filter(is_as_before).count() < self.seen.len();
        Ok(is_gone || (read.is_empty() && self.log.newest().await? < floor))
    }

    /// The greatest number that was seen some seconds ago.
    fn raise_floor(&mut self, mut floor: i64, newest: i64, now: Instant) -> i64 {
        self.looks.push_back((now, newest));
        while let Some((at, number)) = self.looks.front().copied()
            && now.duration_since(at) >= LOOK_BACK
        {
            floor = floor.max(number);
            self.looks.pop_front();
        }
        self.seen.retain(|number, _| *number > floor);
        floor
    }
}

#[cfg(test)]
mod tests;
