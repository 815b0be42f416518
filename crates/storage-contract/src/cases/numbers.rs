//! The numbers that the database gives.

use std::collections::HashSet;

use domain::query::DeletedScope;
use domain::values::{UserId, UserRef, UserUuid};
use testkit::user;
use uuid::Uuid;

use crate::case::cases;
use crate::db::Db;
use crate::unit::assert_refused;

cases![
    everybody_has_a_number_of_their_own,
    the_number_of_a_deleted_user_is_not_given_again,
    nobody_has_an_unknown_number,
    a_uuid_is_never_stored_twice
];

async fn everybody_has_a_number_of_their_own(db: Db) {
    let mut numbers = HashSet::new();
    for _ in 0..3 {
        let mut unit = db.begin().await;
        for _ in 0..3 {
            let id = unit.add(user()).await.id();
            assert!(id.get() > 0 && numbers.insert(id), "{id} was given before");
        }
        unit.commit().await;
    }
}

async fn the_number_of_a_deleted_user_is_not_given_again(db: Db) {
    let mut numbers = HashSet::new();
    for _ in 0..5 {
        let added = db.add(user()).await;
        assert!(numbers.insert(added.id()), "{} was given before", added.id());
        db.delete(&added).await;
    }
}

async fn nobody_has_an_unknown_number(db: Db) {
    let known = db.add(user()).await;
    let next = UserId::new(known.id().get() + 1);
    let nobody = [0, -1, i64::MIN, i64::MAX].map(|number| UserRef::Id(UserId::new(number)));
    let nobody = nobody.into_iter().chain([next.into(), UserUuid::new(Uuid::nil()).into()]);
    for stranger in nobody.chain([UserRef::Uuid(UserUuid::new(Uuid::max()))]) {
        let mut unit = db.begin().await;
        assert_eq!(unit.find(stranger).await, None, "{stranger}");
        assert_eq!(unit.load(stranger).await, None, "{stranger}");
        for scope in [DeletedScope::Live, DeletedScope::All, DeletedScope::Only] {
            let seen = db.queries().find(stranger, scope).await.expect("reading works");
            assert_eq!(seen, None, "{stranger}");
        }
    }
}

async fn a_uuid_is_never_stored_twice(db: Db) {
    let ann = db.add(user()).await;
    for _ in 0..2 {
        // A living user's, then a deleted user's.
        let mut unit = db.begin().await;
        assert_refused!(unit.insert(user().uuid(ann.uuid())).await, UuidTaken);
        assert!(unit.try_commit().await.is_err());
        db.delete(&ann).await;
    }
    assert_eq!(db.count().await, 1);
}
