//! Whether anybody was ever stored, so that the first user is made once.

use std::time::Duration;

use domain::ports::{SaveUserError, StorageError};
use testkit::user;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::case::cases;
use crate::db::{Db, settle, together};

cases![
    a_fresh_storage_is_empty_until_somebody_is_stored,
    a_storage_whose_users_are_all_deleted_is_not_empty,
    a_unit_that_never_was_leaves_the_storage_empty,
    who_asks_waits_for_the_unit_that_asked_before,
    of_units_that_make_the_first_user_one_does,
];

const CONTENDERS: usize = 5;

async fn is_empty(db: &Db) -> bool {
    db.begin().await.users().is_empty_exclusively().await.expect("a unit can ask")
}

async fn a_fresh_storage_is_empty_until_somebody_is_stored(db: Db) {
    assert!(is_empty(&db).await);
    let mut unit = db.begin().await;
    assert!(unit.users().is_empty_exclusively().await.expect("a unit can ask"));
    unit.add(user()).await;
    assert!(!unit.users().is_empty_exclusively().await.expect("a unit can ask"), "its own change");
    unit.commit().await;
    assert!(!is_empty(&db).await);
}

async fn a_storage_whose_users_are_all_deleted_is_not_empty(db: Db) {
    let ann = db.add(user().admin()).await;
    db.delete(&ann).await;
    assert!(!is_empty(&db).await);
}

async fn a_unit_that_never_was_leaves_the_storage_empty(db: Db) {
    let mut unit = db.begin().await;
    unit.add(user()).await;
    drop(unit);
    assert!(is_empty(&db).await);
}

async fn who_asks_waits_for_the_unit_that_asked_before(db: Db) {
    let mut first = db.begin().await;
    assert!(first.users().is_empty_exclusively().await.expect("a unit can ask"));
    let (mut asking, other) = (JoinSet::new(), db.clone());
    asking.spawn(async move { other.try_begin().await?.users().is_empty_exclusively().await });
    let early = timeout(Duration::from_millis(500), asking.join_next()).await;
    if let Ok(early) = early {
        let early = early.expect("it was spawned").expect("asking does not panic");
        assert!(early.as_ref().is_err_and(StorageError::is_retryable), "asked beside another unit: {early:?}");
        return;
    }
    first.add(user()).await;
    first.commit().await;
    let late = asking.join_next().await.expect("it was spawned").expect("asking does not panic");
    assert!(
        late.as_ref().is_ok_and(|is_empty| !is_empty) || late.as_ref().is_err_and(StorageError::is_retryable),
        "{late:?}"
    );
}

/// Makes the first user, unless there is one. Whether it did.
async fn make_the_first(db: Db) -> Result<bool, SaveUserError> {
    let mut unit = db.try_begin().await?;
    if !unit.users().is_empty_exclusively().await? {
        return Ok(false);
    }
    // Time for another unit to ask as well, if it may.
    tokio::time::sleep(Duration::from_millis(1)).await;
    unit.users().insert(user().admin().build()).await?;
    unit.try_commit().await?;
    Ok(true)
}

async fn of_units_that_make_the_first_user_one_does(db: Db) {
    let tasks = (0..CONTENDERS).map(|_| {
        let db = db.clone();
        async move { settle(|| make_the_first(db.clone())).await }
    });
    let ended = together(tasks.collect()).await;
    let made = ended.into_iter().map(|ended| ended.expect("trying again helps")).filter(|made| *made).count();
    assert_eq!((made, db.count().await), (1, 1));
}
