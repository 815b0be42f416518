use std::sync::OnceLock;

use domain::ports::mocks::MockUserQueries;
use domain::query::{SortPosition, SortValue, UserFilter};
use domain::values::{Role, SessionId};
use testkit::people::view;
use uuid::Uuid;

use super::*;

const CHANGED: AccessChange =
    AccessChange { user: Some(UserUuid::new(Uuid::nil())), session: None, effect: Effect::Standing };
const SIGNED_IN: [AccessChange; 2] = [
    AccessChange { effect: Effect::Detail, ..CHANGED },
    AccessChange { session: Some(SessionId::new(Uuid::nil())), effect: Effect::Detail, ..CHANGED },
];

fn exactly(count: u64) -> Total {
    Total { count, capped: false }
}

/// Of whom the database says that there are these many, one after another, and shows nobody; it is not asked more often.
fn totals(told: &'static [u64]) -> KeptTotals {
    let mut queries = MockUserQueries::new();
    let mut left = told.iter();
    queries.expect_list().returning(move |query| {
        assert_eq!(query.count, CountMode::Exact, "nobody asks for rows");
        let total = Some(exactly(*left.next().expect("it is not asked again")));
        Ok(UserPage { users: Vec::new(), total, next: None })
    });
    KeptTotals::new(Arc::new(queries))
}

async fn asked(totals: &KeptTotals, filter: UserFilter) -> Option<u64> {
    let query = ListUsers { filter, count: CountMode::Exact, ..ListUsers::default() };
    totals.list(&query).await.unwrap().total.map(|total| total.count)
}

async fn everybody(totals: &KeptTotals) -> Option<u64> {
    asked(totals, UserFilter::default()).await
}

#[tokio::test(start_paused = true)]
async fn a_total_is_known_for_a_second() {
    let totals = totals(&[3, 5]);
    assert_eq!(everybody(&totals).await, Some(3));
    tokio::time::advance(LIFETIME / 2).await;
    assert_eq!(everybody(&totals).await, Some(3));
    tokio::time::advance(LIFETIME / 2).await;
    assert_eq!(everybody(&totals).await, Some(5));
}

#[tokio::test]
async fn each_role_and_state_has_a_total_of_its_own() {
    let totals = totals(&[3, 2, 1]);
    let active = UserFilter { is_active: Some(true), ..UserFilter::default() };
    let admins = UserFilter { role: Some(Role::Admin), ..active.clone() };
    for _ in 0..2 {
        assert_eq!(everybody(&totals).await, Some(3));
        assert_eq!(asked(&totals, active.clone()).await, Some(2));
        assert_eq!(asked(&totals, admins.clone()).await, Some(1));
    }
}

#[tokio::test]
async fn what_was_changed_is_counted_by_the_next_who_asks() {
    let totals = totals(&[3, 4, 5, 6]);
    assert_eq!(everybody(&totals).await, Some(3));
    totals.committed(&SIGNED_IN);
    assert_eq!(everybody(&totals).await, Some(3), "nobody came or went");
    totals.committed(&[SIGNED_IN[0], CHANGED]);
    assert_eq!(everybody(&totals).await, Some(4));
    totals.changed(&[LoggedChange { number: 1, change: AccessChange { effect: Effect::Creation, ..CHANGED } }], 0);
    assert_eq!(everybody(&totals).await, Some(5));
    totals.forget_everything();
    assert_eq!(everybody(&totals).await, Some(6));
}

#[tokio::test]
async fn a_total_that_a_change_may_have_overtaken_is_not_kept() {
    let (mut queries, totals) = (MockUserQueries::new(), Arc::new(OnceLock::<KeptTotals>::new()));
    let (mut left, changed) = ([3, 4].into_iter(), Arc::clone(&totals));
    queries.expect_list().times(2).returning(move |_| {
        // Somebody commits after the database has counted.
        let total = Some(exactly(left.next().unwrap()));
        changed.get().unwrap().committed(&[CHANGED]);
        Ok(UserPage { users: Vec::new(), total, next: None })
    });
    let totals = totals.get_or_init(|| KeptTotals::new(Arc::new(queries)));
    assert_eq!(everybody(totals).await, Some(3));
    assert_eq!(everybody(totals).await, Some(4));
}

#[tokio::test]
async fn what_is_searched_for_is_counted_each_time() {
    let totals = totals(&[3, 4]);
    let named = UserFilter { username: Some("ann".into()), ..UserFilter::default() };
    assert_eq!(asked(&totals, named.clone()).await, Some(3));
    assert_eq!(asked(&totals, named).await, Some(4));
}

#[tokio::test]
async fn a_page_never_contradicts_its_total() {
    let mut queries = MockUserQueries::new();
    let mut there = 1;
    // On another replica somebody is made after each look.
    queries.expect_list().returning(move |query| {
        let users = (1..=there.min(i64::from(query.limit))).map(view).collect();
        let total = (query.count == CountMode::Exact).then(|| exactly(u64::try_from(there).unwrap()));
        there += 1;
        Ok(UserPage { users, total, next: None })
    });
    let totals = KeptTotals::new(Arc::new(queries));
    for _ in 0..3 {
        let query = ListUsers { limit: 10, count: CountMode::Exact, ..ListUsers::default() };
        let page = totals.list(&query).await.unwrap();
        assert_eq!(page.total, Some(exactly(page.users.len() as u64)));
    }
}

#[test]
fn what_a_page_shows_says_how_many_there_can_be() {
    let position = SortPosition { value: SortValue::Id, id: UserId::new(9) };
    let page = |users: i64, more: bool| UserPage {
        users: (1..=users).map(view).collect(),
        total: None,
        next: more.then(|| position.clone()),
    };
    let (skip, after) = (Window::Skip, Window::After(position.clone()));
    for (window, page, fits, does_not) in [
        (skip(0), page(2, false), 2, vec![0, 1, 3]),
        (skip(0), page(2, true), 3, vec![0, 2]),
        (skip(4), page(2, false), 6, vec![2, 5, 7]),
        (skip(4), page(0, false), 4, vec![5]),
        (skip(4), page(0, false), 0, vec![9]),
        (after.clone(), page(2, true), 3, vec![2]),
        (after, page(2, false), 8, vec![1]),
    ] {
        let query = ListUsers { window, limit: 2, ..ListUsers::default() };
        assert!(!contradicts(&query, &page, exactly(fits)), "{query:?} {fits}");
        for count in does_not {
            assert!(contradicts(&query, &page, exactly(count)), "{query:?} {count}");
        }
    }
}
