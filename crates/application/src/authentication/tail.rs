//! Following what other processes change.
//!
//! Each process reads the newest changes several times a second, and forgets what it keeps in memory about the users and
//! sessions in them. Numbers are given when a change is written and seen when it is committed, so each look goes back to
//! the newest number of some seconds ago: a transaction that commits late is seen all the same, whatever its clock says.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::audit::AccessChange;
use domain::ports::{AccessDirectory, ChangeLog, StorageError};

/// A commit comes no later than this after its change was written: a unit of work waits less for any answer.
const LOOK_BACK: Duration = Duration::from_secs(5);
/// How far the first look goes back, in changes.
const FIRST_LOOK: i64 = 200;
/// Changes that are read at once.
const PAGE: u32 = 1_000;
/// More news than this at once are not followed one by one.
const TOO_MANY: usize = 10_000;

/// Follows the changes of all processes, for the directory of this one.
pub struct Tail {
    log: Arc<dyn ChangeLog>,
    directory: Arc<dyn AccessDirectory>,
    /// From where to read: nothing that is still to come has a smaller number.
    floor: Option<i64>,
    /// The greatest number seen at each look, oldest first; the first is the floor's.
    looks: VecDeque<(Instant, i64)>,
    /// What was seen above the floor.
    seen: HashSet<i64>,
}

impl std::fmt::Debug for Tail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tail").field("floor", &self.floor).finish_non_exhaustive()
    }
}

impl Tail {
    /// A tail that has seen nothing.
    pub fn new(log: Arc<dyn ChangeLog>, directory: Arc<dyn AccessDirectory>) -> Self {
        Self { log, directory, floor: None, looks: VecDeque::new(), seen: HashSet::new() }
    }

    /// Looks once, at `now`, and returns how many changes were new.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only: the next look finds what this one did not. The directory hears nothing then, and says so when
    /// that lasts.
    pub async fn look(&mut self, now: Instant) -> Result<usize, StorageError> {
        let floor = match self.floor {
            Some(floor) => floor,
            None => (self.log.newest().await? - FIRST_LOOK).max(0),
        };
        let (mut news, mut from) = (Vec::new(), floor);
        loop {
            let page = self.log.after(from, PAGE).await?;
            let is_last = page.len() < PAGE as usize;
            from = page.last().map_or(from, |last| last.number);
            news.extend(page.into_iter().filter(|change| !self.seen.contains(&change.number)));
            if is_last {
                break;
            }
        }
        if news.len() > TOO_MANY {
            self.directory.forget_everything();
        } else {
            let changes: Vec<AccessChange> = news.iter().map(|news| news.change).collect();
            self.directory.forget(&changes);
        }
        self.directory.heard();
        self.seen.extend(news.iter().map(|news| news.number));
        self.floor = Some(self.raise_floor(floor, from, now));
        Ok(news.len())
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
        self.seen.retain(|number| *number > floor);
        floor
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use async_trait::async_trait;
    use domain::ports::{ChangeListener as _, LoggedChange, StorageFault};
    use domain::values::UserUuid;
    use infra_memory::MemoryStorage;
    use testkit::ForgetfulDirectory;
    use uuid::Uuid;

    use super::*;

    /// A log whose committed changes a test chooses.
    #[derive(Default)]
    struct Log {
        committed: Mutex<Vec<i64>>,
        is_away: Mutex<bool>,
    }

    impl Log {
        fn commit(&self, numbers: impl IntoIterator<Item = i64>) {
            let mut committed = self.committed.lock().unwrap();
            committed.extend(numbers);
            committed.sort_unstable();
        }

        fn answer<T>(&self, answer: T) -> Result<T, StorageError> {
            let is_away = *self.is_away.lock().unwrap();
            if is_away { Err(StorageError::new(StorageFault::Unavailable, "away")) } else { Ok(answer) }
        }
    }

    fn user(number: i64) -> UserUuid {
        UserUuid::new(Uuid::from_u128(number.unsigned_abs().into()))
    }

    #[async_trait]
    impl ChangeLog for Log {
        async fn newest(&self) -> Result<i64, StorageError> {
            self.answer(self.committed.lock().unwrap().last().copied().unwrap_or_default())
        }

        async fn after(&self, number: i64, limit: u32) -> Result<Vec<LoggedChange>, StorageError> {
            let committed = self.committed.lock().unwrap();
            let after = committed.iter().filter(|one| **one > number).take(limit as usize);
            let change = |number| AccessChange { user: Some(user(number)), session: None };
            self.answer(after.map(|number| LoggedChange { number: *number, change: change(*number) }).collect())
        }
    }

    fn world() -> (Arc<Log>, Arc<ForgetfulDirectory>, Tail) {
        let (log, directory) =
            (Arc::new(Log::default()), Arc::new(ForgetfulDirectory::new(Arc::new(MemoryStorage::new()))));
        let tail = Tail::new(log.clone(), directory.clone());
        (log, directory, tail)
    }

    fn told(directory: &ForgetfulDirectory) -> Vec<UserUuid> {
        directory.told().into_iter().filter_map(|change| change.user).collect()
    }

    #[tokio::test]
    async fn each_change_is_told_once() {
        let (log, directory, mut tail) = world();
        let start = Instant::now();
        log.commit([1, 2]);
        assert_eq!(tail.look(start).await.unwrap(), 2);
        log.commit([3]);
        assert_eq!(tail.look(start).await.unwrap(), 1);
        assert_eq!(tail.look(start).await.unwrap(), 0);
        assert_eq!(told(&directory), [user(1), user(2), user(3)]);
    }

    #[tokio::test]
    async fn a_change_that_is_committed_late_is_told_although_greater_numbers_came_before() {
        let (log, directory, mut tail) = world();
        let start = Instant::now();
        tail.look(start).await.unwrap();
        log.commit([5, 6, 8]);
        tail.look(start + Duration::from_millis(300)).await.unwrap();
        log.commit([7]);
        let late = start + LOOK_BACK;
        tail.look(late).await.unwrap();
        assert_eq!(told(&directory), [user(5), user(6), user(8), user(7)]);
    }

    #[tokio::test]
    async fn what_is_older_than_any_transaction_is_not_read_again() {
        let (log, _, mut tail) = world();
        let start = Instant::now();
        log.commit(1..=3_000);
        tail.look(start).await.unwrap();
        tail.look(start + LOOK_BACK).await.unwrap();
        tail.look(start + LOOK_BACK * 2).await.unwrap();
        assert_eq!((tail.floor, tail.seen.len()), (Some(3_000), 0));
    }

    #[tokio::test]
    async fn pages_are_read_to_the_end() {
        let (log, directory, mut tail) = world();
        let start = Instant::now();
        tail.look(start).await.unwrap();
        log.commit(1..=2_500);
        assert_eq!(tail.look(start).await.unwrap(), 2_500);
        assert_eq!(told(&directory).len(), 2_500);
    }

    #[tokio::test]
    async fn the_first_look_goes_back_a_little_and_not_to_the_beginning_of_time() {
        let (log, _, mut tail) = world();
        log.commit(1..=9_000);
        assert_eq!(tail.look(Instant::now()).await.unwrap(), 200);
    }

    #[tokio::test]
    async fn a_log_that_is_away_is_not_heard_and_loses_nothing() {
        let (log, directory, mut tail) = world();
        let start = Instant::now();
        tail.look(start).await.unwrap();
        directory.blind(true);
        log.commit([1]);
        *log.is_away.lock().unwrap() = true;
        tail.look(start).await.unwrap_err();
        directory.committed(&[]);
        assert!(matches!(
            directory.find(domain::values::SessionId::new(Uuid::nil())).await,
            Err(domain::ports::FindAccessError::Blind)
        ));
        *log.is_away.lock().unwrap() = false;
        assert_eq!(tail.look(start + LOOK_BACK * 10).await.unwrap(), 1);
        assert_eq!(told(&directory), [user(1)]);
        assert!(directory.find(domain::values::SessionId::new(Uuid::nil())).await.is_ok());
    }
}
