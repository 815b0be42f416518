//! Pages far from the beginning, where a storage may skip by what it has counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use domain::query::{CountMode, DeletedScope, ListUsers, SortKey, UserFilter, UserPage, UserSort, Window};
use domain::user::{DeletedNames, User, UserDraft, UserView};
use domain::values::Role;
use testkit::{FixedClock, UserBuilder, user};
use tokio::task::JoinSet;

use crate::case::cases;
use crate::db::{Db, settle};

cases![
    deep_pages_are_those_of_skipping_row_by_row,
    deep_pages_follow_every_change_before_them,
    deep_pages_stand_still_while_as_many_come_as_go_before_them,
];

/// As many living users are skipped as two blocks of 1,024 have, and half as many deleted ones again.
const LIVING: u64 = 2_048;
const DELETED: u64 = 4_096;
const LIMIT: u32 = 4;

/// Users of every role, some of them inactive.
fn drafts(count: u32) -> Vec<UserDraft> {
    let draft = |number: u32| {
        let builder = if number.is_multiple_of(9) { user().inactive() } else { user() };
        // Most are of one role, and few of another.
        let role = if number.is_multiple_of(50) { Role::Admin } else { Role::User };
        UserBuilder::build(builder.role(role))
    };
    (0..count).map(draft).collect()
}

fn filters() -> Vec<UserFilter> {
    let live = UserFilter::default();
    vec![
        live.clone(),
        UserFilter { deleted: DeletedScope::All, ..live.clone() },
        UserFilter { deleted: DeletedScope::Only, ..live.clone() },
        UserFilter { role: Some(Role::User), ..live.clone() },
        UserFilter { is_active: Some(true), deleted: DeletedScope::All, ..live.clone() },
        UserFilter { role: Some(Role::User), is_active: Some(true), deleted: DeletedScope::Only, ..live },
    ]
}

fn by_id(filter: &UserFilter, descending: bool) -> ListUsers {
    let sort = UserSort { key: SortKey::Id, descending };
    ListUsers { filter: filter.clone(), sort, limit: LIMIT, ..Default::default() }
}

/// Everybody of the listing, read from the beginning.
async fn all(db: &Db, query: &ListUsers) -> Vec<UserView> {
    db.list(&ListUsers { limit: u32::MAX, count: CountMode::None, ..query.clone() }).await.users
}

/// The page at `skip` against the one that counting to it gives.
async fn assert_page(db: &Db, query: &ListUsers, everybody: &[UserView], skip: u64) {
    let query = ListUsers { window: Window::Skip(skip), ..query.clone() };
    let UserPage { users, total, next } = db.list(&query).await;
    let rest = everybody.get(usize::try_from(skip).expect("a test's skip")..).unwrap_or_default();
    let expected = rest.get(..LIMIT as usize).unwrap_or(rest);
    let ids = |users: &[UserView]| users.iter().map(|user| user.id).collect::<Vec<_>>();
    assert_eq!(ids(&users), ids(expected), "{query:?}");
    assert_eq!(users, expected, "{query:?}");
    assert_eq!(total.map(|total| total.count), Some(everybody.len() as u64), "{query:?}");
    assert_eq!(next.is_some(), rest.len() > expected.len(), "{query:?}");
}

async fn deep_pages_are_those_of_skipping_row_by_row(db: Db) {
    db.insert_many(&drafts(7_000)).await.expect("nothing stands against it");
    db.scatter().await;
    for filter in filters() {
        for descending in [false, true] {
            let query = by_id(&filter, descending);
            let everybody = all(&db, &query).await;
            let total = everybody.len() as u64;
            let around = [LIVING, DELETED, total].map(|skip| (skip.saturating_sub(6)..skip + 3).step_by(2));
            let across = (LIVING..total + 200).step_by(397);
            for skip in around.into_iter().flatten().chain(across) {
                assert_page(&db, &query, &everybody, skip).await;
            }
        }
    }
}

async fn deep_pages_follow_every_change_before_them(db: Db) {
    db.insert_many(&drafts(2_600)).await.expect("nothing stands against it");
    for descending in [false, true] {
        let query = by_id(&UserFilter::default(), descending);
        let before = all(&db, &query).await;
        assert_page(&db, &query, &before, 2_300).await;
        for gone in [3, 1_500, 2_290, 2_299].map(|place: usize| before.get(place).map(|user| user.id)) {
            let gone = db.load(gone.expect("there are as many")).await.expect("a user that is listed");
            db.delete(&gone).await;
            assert_page(&db, &query, &all(&db, &query).await, 2_300).await;
        }
        let mut unit = db.begin().await;
        for user in before.get(..200).unwrap_or_default().iter().skip(10) {
            let user = unit.load(user.id).await.expect("a user that is listed");
            unit.change(&user, |user| user.delete(DeletedNames::Freed, FixedClock::START)).await;
        }
        unit.commit().await;
        assert_page(&db, &query, &all(&db, &query).await, 2_100).await;
        assert_page(&db, &query, &all(&db, &query).await, 2_300).await;
        db.insert_many(&drafts(400)).await.expect("nothing stands against it");
        assert_page(&db, &query, &all(&db, &query).await, 2_300).await;
    }
}

/// One of them comes as the other goes.
async fn swap(db: &Db, comes: &User, goes: &User) {
    settle(|| async {
        let mut unit = db.try_begin().await?;
        unit.try_change(goes, |user| user.delete(DeletedNames::Freed, FixedClock::START)).await?;
        unit.try_change(comes, |user| user.restore(FixedClock::START)).await?;
        Ok(unit.try_commit().await?)
    })
    .await
    .expect("nothing stands against it");
}

async fn deep_pages_stand_still_while_as_many_come_as_go_before_them(db: Db) {
    db.insert_many(&drafts(2_600)).await.expect("nothing stands against it");
    for descending in [false, true] {
        let query = by_id(&UserFilter::default(), descending);
        let everybody = all(&db, &query).await;
        // The one far before the page, the other in the block where it begins.
        let [one, other] = [7, 2_299].map(|place: usize| everybody.get(place).expect("there are as many").id);
        let one = db.load(one).await.expect("a user that is listed");
        let other = db.delete(&db.load(other).await.expect("a user that is listed")).await;
        let everybody = all(&db, &query).await;

        let is_done = Arc::new(AtomicBool::new(false));
        let mut writing = JoinSet::new();
        writing.spawn({
            let (db, one, other, is_done) = (db.clone(), one.clone(), other.clone(), Arc::clone(&is_done));
            async move {
                while !is_done.load(Ordering::Relaxed) {
                    swap(&db, &other, &one).await;
                    swap(&db, &one, &other).await;
                }
            }
        });
        for _ in 0..60 {
            assert_page(&db, &query, &everybody, 2_300).await;
        }
        is_done.store(true, Ordering::Relaxed);
        writing.join_all().await;
    }
}
