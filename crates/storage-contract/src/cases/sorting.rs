//! The order of a listing.

use chrono::TimeDelta;
use domain::query::{DeletedScope, ListUsers, Search, SortKey, UserFilter, UserSort, Window};
use domain::user::User;
use domain::values::{Role, fold};
use testkit::{FixedClock, user};

use crate::case::cases;
use crate::crowd::{Crowd, every_sort};
use crate::db::Db;

cases![
    every_sort_orders_both_ways,
    ties_follow_the_number_in_the_same_direction,
    times_are_compared_to_the_microsecond,
    texts_are_ordered_by_code_points,
    filters_keep_the_order,
    who_never_signed_in_comes_last_in_both_directions,
];

async fn assert_in_order(db: &Db, key: SortKey, expected: &[&User]) {
    let ids: Vec<_> = expected.iter().map(|user| user.id()).collect();
    for descending in [false, true] {
        let sort = UserSort { key, descending };
        let page = db.list(&ListUsers { sort, limit: 100, ..Default::default() }).await;
        let mut listed: Vec<_> = page.users.iter().map(|user| user.id).collect();
        if descending {
            listed.reverse();
        }
        assert_eq!(listed, ids, "{sort:?}");
    }
}

async fn every_sort_orders_both_ways(db: Db) {
    let crowd = Crowd::gather(&db).await;
    for sort in every_sort() {
        for deleted in [DeletedScope::Live, DeletedScope::All, DeletedScope::Only] {
            let filter = UserFilter { deleted, ..Default::default() };
            let query = ListUsers { filter, sort, limit: 100, ..Default::default() };
            assert_eq!(db.list(&query).await, crowd.page(&query), "{query:?}");
        }
    }
}

async fn ties_follow_the_number_in_the_same_direction(db: Db) {
    let (ann, bob, cyd) = (db.add(user()).await, db.add(user()).await, db.add(user()).await);
    for key in [SortKey::Id, SortKey::CreatedAt, SortKey::UpdatedAt] {
        assert_in_order(&db, key, &[&ann, &bob, &cyd]).await;
    }
}

async fn times_are_compared_to_the_microsecond(db: Db) {
    let at = |micros| FixedClock::START + TimeDelta::microseconds(micros);
    let last = db.add(user().created_at(at(2))).await;
    let first = db.add(user().created_at(at(-1_000_000))).await;
    let middle = db.add(user().created_at(at(1))).await;
    assert_in_order(&db, SortKey::CreatedAt, &[&first, &middle, &last]).await;
    assert_in_order(&db, SortKey::UpdatedAt, &[&first, &middle, &last]).await;
    let first = db.change(&first, |user| user.deactivate(None, None, at(3))).await;
    assert_in_order(&db, SortKey::CreatedAt, &[&first, &middle, &last]).await;
    assert_in_order(&db, SortKey::UpdatedAt, &[&middle, &last, &first]).await;
}

async fn texts_are_ordered_by_code_points(db: Db) {
    // Folded, and in the order of code points: no language's alphabet, and not the order of UTF-16 either, where the
    // last would come before the one in front of it.
    let ordered = ["_", "a z", "a-z", "A.z", "az", "B", "ba", "zz", "ÄA", "é", "ß\u{303}", "日", "\u{fffd}", "🦀"];
    let mut sorted = ordered;
    sorted.sort_by_key(|text| fold(text));
    let mut users = Vec::new();
    for text in sorted {
        users.push(user().username(text).email(text));
    }
    // Stored from the last to the first, so that the number does not help.
    let mut stored = Vec::new();
    for builder in users.into_iter().rev() {
        stored.push(db.add(builder).await);
    }
    stored.reverse();
    let expected: Vec<_> = stored.iter().collect();
    assert_in_order(&db, SortKey::Username, &expected).await;
    assert_in_order(&db, SortKey::Email, &expected).await;
}

async fn filters_keep_the_order(db: Db) {
    let crowd = Crowd::gather(&db).await;
    let any = UserFilter::default();
    for filter in [
        UserFilter { role: Some(Role::User), ..any.clone() },
        UserFilter { is_active: Some(true), ..any.clone() },
        UserFilter { search: Some(Search::Beginning("a".to_owned())), ..any.clone() },
        UserFilter { created_after: Some(FixedClock::START), ..any },
    ] {
        for sort in every_sort() {
            let query = ListUsers { filter: filter.clone(), sort, limit: 100, ..Default::default() };
            assert_eq!(db.list(&query).await, crowd.page(&query), "{query:?}");
        }
    }
}

async fn who_never_signed_in_comes_last_in_both_directions(db: Db) {
    let [never, first, nor, last] = [(); 4].map(|()| user());
    let (never, first) = (db.add(never).await, db.add(first).await);
    let (nor, last) = (db.add(nor).await, db.add(last).await);
    for (user, day) in [(&first, 1), (&last, 2)] {
        db.sign_in(user, FixedClock::START + TimeDelta::days(day)).await;
    }
    let [never, first, nor, last] = [never, first, nor, last].map(|user| user.id());
    for (descending, expected) in [(false, [first, last, never, nor]), (true, [last, first, nor, never])] {
        let sort = UserSort { key: SortKey::LastLoginAt, descending };
        for skip in 0..=4_u8 {
            let window = Window::Skip(skip.into());
            let page = db.list(&ListUsers { sort, window, limit: 3, ..Default::default() }).await;
            let listed: Vec<_> = page.users.iter().map(|user| user.id).collect();
            let shown: Vec<_> = expected.into_iter().skip(skip.into()).take(3).collect();
            assert_eq!(listed, shown, "{sort:?} after {skip}");
        }
    }
}
