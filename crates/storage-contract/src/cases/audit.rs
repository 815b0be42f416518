//! The audit trail: written with the change, or not at all.

use domain::user::UserAction;
use testkit::user;

use crate::case::cases;
use crate::db::Db;
use crate::trail::events;
use crate::unit::assert_refused;

cases![
    events_are_visible_at_the_commit,
    events_of_a_dropped_unit_never_happened,
    events_of_a_unit_that_met_an_error_never_happened,
    every_action_is_kept,
    any_number_of_events_can_be_written_at_once,
];

async fn events_are_visible_at_the_commit(db: Db) {
    let mut unit = db.begin().await;
    let mut written = vec![unit.record(UserAction::Created).await, unit.record(UserAction::Updated).await];
    assert_eq!(db.events().await, []);
    unit.commit().await;
    written.sort_by_key(|event| event.id);
    assert_eq!(db.events().await, written);
}

async fn events_of_a_dropped_unit_never_happened(db: Db) {
    let mut unit = db.begin().await;
    unit.record(UserAction::Created).await;
    drop(unit);
    let mut unit = db.begin().await;
    let kept = unit.record(UserAction::Deleted).await;
    unit.commit().await;
    assert_eq!(db.events().await, [kept]);
}

async fn events_of_a_unit_that_met_an_error_never_happened(db: Db) {
    db.add(user().username("ann")).await;
    let mut unit = db.begin().await;
    unit.record(UserAction::Created).await;
    assert_refused!(unit.insert(user().username("ann")).await, UsernameTaken);
    assert!(unit.try_commit().await.is_err());
    assert_eq!(db.events().await, []);
}

async fn every_action_is_kept(db: Db) {
    let mut written = Vec::new();
    let mut unit = db.begin().await;
    for action in [
        UserAction::Created,
        UserAction::Updated,
        UserAction::PasswordChanged,
        UserAction::RoleChanged,
        UserAction::Deactivated,
        UserAction::Activated,
        UserAction::Deleted,
        UserAction::Restored,
    ] {
        written.push(unit.record(action).await);
    }
    unit.commit().await;
    written.sort_by_key(|event| event.id);
    assert_eq!(db.events().await, written);
}

async fn any_number_of_events_can_be_written_at_once(db: Db) {
    let mut unit = db.begin().await;
    unit.append(&[]).await;
    let written = events(1_250);
    unit.append(&written).await;
    unit.commit().await;
    assert_eq!(db.events().await, written);
}
