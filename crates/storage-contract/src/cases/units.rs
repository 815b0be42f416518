//! Units of work: all of it or nothing.

use domain::ports::StorageFault;
use domain::user::{DeletedNames, UserAction};
use testkit::{FixedClock, user};

use crate::case::cases;
use crate::db::Db;
use crate::unit::{Unit, assert_refused};

cases![
    a_commit_makes_everything_visible,
    nothing_is_visible_before_the_commit,
    a_unit_sees_its_own_changes,
    a_dropped_unit_leaves_nothing,
    a_dropped_unit_gives_back_the_names_it_took,
    a_unit_that_met_a_taken_username_cannot_commit,
    a_unit_that_met_a_taken_email_cannot_commit,
    a_unit_that_met_a_taken_external_id_cannot_commit,
    a_unit_that_met_a_stale_version_cannot_commit,
    no_later_statement_mends_a_unit_that_met_an_error,
    a_refused_commit_lets_the_next_unit_begin,
];

async fn a_commit_makes_everything_visible(db: Db) {
    let mut unit = db.begin().await;
    let (ann, bob) = (unit.add(user()).await, unit.add(user()).await);
    let event = unit.record(UserAction::Created).await;
    unit.commit().await;
    assert!(db.view(ann.id()).await.is_some() && db.view(bob.id()).await.is_some());
    assert_eq!(db.events().await, [event]);
}

async fn nothing_is_visible_before_the_commit(db: Db) {
    let ann = db.add(user().locale("de")).await;
    let mut unit = db.begin().await;
    let bob = unit.add(user()).await;
    unit.change(&ann, |ann| ann.delete(DeletedNames::Freed, FixedClock::START)).await;
    unit.record(UserAction::Deleted).await;

    assert_eq!(db.view(bob.id()).await, None);
    assert_eq!(db.view(ann.id()).await.and_then(|ann| ann.deleted_at), None);
    assert_eq!((db.count().await, db.events().await.len()), (1, 0));
    unit.commit().await;
    assert_eq!((db.count().await, db.events().await.len()), (2, 1));
}

async fn a_unit_sees_its_own_changes(db: Db) {
    let mut unit = db.begin().await;
    let ann = unit.add(user().admin()).await;
    assert_eq!(unit.find(ann.id()).await.as_ref(), Some(&ann));
    assert_eq!(unit.find(ann.uuid()).await.as_ref(), Some(&ann));
    assert_eq!(unit.count_administrators().await, 1);
    let deleted = unit.change(&ann, |ann| ann.delete(DeletedNames::Freed, FixedClock::START)).await;
    assert_eq!(unit.find(ann.id()).await, None);
    assert_eq!(unit.load(ann.id()).await, Some(deleted));
    assert_eq!(unit.count_administrators().await, 0);
}

async fn a_dropped_unit_leaves_nothing(db: Db) {
    let ann = db.add(user()).await;
    let mut unit = db.begin().await;
    let bob = unit.add(user()).await;
    unit.change(&ann, |ann| ann.deactivate(None, None, FixedClock::START)).await;
    unit.record(UserAction::Deactivated).await;
    drop(unit);

    assert_eq!(db.load(bob.id()).await, None);
    assert_eq!(db.load(ann.id()).await, Some(ann));
    assert_eq!((db.count().await, db.events().await.len()), (1, 0));
}

async fn a_dropped_unit_gives_back_the_names_it_took(db: Db) {
    let mut unit = db.begin().await;
    unit.add(user().named("ann").external_id("hr-1")).await;
    drop(unit);
    db.add(user().named("ann").external_id("hr-1")).await;
}

async fn a_unit_that_met_a_taken_username_cannot_commit(db: Db) {
    db.add(user().username("ann")).await;
    let mut unit = unit_with_a_new_user(&db).await;
    assert_refused!(unit.insert(user().username("ann")).await, UsernameTaken);
    assert_cannot_commit(&db, unit).await;
}

async fn a_unit_that_met_a_taken_email_cannot_commit(db: Db) {
    db.add(user().email("ann@example.org")).await;
    let mut unit = unit_with_a_new_user(&db).await;
    assert_refused!(unit.insert(user().email("ann@example.org")).await, EmailTaken);
    assert_cannot_commit(&db, unit).await;
}

async fn a_unit_that_met_a_taken_external_id_cannot_commit(db: Db) {
    db.add(user().external_id("hr-1")).await;
    let mut unit = unit_with_a_new_user(&db).await;
    assert_refused!(unit.insert(user().external_id("hr-1")).await, ExternalIdTaken);
    assert_cannot_commit(&db, unit).await;
}

async fn a_unit_that_met_a_stale_version_cannot_commit(db: Db) {
    let mut stale = db.add(user()).await;
    db.change(&stale, |user| user.deactivate(None, None, FixedClock::START)).await;
    let mut unit = unit_with_a_new_user(&db).await;
    stale.delete(DeletedNames::Freed, FixedClock::START);
    assert_refused!(unit.users().update(&stale).await, StaleVersion);
    assert_cannot_commit(&db, unit).await;
}

async fn no_later_statement_mends_a_unit_that_met_an_error(db: Db) {
    db.add(user().username("ann")).await;
    let mut unit = unit_with_a_new_user(&db).await;
    assert_refused!(unit.insert(user().username("ann")).await, UsernameTaken);
    // Whether these are refused or not, nothing of them may stay: some databases go on outside the transaction.
    drop(unit.insert(user()).await);
    drop(unit.users().count_administrators_exclusively().await);
    drop(unit.insert(user()).await);
    assert_cannot_commit(&db, unit).await;
}

async fn a_refused_commit_lets_the_next_unit_begin(db: Db) {
    db.add(user().username("ann")).await;
    for _ in 0..20 {
        let mut unit = db.begin().await;
        assert_refused!(unit.insert(user().username("ann")).await, UsernameTaken);
        assert!(unit.try_commit().await.is_err());
    }
    db.add(user()).await;
}

/// A unit that has something to lose: a new user and an event.
async fn unit_with_a_new_user(db: &Db) -> Unit {
    let mut unit = db.begin().await;
    unit.add(user()).await;
    unit.record(UserAction::Created).await;
    unit
}

async fn assert_cannot_commit(db: &Db, unit: Unit) {
    let error = unit.try_commit().await.expect_err("a unit that met an error must not commit");
    assert_eq!(error.fault(), StorageFault::Failed);
    assert_eq!((db.count().await, db.events().await.len()), (1, 0), "nothing of the unit happened");
}
