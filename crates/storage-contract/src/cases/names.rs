//! Whose name and address it is: the first who took them, until they are deleted.

use domain::input::Change;
use domain::user::{DeletedNames, UserPatch};
use domain::values::{EmailAddress, ExternalId, Username};
use testkit::{FixedClock, UserBuilder, user};

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
    restoring_takes_the_names_again,
    restoring_meets_names_that_were_taken_meanwhile,
    a_new_user_hears_of_the_username_then_the_email_then_the_external_id,
    a_changed_user_hears_of_the_username_then_the_email_then_the_external_id,
    a_restored_user_hears_of_the_username_before_the_email,
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

async fn restoring_takes_the_names_again(db: Db) {
    let ann = db.add(user().named("ann")).await;
    db.delete(&ann).await;
    db.change(&ann, |ann| ann.restore(FixedClock::START)).await;
    assert_refused!(db.begin().await.insert(user().username("ann")).await, UsernameTaken);
    assert_refused!(db.begin().await.insert(user().email("ann@example.org")).await, EmailTaken);
}

async fn restoring_meets_names_that_were_taken_meanwhile(db: Db) {
    let ann = db.add(user().named("ann")).await;
    let ann = db.delete(&ann).await;

    let namesake = db.add(user().username("ANN")).await;
    let restored = db.begin().await.try_change(&ann, |ann| ann.restore(FixedClock::START)).await;
    assert_refused!(restored, UsernameTaken);
    assert_eq!(db.load(ann.id()).await.as_ref(), Some(&ann), "still deleted");
    db.delete(&namesake).await;

    db.add(user().email("ANN@example.org")).await;
    let restored = db.begin().await.try_change(&ann, |ann| ann.restore(FixedClock::START)).await;
    assert_refused!(restored, EmailTaken);
}

/// Three users who each hold one of the names. Who came first must not matter to which conflict is reported.
fn holders() -> [[UserBuilder; 3]; 2] {
    let holders = |number: u8| {
        [
            user().username(&format!("ann{number}")),
            user().email(&format!("ann{number}@example.org")),
            user().external_id(&format!("hr-{number}")),
        ]
    };
    let mut backwards = holders(2);
    backwards.reverse();
    [holders(1), backwards]
}

async fn a_new_user_hears_of_the_username_then_the_email_then_the_external_id(db: Db) {
    for holder in holders().into_iter().flatten() {
        db.add(holder).await;
    }
    for number in 1..=2 {
        let (name, email, id) = (format!("ANN{number}"), format!("ANN{number}@example.org"), format!("hr-{number}"));
        let all = user().username(&name).email(&email).external_id(&id);
        assert_refused!(db.begin().await.insert(all).await, UsernameTaken);
        let name_and_id = user().username(&name).external_id(&id);
        assert_refused!(db.begin().await.insert(name_and_id).await, UsernameTaken);
        let email_and_id = user().email(&email).external_id(&id);
        assert_refused!(db.begin().await.insert(email_and_id).await, EmailTaken);
    }
}

async fn a_changed_user_hears_of_the_username_then_the_email_then_the_external_id(db: Db) {
    for holder in holders().into_iter().flatten() {
        db.add(holder).await;
    }
    let bob = db.add(user()).await;
    for number in 1..=2 {
        let username = Some(Username::from_stored(format!("ann{number}")));
        let email = Some(EmailAddress::from_stored(format!("ann{number}@example.org")));
        let external_id = Change::Set(ExternalId::from_stored(format!("hr-{number}")));
        let all = UserPatch { username, email, external_id, ..Default::default() };
        let all_but_the_username = UserPatch { username: None, ..all.clone() };
        let changed = db.begin().await.try_change(&bob, |bob| bob.update(all, None, FixedClock::START)).await;
        assert_refused!(changed, UsernameTaken);
        let mut unit = db.begin().await;
        let changed = unit.try_change(&bob, |bob| bob.update(all_but_the_username, None, FixedClock::START)).await;
        assert_refused!(changed, EmailTaken);
    }
}

async fn a_restored_user_hears_of_the_username_before_the_email(db: Db) {
    for (name, takers) in [
        ("ann", [user().username("ann"), user().email("ann@example.org")]),
        ("bob", [user().email("bob@example.org"), user().username("bob")]),
    ] {
        let deleted = db.add(user().named(name)).await;
        db.delete(&deleted).await;
        for taker in takers {
            db.add(taker).await;
        }
        let restored = db.begin().await.try_change(&deleted, |user| user.restore(FixedClock::START)).await;
        assert_refused!(restored, UsernameTaken);
    }
}
