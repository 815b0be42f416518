//! Threads that change, tell and read at once.

use super::*;
use crate::trial::Row;

const USERS: i64 = 6;

/// Versions, 0 for nobody. Answers after a random while what was true at a random moment of it.
struct Table(Arc<Vec<Row>>);

#[async_trait]
impl People for Table {
    async fn look_up(&self, asked: UserRef) -> Result<Option<UserView>, StorageError> {
        linger().await;
        let number = number_of(asked);
        let version = self.0[usize::try_from(number).unwrap()].stored.load(Ordering::SeqCst);
        linger().await;
        Ok((version > 0).then(|| UserView { version, ..user(number) }))
    }
}

/// Changes a random user, then tells of it in one way or the other.
fn change(cache: &UserCache, rows: &[Row]) {
    let number = fastrand::i64(0..USERS);
    let row = &rows[usize::try_from(number).unwrap()];
    let version = row.stored.fetch_add(1, Ordering::SeqCst) + 1;
    let change = if version == 1 { creation_of(number) } else { of_user(number) };
    match fastrand::u32(0..8) {
        0 => cache.forget_everything(),
        1..4 => cache.changed(&[LoggedChange { number: version, change }], 0),
        _ => cache.committed(&[change]),
    }
    row.told.fetch_max(version, Ordering::SeqCst);
}

/// Whether an answer was from before what was told of before the question.
async fn reads_something_old(cache: &UserCache, rows: &[Row]) -> bool {
    let number = fastrand::i64(0..USERS);
    let told = rows[usize::try_from(number).unwrap()].told.load(Ordering::SeqCst);
    let asked = if fastrand::bool() { id(number) } else { UserRef::Uuid(uuid(number)) };
    let found = cache.find(asked, DeletedScope::Live).await.expect("an answer");
    found.map_or(0, |view| view.version) < told
}

fn stress(limits: Limits) {
    let rows: Arc<Vec<Row>> = Arc::new((0..USERS).map(|_| Row::default()).collect());
    let cache = UserCache::within(limits, Arc::new(Only(Table(Arc::clone(&rows)))), None);
    trial::stress(|| reads_something_old(&cache, &rows), || change(&cache, &rows));
}

#[test]
fn nobody_sees_what_was_true_before_a_change_that_was_told() {
    stress(LIMITS);
}

/// So few marks that they are dropped all the time, and so little room that users are.
#[test]
fn nobody_does_when_marks_and_users_are_too_many_either() {
    stress(Limits { marks: 3, bytes: 1_200, unknown: 2, ..LIMITS });
}
