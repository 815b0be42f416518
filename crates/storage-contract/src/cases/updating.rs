//! Replacing a stored user.

use chrono::TimeDelta;
use domain::input::Change;
use domain::user::{User, UserPatch};
use domain::values::{EmailAddress, PersonName, Role, UserId, Username};
use testkit::{FixedClock, user};

use crate::case::cases;
use crate::db::Db;
use crate::unit::assert_refused;

cases![
    a_stale_version_is_refused,
    a_version_that_is_not_stored_yet_is_refused,
    a_user_who_is_not_stored_has_a_stale_version,
    a_user_without_a_change_can_be_saved,
    a_user_can_be_changed_again_in_the_same_unit,
    each_saved_change_is_one_version,
    renaming_frees_the_old_names,
    a_user_may_write_their_own_names_differently,
    a_taken_name_is_refused_on_update,
];

fn first_name(name: &str) -> UserPatch {
    UserPatch { first_name: Change::Set(PersonName::from_stored(name.to_owned())), ..Default::default() }
}

fn names(username: &str, email: &str) -> UserPatch {
    UserPatch {
        username: Some(Username::from_stored(username.to_owned())),
        email: Some(EmailAddress::from_stored(email.to_owned())),
        ..Default::default()
    }
}

async fn a_stale_version_is_refused(db: Db) {
    let mut stale = db.add(user()).await;
    let current = db.change(&stale, |user| user.update(first_name("Ann"), None, FixedClock::START)).await;
    stale.update(first_name("Bob"), None, FixedClock::START);
    assert_refused!(db.begin().await.users().update(&stale).await, StaleVersion);
    assert_eq!(db.load(stale.id()).await, Some(current));
}

async fn a_version_that_is_not_stored_yet_is_refused(db: Db) {
    let stored = db.add(user()).await;
    let mut record = stored.record().clone();
    record.version += 1;
    let ahead = User::from_stored(stored.id(), record);
    assert_refused!(db.begin().await.users().update(&ahead).await, StaleVersion);
}

async fn a_user_who_is_not_stored_has_a_stale_version(db: Db) {
    let nobody = user().build().stored_as(UserId::new(4_711));
    assert_refused!(db.begin().await.users().update(&nobody).await, StaleVersion);
    assert_eq!(db.count().await, 0);
}

async fn a_user_without_a_change_can_be_saved(db: Db) {
    let stored = db.add(user()).await;
    let mut unit = db.begin().await;
    unit.users().update(&stored).await.expect("the stored version is the user's");
    unit.commit().await;
    assert_eq!(db.load(stored.id()).await, Some(stored));
}

async fn a_user_can_be_changed_again_in_the_same_unit(db: Db) {
    let stored = db.add(user()).await;
    let mut unit = db.begin().await;
    unit.change(&stored, |user| user.update(first_name("Ann"), None, FixedClock::START)).await;
    let twice = unit.change(&stored, |user| user.update(first_name("Bea"), None, FixedClock::START)).await;
    unit.commit().await;
    assert_eq!(twice.version(), stored.version() + 2);
    assert_eq!(db.load(stored.id()).await, Some(twice));
}

async fn each_saved_change_is_one_version(db: Db) {
    let stored = db.add(user()).await;
    for version in 2..6 {
        let role = if version % 2 == 0 { Role::Admin } else { Role::User };
        let patch = UserPatch { role: Some(role), ..first_name(&version.to_string()) };
        let later = FixedClock::START + TimeDelta::seconds(version);
        db.change(&stored, |user| user.update(patch, None, later)).await;
        assert_eq!(db.load(stored.id()).await.map(|user| user.version()), Some(version));
    }
}

async fn renaming_frees_the_old_names(db: Db) {
    let ann = db.add(user().named("ann")).await;
    db.change(&ann, |ann| ann.update(names("bea", "bea@example.org"), None, FixedClock::START)).await;
    db.add(user().named("ann")).await;
    assert_refused!(db.begin().await.insert(user().username("bea")).await, UsernameTaken);
    assert_refused!(db.begin().await.insert(user().email("bea@example.org")).await, EmailTaken);
}

async fn a_user_may_write_their_own_names_differently(db: Db) {
    let ann = db.add(user().named("ann")).await;
    let patch = names("Ann", "ANN@example.org");
    let renamed = db.change(&ann, |ann| ann.update(patch, None, FixedClock::START)).await;
    assert_eq!(db.load(ann.id()).await, Some(renamed));
}

async fn a_taken_name_is_refused_on_update(db: Db) {
    db.add(user().named("ann")).await;
    let bob = db.add(user().named("bob")).await;
    let free = ("free", "free@example.org");
    let mut unit = db.begin().await;
    let renamed = unit.try_change(&bob, |bob| bob.update(names("ANN", free.1), None, FixedClock::START)).await;
    assert_refused!(renamed, UsernameTaken);
    drop(unit);
    let mut unit = db.begin().await;
    let moved =
        unit.try_change(&bob, |bob| bob.update(names(free.0, "ANN@example.org"), None, FixedClock::START)).await;
    assert_refused!(moved, EmailTaken);
    drop(unit);
    assert_eq!(db.load(bob.id()).await, Some(bob));
}
