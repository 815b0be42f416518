//! Whose name and address it is: the first who took them, until they are deleted.

use domain::user::DeletedNames;
use testkit::{FixedClock, user};

use crate::case::cases;
use crate::db::Db;
use crate::unit::assert_refused;

cases![
    a_username_is_taken_once,
    an_email_is_taken_once,
    an_external_id_is_taken_once,
    deleting_frees_the_names,
    deleted_users_may_have_had_the_same_names,
    reserved_names_stay_taken_after_deletion,
    the_external_id_of_a_deleted_user_stays_taken,
    any_number_of_users_have_no_external_id,
];

async fn a_username_is_taken_once(db: Db) {
    db.add(user().username("ann")).await;
    assert_refused!(db.begin().await.insert(user().username("ann")).await, UsernameTaken);
    assert_eq!(db.count().await, 1);
}

async fn an_email_is_taken_once(db: Db) {
    db.add(user().email("ann@example.org")).await;
    assert_refused!(db.begin().await.insert(user().email("ann@example.org")).await, EmailTaken);
    assert_eq!(db.count().await, 1);
}

async fn an_external_id_is_taken_once(db: Db) {
    db.add(user().external_id("hr-1")).await;
    assert_refused!(db.begin().await.insert(user().external_id("hr-1")).await, ExternalIdTaken);
    assert_eq!(db.count().await, 1);
}

async fn deleting_frees_the_names(db: Db) {
    let ann = db.add(user().named("ann")).await;
    db.delete(&ann).await;
    let successor = db.add(user().named("ann")).await;
    assert_ne!(successor.id(), ann.id());
    assert_refused!(db.begin().await.insert(user().username("ann")).await, UsernameTaken);
}

async fn deleted_users_may_have_had_the_same_names(db: Db) {
    for _ in 0..3 {
        let ann = db.add(user().named("ann")).await;
        db.delete(&ann).await;
    }
    assert_eq!(db.count().await, 3);
}

async fn reserved_names_stay_taken_after_deletion(db: Db) {
    let ann = db.add(user().named("ann")).await;
    db.change(&ann, |ann| ann.delete(DeletedNames::Reserved, FixedClock::START)).await;
    assert_refused!(db.begin().await.insert(user().username("ann")).await, UsernameTaken);
    assert_refused!(db.begin().await.insert(user().email("ann@example.org")).await, EmailTaken);
    db.change(&ann, |ann| ann.restore(FixedClock::START)).await;
    assert!(db.begin().await.find(ann.id()).await.is_some(), "their owner may come back to them");
}

async fn the_external_id_of_a_deleted_user_stays_taken(db: Db) {
    let ann = db.add(user().external_id("hr-1")).await;
    db.delete(&ann).await;
    assert_refused!(db.begin().await.insert(user().external_id("hr-1")).await, ExternalIdTaken);
}

async fn any_number_of_users_have_no_external_id(db: Db) {
    for _ in 0..3 {
        assert_eq!(db.add(user()).await.record().external_id, None);
    }
}
