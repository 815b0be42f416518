//! Following a log that behaves, and one that does not.

use std::sync::Mutex;

use async_trait::async_trait;
use domain::audit::Effect;
use domain::ports::mocks::MockChangeFollower;
use domain::ports::{AccessDirectory as _, ChangeListener as _, StorageFault};
use domain::values::UserUuid;
use infra_memory::MemoryStorage;
use testkit::ForgetfulDirectory;
use uuid::Uuid;

use super::*;

/// A log whose committed changes a test chooses.
#[derive(Default)]
struct Log {
    committed: Mutex<Vec<(i64, UserUuid)>>,
    is_away: Mutex<bool>,
    pages_read: Mutex<u32>,
}

impl Log {
    fn commit(&self, numbers: impl IntoIterator<Item = i64>) {
        let mut committed = self.committed.lock().unwrap();
        committed.extend(numbers.into_iter().map(|number| (number, user(number))));
        committed.sort_unstable();
    }

    /// As where a standby takes over that had no more than this.
    fn go_back_to(&self, number: i64) {
        self.committed.lock().unwrap().retain(|(one, _)| *one <= number);
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
        self.answer(self.committed.lock().unwrap().last().map_or(0, |(number, _)| *number))
    }

    async fn after(&self, number: i64, limit: u32) -> Result<Vec<LoggedChange>, StorageError> {
        *self.pages_read.lock().unwrap() += 1;
        let committed = self.committed.lock().unwrap();
        let after = committed.iter().filter(|(one, _)| *one > number).take(limit as usize);
        let change = |user| AccessChange { user: Some(user), session: None, effect: Effect::Detail };
        self.answer(after.map(|(number, user)| LoggedChange { number: *number, change: change(*user) }).collect())
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
async fn what_came_after_a_look_began_counts_as_unheard() {
    let mut directory = MockChangeFollower::new();
    directory.expect_forget_everything().return_const(());
    directory.expect_changed().return_const(());
    let a_while = Duration::from_secs(3);
    directory.expect_heard().times(1).withf(move |ago| *ago >= a_while).return_const(());
    let began = Instant::now().checked_sub(a_while).unwrap();
    Tail::new(Arc::new(Log::default()), Arc::new(directory)).look(began).await.unwrap();
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
    assert_eq!(tail.look(Instant::now()).await.unwrap(), 1_000);
}

/// A tail of this log, and a count of how often everything was forgotten.
fn counting(log: &Arc<Log>) -> (Tail, Arc<Mutex<u32>>) {
    let mut directory = MockChangeFollower::new();
    let forgotten = Arc::<Mutex<u32>>::default();
    let count = forgotten.clone();
    directory.expect_forget_everything().returning(move || *count.lock().unwrap() += 1);
    directory.expect_changed().return_const(());
    directory.expect_heard().return_const(());
    (Tail::new(log.clone(), Arc::new(directory)), forgotten)
}

#[tokio::test]
async fn more_than_can_be_followed_makes_forget_everything_and_is_not_read_to_the_end() {
    let log = Arc::new(Log::default());
    let (mut tail, forgotten) = counting(&log);
    let start = Instant::now();
    tail.look(start).await.unwrap();
    log.commit(1..=10_000);
    assert_eq!(tail.look(start).await.unwrap(), 10_000);
    assert_eq!(*forgotten.lock().unwrap(), 1, "the beginning");
    log.commit(10_001..=50_000);
    *log.pages_read.lock().unwrap() = 0;
    assert_eq!(tail.look(start).await.unwrap(), 1_000);
    assert_eq!(*log.pages_read.lock().unwrap(), 10 + 11 + 2, "known, too many, and what it begins anew with");
    assert_eq!(*forgotten.lock().unwrap(), 2);
    assert_eq!(tail.look(start).await.unwrap(), 0);
    assert_eq!(*forgotten.lock().unwrap(), 2);
}

#[tokio::test]
async fn a_log_that_lost_its_last_changes_makes_forget_everything_whether_or_not_others_have_their_numbers() {
    for others in [None, Some(8)] {
        let log = Arc::new(Log::default());
        let (mut tail, forgotten) = counting(&log);
        let start = Instant::now();
        log.commit(1..=8);
        tail.look(start).await.unwrap();
        tail.look(start).await.unwrap();
        assert_eq!(*forgotten.lock().unwrap(), 1, "the beginning");
        log.go_back_to(7);
        log.committed.lock().unwrap().extend(others.map(|number| (number, user(99))));
        tail.look(start).await.unwrap();
        assert_eq!(*forgotten.lock().unwrap(), 2, "{others:?}");
    }
}

#[tokio::test]
async fn changes_with_numbers_from_before_a_restored_backup_are_told() {
    let (log, directory, mut tail) = world();
    let start = Instant::now();
    log.commit(1..=3_000);
    for looks in 0..3 {
        tail.look(start + LOOK_BACK * looks).await.unwrap();
    }
    assert_eq!((tail.floor, tail.seen.len()), (Some(3_000), 0), "a quiet time");
    log.go_back_to(2_000);
    tail.look(start + LOOK_BACK * 3).await.unwrap();
    directory.told();
    log.committed.lock().unwrap().push((2_001, user(99)));
    tail.look(start + LOOK_BACK * 3).await.unwrap();
    assert_eq!(told(&directory), [user(99)]);
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
