//! Counting what matches.

use domain::query::{DeletedScope, ListUsers, SEARCH_COUNT_CAP, Search, Total, UserFilter, Window};
use domain::user::UserPatch;
use domain::values::Role;
use testkit::{FixedClock, user};

use crate::case::cases;
use crate::db::Db;

cases![totals_follow_every_change, a_search_stops_counting_at_its_cap];

async fn total(db: &Db, filter: UserFilter) -> Option<Total> {
    db.list(&ListUsers { filter, ..Default::default() }).await.total
}

async fn assert_counts(db: &Db, expected: [u64; 5]) {
    let any = UserFilter::default();
    let filters = [
        any.clone(),
        UserFilter { deleted: DeletedScope::Only, ..any.clone() },
        UserFilter { deleted: DeletedScope::All, ..any.clone() },
        UserFilter { role: Some(Role::Admin), ..any.clone() },
        UserFilter { is_active: Some(false), ..any },
    ];
    for (filter, count) in filters.into_iter().zip(expected) {
        assert_eq!(total(db, filter.clone()).await, Some(Total { count, capped: false }), "{filter:?}");
    }
}

async fn totals_follow_every_change(db: Db) {
    assert_counts(&db, [0, 0, 0, 0, 0]).await;
    let ann = db.add(user().admin()).await;
    let bob = db.add(user()).await;
    assert_counts(&db, [2, 0, 2, 1, 0]).await;
    db.change(&ann, |ann| ann.deactivate(None, None, FixedClock::START)).await;
    assert_counts(&db, [2, 0, 2, 1, 1]).await;
    let demotion = UserPatch { role: Some(Role::User), ..Default::default() };
    db.change(&ann, |ann| ann.update(demotion, None, FixedClock::START)).await;
    assert_counts(&db, [2, 0, 2, 0, 1]).await;
    db.delete(&ann).await;
    assert_counts(&db, [1, 1, 2, 0, 0]).await;
    db.change(&ann, |ann| ann.restore(FixedClock::START)).await;
    assert_counts(&db, [2, 0, 2, 0, 1]).await;
    db.delete(&bob).await;
    assert_counts(&db, [1, 1, 2, 0, 1]).await;
    let mut unit = db.begin().await;
    unit.add(user()).await;
    drop(unit);
    assert_counts(&db, [1, 1, 2, 0, 1]).await;
}

async fn a_search_stops_counting_at_its_cap(db: Db) {
    let mut unit = db.begin().await;
    for number in 0..SEARCH_COUNT_CAP {
        unit.add(user().username(&format!("many-a{number:05}")).full_name("Many")).await;
    }
    unit.add(user().username("many-b")).await;
    unit.commit().await;

    let search = |text: &str| UserFilter { search: Some(Search::Beginning(text.to_owned())), ..Default::default() };
    let all = Total { count: SEARCH_COUNT_CAP + 1, capped: false };
    assert_eq!(total(&db, UserFilter::default()).await, Some(all), "without a search the total is exact");
    let capped = Total { count: SEARCH_COUNT_CAP, capped: true };
    assert_eq!(total(&db, search("many-")).await, Some(capped), "one more than the cap");
    let just = Total { count: SEARCH_COUNT_CAP, capped: false };
    assert_eq!(total(&db, search("many-a")).await, Some(just), "the cap itself");
    assert_eq!(total(&db, search("many-b")).await, Some(Total { count: 1, capped: false }));

    let (window, limit) = (Window::Skip(SEARCH_COUNT_CAP - 1), 10);
    let end = db.list(&ListUsers { filter: search("many-"), window, limit, ..Default::default() }).await;
    assert_eq!(
        (end.users.len(), end.next, end.total),
        (2, None, Some(capped)),
        "what is not counted is listed all the same"
    );
}
