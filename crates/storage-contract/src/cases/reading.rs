//! Reading one user outside units of work.

use domain::query::DeletedScope;
use domain::user::{User, UserView};
use domain::values::UserRef;
use testkit::{FixedClock, user};

use crate::case::cases;
use crate::db::Db;

cases![
    a_living_user_is_found_among_the_living,
    a_deleted_user_is_found_among_the_deleted,
    a_restored_user_is_found_among_the_living_again,
    a_unit_finds_deleted_users_only_where_they_are_asked_for,
    a_reader_sees_what_was_committed_before,
];

/// Looks for the user in every scope, by number and by uuid; where they are found, they are shown as they are stored.
async fn assert_found_in(db: &Db, user: &User, scopes: &[DeletedScope]) {
    for scope in [DeletedScope::Live, DeletedScope::All, DeletedScope::Only] {
        let expected = scopes.contains(&scope).then(|| UserView::from(user));
        for name in [UserRef::from(user.id()), UserRef::from(user.uuid())] {
            let found = db.queries().find(name, scope).await.expect("reading works");
            assert_eq!(found, expected, "{name} in {scope:?}");
        }
    }
}

async fn a_living_user_is_found_among_the_living(db: Db) {
    let ann = db.add(user()).await;
    assert_found_in(&db, &ann, &[DeletedScope::Live, DeletedScope::All]).await;
    let inactive = db.add(user().inactive()).await;
    assert_found_in(&db, &inactive, &[DeletedScope::Live, DeletedScope::All]).await;
}

async fn a_deleted_user_is_found_among_the_deleted(db: Db) {
    let ann = db.add(user()).await;
    let ann = db.delete(&ann).await;
    assert_found_in(&db, &ann, &[DeletedScope::Only, DeletedScope::All]).await;
}

async fn a_restored_user_is_found_among_the_living_again(db: Db) {
    let ann = db.add(user()).await;
    db.delete(&ann).await;
    let ann = db.change(&ann, |ann| ann.restore(FixedClock::START)).await;
    assert_found_in(&db, &ann, &[DeletedScope::Live, DeletedScope::All]).await;
}

async fn a_unit_finds_deleted_users_only_where_they_are_asked_for(db: Db) {
    let ann = db.add(user()).await;
    let deleted = db.delete(&ann).await;
    let mut unit = db.begin().await;
    for name in [UserRef::from(ann.id()), UserRef::from(ann.uuid())] {
        assert_eq!(unit.find(name).await, None);
        assert_eq!(unit.load(name).await.as_ref(), Some(&deleted));
    }
}

async fn a_reader_sees_what_was_committed_before(db: Db) {
    // Often, as a reader on a connection of its own may lag behind now and then only.
    for round in 0..50 {
        let added = db.add(user()).await;
        assert_eq!(db.view(added.id()).await, Some(UserView::from(&added)), "round {round}");
        assert_eq!(db.count().await, round + 1);
        let changed = db.change(&added, |user| user.deactivate(None, None, FixedClock::START)).await;
        assert_eq!(db.view(added.id()).await, Some(UserView::from(&changed)), "round {round}");
    }
}
