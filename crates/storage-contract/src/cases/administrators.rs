//! Counting administrators so that the last one stays.

use std::sync::Arc;
use std::time::Duration;

use domain::ports::{SaveUserError, StorageError};
use domain::user::{DeletedNames, User, UserPatch};
use domain::values::Role;
use testkit::{FixedClock, user};
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::case::cases;
use crate::db::{Db, settle};

cases![
    only_living_active_administrators_are_counted,
    a_units_own_changes_are_counted,
    who_counts_waits_for_the_unit_that_counted_before,
    two_units_never_take_the_last_two_administrators_away,
];

async fn only_living_active_administrators_are_counted(db: Db) {
    assert_eq!(db.begin().await.count_administrators().await, 0);
    db.add(user()).await;
    db.add(user().moderator()).await;
    db.add(user().admin().inactive()).await;
    let deleted = db.add(user().admin()).await;
    db.delete(&deleted).await;
    assert_eq!(db.begin().await.count_administrators().await, 0);
    for count in 1..4 {
        db.add(user().admin()).await;
        assert_eq!(db.begin().await.count_administrators().await, count);
    }
}

async fn a_units_own_changes_are_counted(db: Db) {
    let ann = db.add(user().admin()).await;
    let mut unit = db.begin().await;
    assert_eq!(unit.count_administrators().await, 1);
    unit.add(user().admin()).await;
    assert_eq!(unit.count_administrators().await, 2);
    unit.change(&ann, demote).await;
    assert_eq!(unit.count_administrators().await, 1);
}

async fn who_counts_waits_for_the_unit_that_counted_before(db: Db) {
    let ann = db.add(user().admin()).await;
    db.add(user().admin()).await;
    let mut first = db.begin().await;
    assert_eq!(first.count_administrators().await, 2);

    let (mut counting, other) = (JoinSet::new(), db.clone());
    counting.spawn(async move { other.try_begin().await?.users().count_administrators_exclusively().await });
    let early = timeout(Duration::from_millis(500), counting.join_next()).await;
    if let Ok(early) = early {
        let early = early.expect("it was spawned").expect("counting does not panic");
        assert!(early.as_ref().is_err_and(StorageError::is_retryable), "counted beside another unit: {early:?}");
        return;
    }
    first.change(&ann, demote).await;
    first.commit().await;
    let late = counting.join_next().await.expect("it was spawned").expect("counting does not panic");
    assert!(
        late.as_ref().is_ok_and(|count| *count == 1) || late.as_ref().is_err_and(StorageError::is_retryable),
        "{late:?}"
    );
}

fn demote(user: &mut User) {
    user.update(UserPatch { role: Some(Role::User), ..Default::default() }, None, FixedClock::START);
}

fn deactivate(user: &mut User) {
    user.deactivate(None, None, FixedClock::START);
}

fn delete(user: &mut User) {
    user.delete(DeletedNames::Freed, FixedClock::START);
}

type Departure = fn(&mut User);

/// What every use case does that takes an administrator away. Whether it did.
async fn take_away(db: Db, administrator: User, departure: Departure) -> Result<bool, SaveUserError> {
    let mut unit = db.try_begin().await?;
    if unit.users().count_administrators_exclusively().await? < 2 {
        return Ok(false);
    }
    // Time for another unit to count as well, if it may.
    tokio::time::sleep(Duration::from_millis(1)).await;
    let mut administrator = unit.users().find(administrator.id().into()).await?.expect("nobody else takes this one");
    departure(&mut administrator);
    unit.users().update(&administrator).await?;
    unit.try_commit().await?;
    Ok(true)
}

/// Every way in which two can leave at once.
fn departures() -> Vec<[Departure; 2]> {
    let ways: [Departure; 3] = [demote, deactivate, delete];
    ways.into_iter().flat_map(|one| ways.map(|other| [one, other])).collect()
}

async fn two_units_never_take_the_last_two_administrators_away(db: Db) {
    let mut administrator = db.add(user().admin()).await;
    for (round, [one, other]) in departures().repeat(4).into_iter().enumerate() {
        let pair = [(administrator, one), (db.add(user().admin()).await, other)];
        let together = Arc::new(Barrier::new(2));
        let mut leaving = JoinSet::new();
        for (administrator, departure) in pair {
            let (db, together) = (db.clone(), Arc::clone(&together));
            leaving.spawn(async move {
                together.wait().await;
                let gone = settle(|| take_away(db.clone(), administrator.clone(), departure)).await;
                (administrator, gone.expect("trying again helps"))
            });
        }
        let (gone, stayed): (Vec<_>, Vec<_>) = leaving.join_all().await.into_iter().partition(|(_, gone)| *gone);
        assert_eq!((gone.len(), stayed.len()), (1, 1), "in round {round}");
        assert_eq!(db.begin().await.count_administrators().await, 1, "in round {round}");
        administrator = stayed.into_iter().next().expect("one stayed").0;
    }
}
