//! Deactivations that end by themselves.

use chrono::{DateTime, TimeDelta, Utc};
use domain::user::{DeletedNames, User};
use domain::values::UserUuid;
use testkit::{FixedClock, user};

use crate::case::cases;
use crate::db::Db;

cases![
    a_suspension_ends_at_its_moment,
    only_living_inactive_users_with_an_end_are_named,
    suspensions_are_named_in_the_order_they_ended,
];

const NOW: DateTime<Utc> = FixedClock::START;

async fn suspended(db: &Db, until: DateTime<Utc>) -> User {
    let added = db.add(user()).await;
    db.change(&added, |user| user.deactivate(None, Some(until), NOW)).await
}

async fn ended(db: &Db, now: DateTime<Utc>, limit: u32) -> Vec<UserUuid> {
    db.queries().suspensions_ended(now, limit).await.expect("reading works")
}

async fn a_suspension_ends_at_its_moment(db: Db) {
    let ann = suspended(&db, NOW).await;
    assert_eq!(ended(&db, NOW - TimeDelta::microseconds(1), 10).await, []);
    assert_eq!(ended(&db, NOW, 10).await, [ann.uuid()]);
    assert_eq!(ended(&db, NOW + TimeDelta::days(40_000), 10).await, [ann.uuid()]);
}

async fn only_living_inactive_users_with_an_end_are_named(db: Db) {
    db.add(user()).await;
    db.add(user().inactive()).await;
    let activated = suspended(&db, NOW).await;
    db.change(&activated, |user| user.activate(NOW)).await;
    let deleted = suspended(&db, NOW).await;
    db.change(&deleted, |user| user.delete(DeletedNames::Freed, NOW)).await;
    let for_good = suspended(&db, NOW).await;
    db.change(&for_good, |user| user.deactivate(None, None, NOW)).await;

    // No transition leaves an end on an active user, but a row may hold one.
    let odd = suspended(&db, NOW).await;
    let mut record = odd.record().clone();
    record.is_active = true;
    let mut unit = db.begin().await;
    unit.users().update(&User::from_stored(odd.id(), record)).await.expect("the version is the stored one");
    unit.commit().await;

    let ann = suspended(&db, NOW).await;
    assert_eq!(ended(&db, NOW, 10).await, [ann.uuid()]);
}

async fn suspensions_are_named_in_the_order_they_ended(db: Db) {
    let mut users = Vec::new();
    for minutes in [30, 10, 50, 20, 40] {
        users.push((minutes, suspended(&db, NOW + TimeDelta::minutes(minutes)).await.uuid()));
    }
    users.sort_unstable();
    let uuids: Vec<_> = users.into_iter().map(|(_, uuid)| uuid).collect();
    let later = NOW + TimeDelta::hours(1);
    for limit in 0..7 {
        let expected: Vec<_> = uuids.iter().copied().take(limit as usize).collect();
        assert_eq!(ended(&db, later, limit).await, expected, "at most {limit}");
    }
}
