//! A copy that follows, that lags, and that is away.

use async_trait::async_trait;
use domain::audit::Effect;
use domain::ports::StorageFault;
use domain::ports::mocks::MockUserQueries;
use domain::query::Total;
use domain::values::Role;
use testkit::user;
use uuid::Uuid;

use super::*;
use crate::fixture::{World, admin, fault};
use crate::users::{GetUserError, ListUsersCommand, Precondition, UserPolicy, Users};

const MOMENT: Duration = Duration::from_millis(10);

/// What a copy has.
#[derive(Default)]
struct Copy {
    has: Mutex<Vec<LoggedChange>>,
    is_away: Mutex<bool>,
    asked: Mutex<u32>,
}

impl Copy {
    fn gets(&self, numbers: impl IntoIterator<Item = i64>) {
        let mut has = self.has.lock().unwrap();
        has.extend(numbers.into_iter().map(change));
        has.sort_unstable_by_key(|change| change.number);
    }

    fn is_away(&self, is_away: bool) {
        *self.is_away.lock().unwrap() = is_away;
    }

    fn answer<T>(&self, answer: T) -> Result<T, StorageError> {
        *self.asked.lock().unwrap() += 1;
        if *self.is_away.lock().unwrap() {
            Err(StorageError::new(StorageFault::Unavailable, "away"))
        } else {
            Ok(answer)
        }
    }
}

#[async_trait]
impl ChangeLog for Copy {
    async fn newest(&self) -> Result<i64, StorageError> {
        self.answer(self.has.lock().unwrap().last().map_or(0, |last| last.number))
    }

    async fn after(&self, number: i64, limit: u32) -> Result<Vec<LoggedChange>, StorageError> {
        let has = self.has.lock().unwrap().clone();
        self.answer(has.into_iter().filter(|change| change.number > number).take(limit as usize).collect())
    }
}

fn somebody(number: i64) -> UserUuid {
    UserUuid::new(Uuid::from_u128(number.unsigned_abs().into()))
}

fn change(number: i64) -> LoggedChange {
    LoggedChange {
        number,
        change: AccessChange { user: Some(somebody(number)), session: None, effect: Effect::Detail },
    }
}

fn changes(numbers: impl IntoIterator<Item = i64>) -> Vec<LoggedChange> {
    numbers.into_iter().map(change).collect()
}

fn named(number: i64) -> Actor {
    Actor::User { uuid: somebody(number), username: "ann".into(), role: Role::Moderator }
}

/// A replica whose copy has all of two looks, a moment apart.
async fn complete() -> (Arc<Copy>, ReadReplica, Instant) {
    let copy = Arc::new(Copy::default());
    let replica = ReadReplica::new(Arc::new(MockUserQueries::new()), copy.clone());
    let start = Instant::now();
    replica.await_changes(start, &changes([1, 2]));
    copy.gets([1, 2]);
    replica.compare().await.unwrap();
    (copy, replica, start)
}

#[tokio::test]
async fn of_a_copy_nothing_is_known_at_first() {
    let replica = ReadReplica::new(Arc::new(MockUserQueries::new()), Arc::new(Copy::default()));
    assert!(!replica.is_good_for(&named(1), Instant::now()));
    assert!(replica.is_behind(Instant::now()));
}

#[tokio::test]
async fn a_copy_that_has_what_the_database_had_is_read_from() {
    let (_, replica, start) = complete().await;
    assert!(replica.is_good_for(&named(9), start));
    assert!(replica.is_good_for(&Actor::AnonymousAdministrator, start));
    assert!(!replica.is_behind(start));
}

#[tokio::test]
async fn a_copy_is_not_read_from_before_it_has_what_the_first_look_saw() {
    let copy = Arc::new(Copy::default());
    let replica = ReadReplica::new(Arc::new(MockUserQueries::new()), copy.clone());
    let start = Instant::now();
    replica.await_changes(start, &changes([1, 2]));
    copy.gets([1]);
    replica.compare().await.unwrap();
    assert!(!replica.is_good_for(&named(9), start));
}

#[tokio::test]
async fn what_a_copy_lacks_for_a_moment_nobody_minds_and_for_longer_it_is_not_read_from() {
    let (copy, replica, start) = complete().await;
    replica.await_changes(start + FRESH / 2, &changes([3]));
    replica.compare().await.unwrap();
    assert!(replica.is_good_for(&named(9), start + FRESH), "complete until the look before");
    assert!(!replica.is_good_for(&named(9), start + FRESH + MOMENT));
    assert!(replica.is_behind(start + FRESH + MOMENT));
    copy.gets([3]);
    replica.compare().await.unwrap();
    assert!(replica.is_good_for(&named(9), start + FRESH + MOMENT), "complete until the look that saw it");
}

#[tokio::test]
async fn a_copy_of_which_nothing_is_heard_any_more_is_not_read_from() {
    let (_, replica, start) = complete().await;
    assert!(!replica.is_good_for(&named(9), start + FRESH + MOMENT));
}

#[tokio::test]
async fn whoever_wrote_is_answered_by_the_database_until_the_copy_has_it() {
    let (copy, replica, start) = complete().await;
    replica.wrote(&named(7), &[change(3).change], start + MOMENT);
    assert!(!replica.is_good_for(&named(7), start + MOMENT * 2), "who wrote");
    assert!(!replica.is_good_for(&named(3), start + MOMENT * 2), "of whom it is");
    assert!(replica.is_good_for(&named(9), start + MOMENT * 2), "everybody else");
    // A look that began before cannot have seen it for sure.
    replica.await_changes(start + MOMENT, &[]);
    assert!(!replica.is_good_for(&named(7), start + MOMENT * 2));
    replica.await_changes(start + MOMENT * 3, &changes([3]));
    replica.compare().await.unwrap();
    assert!(!replica.is_good_for(&named(7), start + MOMENT * 3));
    copy.gets([3]);
    replica.compare().await.unwrap();
    assert!(replica.is_good_for(&named(7), start + MOMENT * 3));
    assert!(replica.known().writes.is_empty(), "what the copy has is not kept in mind");
}

#[tokio::test]
async fn those_without_a_name_are_one() {
    let (_, replica, start) = complete().await;
    replica.wrote(&Actor::AnonymousAdministrator, &[], start + MOMENT);
    assert!(!replica.is_good_for(&Actor::AnonymousAdministrator, start + MOMENT));
    assert!(replica.is_good_for(&named(1), start + MOMENT));
}

#[tokio::test]
async fn more_writers_than_are_kept_in_mind_are_taken_for_everybody() {
    let (_, replica, start) = complete().await;
    for number in 0..=i64::try_from(MOST_WRITERS).unwrap() {
        replica.wrote(&named(number), &[], start + MOMENT);
    }
    assert!(replica.known().writes.len() <= MOST_WRITERS);
    assert!(!replica.is_good_for(&named(-1), start + MOMENT));
    replica.await_changes(start + MOMENT * 2, &[]);
    assert!(replica.is_good_for(&named(-1), start + MOMENT * 2));
}

#[tokio::test]
async fn another_change_under_the_same_number_is_not_the_one_that_is_awaited() {
    let (copy, replica, start) = complete().await;
    replica.await_changes(start + MOMENT, &changes([3]));
    copy.has.lock().unwrap().push(LoggedChange { number: 3, ..change(8) });
    replica.compare().await.unwrap();
    assert!(!replica.is_good_for(&named(9), start + FRESH + MOMENT));
}

#[tokio::test]
async fn a_copy_with_another_history_begins_again() {
    let (copy, replica, start) = complete().await;
    replica.begin_again();
    assert!(!replica.is_good_for(&named(9), start));
    replica.await_changes(start + MOMENT, &changes([1, 2]));
    replica.compare().await.unwrap();
    assert!(replica.is_good_for(&named(9), start + MOMENT));
    assert_eq!(*copy.asked.lock().unwrap(), 2);
}

#[tokio::test]
async fn where_nothing_changes_the_copy_is_not_asked() {
    let (copy, replica, start) = complete().await;
    let asked = *copy.asked.lock().unwrap();
    replica.await_changes(start + MOMENT, &[]);
    replica.compare().await.unwrap();
    assert_eq!(*copy.asked.lock().unwrap(), asked);
    assert!(replica.is_good_for(&named(9), start + MOMENT));
}

#[tokio::test]
async fn a_copy_that_fell_silent_while_nothing_changed_is_noticed_before_a_caller_meets_it() {
    let (copy, replica, _) = complete().await;
    copy.is_away(true);
    std::thread::sleep(ASKED_EVERY);
    let now = Instant::now();
    replica.await_changes(now, &[]);
    assert!(replica.is_good_for(&named(9), now));
    replica.compare().await.unwrap_err();
    assert!(!replica.is_good_for(&named(9), now));
}

#[tokio::test]
async fn a_copy_that_is_away_is_not_read_from_until_it_answers() {
    let (copy, replica, start) = complete().await;
    copy.is_away(true);
    replica.await_changes(start + MOMENT, &changes([3]));
    replica.compare().await.unwrap_err();
    assert!(!replica.is_good_for(&named(9), start + MOMENT));
    copy.gets([3]);
    copy.is_away(false);
    replica.compare().await.unwrap();
    assert!(replica.is_good_for(&named(9), start + MOMENT));
}

#[tokio::test]
async fn many_changes_are_found_page_by_page() {
    let (copy, replica, start) = complete().await;
    let many = i64::from(PAGE) * 3 + 3;
    replica.await_changes(start + MOMENT, &changes(3..many));
    copy.gets(3..many);
    replica.compare().await.unwrap();
    assert!(replica.known().awaited.is_empty());
}

#[tokio::test]
async fn too_many_changes_to_await_leave_the_copy_as_far_behind_as_the_oldest() {
    let (copy, replica, start) = complete().await;
    let many = i64::try_from(MOST_AWAITED).unwrap() * 2;
    replica.await_changes(start + MOMENT, &changes([3]));
    replica.await_changes(start + FRESH * 2, &changes(4..many));
    assert!(replica.known().awaited.len() <= MOST_AWAITED);
    assert!(!replica.is_good_for(&named(-9), start + FRESH * 2));
    copy.gets(3..many);
    replica.compare().await.unwrap();
    assert!(replica.is_good_for(&named(-9), start + FRESH * 2));
}

/// The service on memory, with a copy that answers lists with a total nobody else has.
async fn beside(copy: MockUserQueries) -> (Users, Arc<ReadReplica>) {
    let world = World::new();
    world.given(user()).await;
    let replica = Arc::new(ReadReplica::new(Arc::new(copy), Arc::new(Copy::default())));
    replica.await_changes(Instant::now(), &[]);
    let ports = Ports { replica: Some(replica.clone()), ..world.ports };
    (Users::new(ports, UserPolicy::default()), replica)
}

async fn total(users: &Users) -> u64 {
    users.list(&admin(), ListUsersCommand::default()).await.unwrap().total.unwrap().count
}

#[tokio::test]
async fn lists_are_read_from_the_copy() {
    let mut copy = MockUserQueries::new();
    let marked = UserPage { users: Vec::new(), total: Some(Total { count: 77, capped: false }), next: None };
    copy.expect_list().times(1).return_once(|_| Ok(marked));
    let (users, _) = beside(copy).await;
    assert_eq!(total(&users).await, 77);
}

#[tokio::test]
async fn what_the_copy_fails_to_answer_the_database_does_and_the_copy_rests() {
    let mut copy = MockUserQueries::new();
    copy.expect_list().times(1).returning(|_| Err(fault(StorageFault::Unavailable)));
    let (users, replica) = beside(copy).await;
    assert_eq!(total(&users).await, 1);
    assert_eq!(total(&users).await, 1);
    replica.compare().await.unwrap();
    assert!(replica.is_good_for(&named(1), Instant::now()), "until it answers again");
}

#[tokio::test]
async fn who_changes_somebody_sees_it_at_once() {
    let world = World::new();
    let ann = world.given(user()).await;
    // A copy that is asked makes the test fail.
    let replica = Arc::new(ReadReplica::new(Arc::new(MockUserQueries::new()), Arc::new(Copy::default())));
    replica.await_changes(Instant::now(), &[]);
    let users = Users::new(Ports { replica: Some(replica), ..world.ports }, UserPolicy::default());
    users.delete(&admin(), ann.id.into(), Precondition::None).await.unwrap();
    assert_eq!(total(&users).await, 0);
    let gone = users.get(&admin(), ann.id.into(), false).await;
    assert!(matches!(gone, Err(GetUserError::NotFound)));
}

#[tokio::test]
async fn single_users_that_are_kept_in_memory_are_not_read_from_the_copy() {
    let world = World::new();
    let ann = world.given(user()).await;
    let replica = ReadReplica::new(Arc::new(MockUserQueries::new()), Arc::new(Copy::default())).for_lists_only();
    replica.await_changes(Instant::now(), &[]);
    let users = Users::new(Ports { replica: Some(Arc::new(replica)), ..world.ports }, UserPolicy::default());
    assert_eq!(*users.get(&admin(), ann.id.into(), false).await.unwrap(), ann);
}
