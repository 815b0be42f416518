//! Part of a listing: so many, after so many.

use domain::query::{CountMode, DeletedScope, ListUsers, MAX_LIMIT, Search, SortKey, UserFilter, UserSort, Window};
use domain::user::{DeletedNames, UserView};
use domain::values::Role;
use testkit::{FixedClock, user};

use crate::case::cases;
use crate::crowd::{Crowd, every_sort, position};
use crate::db::Db;

cases![
    a_page_has_exactly_as_many_as_asked_for,
    skipping_leaves_out_exactly_so_many,
    behind_the_end_there_is_nothing,
    a_limit_of_nothing_asks_for_the_total_alone,
    the_longest_page_is_given_whole,
    there_is_a_next_page_exactly_if_more_follow,
    the_total_does_not_depend_on_the_page,
    nothing_is_counted_unless_asked_for,
    deep_pages_are_exact,
];

fn everybody() -> UserFilter {
    UserFilter { deleted: DeletedScope::All, ..Default::default() }
}

async fn a_page_has_exactly_as_many_as_asked_for(db: Db) {
    let crowd = Crowd::gather(&db).await;
    for filter in [UserFilter::default(), everybody()] {
        for sort in every_sort() {
            for limit in [1, 2, 7, 35, 36, 37, MAX_LIMIT] {
                let query = ListUsers { filter: filter.clone(), sort, limit, ..Default::default() };
                assert_eq!(db.list(&query).await, crowd.page(&query), "{query:?}");
            }
        }
    }
}

async fn skipping_leaves_out_exactly_so_many(db: Db) {
    let crowd = Crowd::gather(&db).await;
    for filter in [UserFilter::default(), everybody(), UserFilter { is_active: Some(true), ..everybody() }] {
        for sort in every_sort() {
            for skip in [0, 1, 5, 23, 24, 29, 30, 31, 35, 36, 37] {
                let window = Window::Skip(skip);
                let query = ListUsers { filter: filter.clone(), sort, window, limit: 5, ..Default::default() };
                assert_eq!(db.list(&query).await, crowd.page(&query), "{query:?}");
            }
        }
    }
}

async fn behind_the_end_there_is_nothing(db: Db) {
    let added = db.add(user()).await;
    for sort in every_sort() {
        for skip in [1, 2, 1_024, 1_000_000, i64::MAX.unsigned_abs(), u64::MAX] {
            let query = ListUsers { sort, window: Window::Skip(skip), limit: 10, ..Default::default() };
            let page = db.list(&query).await;
            assert_eq!((page.users.len(), page.next), (0, None), "{query:?}");
            assert_eq!(page.total.map(|total| total.count), Some(1), "{query:?}");
        }
        let last = position(sort.key, &UserView::from(&added));
        let query = ListUsers { sort, window: Window::After(last), limit: 10, ..Default::default() };
        let page = db.list(&query).await;
        assert_eq!((page.users.len(), page.next), (0, None), "{query:?}");
    }
}

async fn a_limit_of_nothing_asks_for_the_total_alone(db: Db) {
    let crowd = Crowd::gather(&db).await;
    for window in [Window::Skip(0), Window::Skip(3), Window::Skip(100)] {
        let query = ListUsers { window, limit: 0, ..Default::default() };
        let page = db.list(&query).await;
        assert_eq!((page.users.len(), page.next), (0, None), "{query:?}");
        assert_eq!(page.total, crowd.page(&query).total, "{query:?}");
    }
}

async fn the_longest_page_is_given_whole(db: Db) {
    let mut unit = db.begin().await;
    let mut users = Vec::new();
    for _ in 0..=MAX_LIMIT {
        users.push(unit.add(user()).await);
    }
    unit.commit().await;
    let crowd = Crowd::of(&users);
    for skip in 0..3 {
        let query = ListUsers { window: Window::Skip(skip), limit: MAX_LIMIT, ..Default::default() };
        assert_eq!(db.list(&query).await, crowd.page(&query), "{query:?}");
    }
}

async fn there_is_a_next_page_exactly_if_more_follow(db: Db) {
    let mut unit = db.begin().await;
    for _ in 0..6 {
        unit.add(user()).await;
    }
    unit.commit().await;
    for sort in every_sort() {
        for limit in 1..9_u32 {
            for skip in 0..8_u64 {
                let query = ListUsers { sort, window: Window::Skip(skip), limit, ..Default::default() };
                let more_follow = skip + u64::from(limit) < 6;
                assert_eq!(db.list(&query).await.next.is_some(), more_follow, "{query:?}");
            }
        }
    }
}

async fn the_total_does_not_depend_on_the_page(db: Db) {
    let crowd = Crowd::gather(&db).await;
    for filter in [everybody(), UserFilter { search: Some(Search::Beginning("a".to_owned())), ..everybody() }] {
        for sort in every_sort() {
            let first = crowd.page(&ListUsers { filter: filter.clone(), sort, limit: 3, ..Default::default() });
            let after = Window::After(first.next.expect("more follow"));
            for window in [Window::Skip(0), Window::Skip(4), Window::Skip(99), after] {
                let query = ListUsers { filter: filter.clone(), sort, window, limit: 3, ..Default::default() };
                assert_eq!(db.list(&query).await.total, first.total, "{query:?}");
            }
        }
    }
}

async fn nothing_is_counted_unless_asked_for(db: Db) {
    let crowd = Crowd::gather(&db).await;
    for filter in [everybody(), UserFilter { search: Some(Search::Beginning("a".to_owned())), ..everybody() }] {
        for limit in [0, 3, 100] {
            let query = ListUsers { filter: filter.clone(), limit, count: CountMode::None, ..Default::default() };
            assert_eq!(db.list(&query).await, crowd.page(&query), "{query:?}");
        }
    }
}

async fn deep_pages_are_exact(db: Db) {
    // More than two blocks of 1,024 numbers, with gaps, in case a storage skips by counting blocks.
    let mut users = Vec::new();
    let mut unit = db.begin().await;
    for number in 0..2_100_u32 {
        let builder = if number % 5 == 0 { user().inactive() } else { user() };
        let added = unit.add(builder.role(Role::ALL[number as usize % 3])).await;
        let is_deleted = number % 7 == 0 || (1_000..1_050).contains(&number);
        users.push(if is_deleted {
            unit.change(&added, |user| user.delete(DeletedNames::Freed, FixedClock::START)).await
        } else {
            added
        });
    }
    unit.commit().await;
    let crowd = Crowd::of(&users);
    let live = UserFilter::default();
    let filters = [
        live.clone(),
        everybody(),
        UserFilter { deleted: DeletedScope::Only, ..live.clone() },
        UserFilter { role: Some(Role::Admin), ..live.clone() },
        UserFilter { role: Some(Role::User), is_active: Some(false), ..live },
    ];
    for filter in filters {
        for descending in [false, true] {
            let sort = UserSort { key: SortKey::Id, descending };
            for skip in [0, 111, 343, 870, 877, 1_022, 1_023, 1_024, 1_025, 1_757, 2_046, 2_048, 2_095] {
                let window = Window::Skip(skip);
                let query = ListUsers { filter: filter.clone(), sort, window, limit: 4, ..Default::default() };
                assert_eq!(db.list(&query).await, crowd.page(&query), "{query:?}");
            }
        }
    }
}
