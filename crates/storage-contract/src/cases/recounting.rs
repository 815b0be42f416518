//! Counting everybody again, and mending what does not agree, while others go on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use domain::ports::{StorageError, StorageInspection};
use domain::query::{DeletedScope, ListUsers};
use domain::user::{DeletedNames, UserPatch};
use domain::values::Role;
use testkit::{FixedClock, user};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::case::cases;
use crate::db::{Db, settle};

cases![what_units_have_changed_never_differs, what_was_damaged_is_mended_once_while_others_write];

/// One who comes, changes and goes, in units of their own; so often that others meet them.
async fn come_and_go(db: &Db) {
    settle(|| async {
        let mut unit = db.try_begin().await?;
        let come = unit.insert(user()).await?;
        unit.try_commit().await?;
        let mut unit = db.try_begin().await?;
        let promotion = UserPatch { role: Some(Role::Moderator), ..Default::default() };
        unit.try_change(&come, |come| come.update(promotion, None, FixedClock::START)).await?;
        unit.try_commit().await?;
        let mut unit = db.try_begin().await?;
        unit.try_change(&come, |come| come.delete(DeletedNames::Freed, FixedClock::START)).await?;
        Ok(unit.try_commit().await?)
    })
    .await
    .expect("nothing stands against it");
}

/// Writers that go on until the flag is up.
fn writers(db: &Db) -> (JoinSet<()>, Arc<AtomicBool>) {
    let (mut writers, is_done) = (JoinSet::new(), Arc::new(AtomicBool::new(false)));
    for _ in 0..3 {
        let (db, is_done) = (db.clone(), Arc::clone(&is_done));
        writers.spawn(async move {
            while !is_done.load(Ordering::Relaxed) {
                come_and_go(&db).await;
            }
        });
    }
    (writers, is_done)
}

/// Tries again while others win, as an operator's command does.
async fn patiently<T, F>(mut attempt: impl FnMut() -> F) -> T
where
    F: Future<Output = Result<T, StorageError>>,
{
    loop {
        match attempt().await {
            Err(error) if error.is_retryable() => sleep(Duration::from_millis(3)).await,
            done => return done.expect("the storage can be inspected and mended"),
        }
    }
}

async fn what_units_have_changed_never_differs(db: Db) {
    let inspection = db.inspection();
    assert!(!inspection.describe().await.expect("a storage describes itself").version.is_empty());
    let (writers, is_done) = writers(&db);
    for _ in 0..30 {
        assert_eq!(patiently(|| inspection.count_differences()).await, []);
    }
    is_done.store(true, Ordering::Relaxed);
    writers.join_all().await;
    assert_eq!(inspection.count_differences().await.expect("users can be counted"), []);
    assert_eq!(inspection.missing_guards().await.expect("guards can be read"), [""; 0]);
}

/// Mends every difference that is there.
async fn mend(inspection: Arc<dyn StorageInspection>) -> usize {
    let mut mended = 0;
    for difference in patiently(|| inspection.count_differences()).await {
        mended += patiently(|| inspection.mend_counts(difference.block)).await.len();
    }
    mended
}

async fn what_was_damaged_is_mended_once_while_others_write(db: Db) {
    db.add(user().admin()).await;
    let (writers, is_done) = writers(&db);
    sleep(Duration::from_millis(50)).await;
    if db.damage().await {
        let inspection = db.inspection();
        let differences = patiently(|| inspection.count_differences()).await;
        assert!(
            differences.iter().any(|it| it.role == "admin" && it.actual == 1 && it.counted != 1),
            "{differences:?}"
        );
        // Two operators at once.
        let both = JoinSet::from_iter([mend(db.inspection()), mend(db.inspection())]).join_all().await;
        assert!(both.into_iter().sum::<usize>() >= differences.len());
        assert_ne!(patiently(|| inspection.missing_guards()).await, [""; 0]);
        assert_ne!(patiently(|| inspection.mend_guards()).await, [""; 0]);
    }
    is_done.store(true, Ordering::Relaxed);
    writers.join_all().await;
    let inspection = db.inspection();
    assert_eq!(inspection.count_differences().await.expect("users can be counted"), []);
    assert_eq!(inspection.missing_guards().await.expect("guards can be read"), [""; 0]);
    assert_eq!(db.begin().await.count_administrators().await, 1, "the guard can be passed");

    let mut everybody = ListUsers { limit: u32::MAX, ..Default::default() };
    everybody.filter.deleted = DeletedScope::All;
    let page = db.list(&everybody).await;
    assert_eq!(page.total.map(|total| total.count), Some(page.users.len() as u64));
}
