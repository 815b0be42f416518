//! Going through a listing page by page, whatever comes and goes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use domain::query::{
    CountMode, DeletedScope, ListUsers, Search, SortKey, SortPosition, SortValue, UserFilter, UserSort, Window,
};
use domain::user::{DeletedNames, User, UserView};
use domain::values::{Role, UserId};
use testkit::{FixedClock, user};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::case::cases;
use crate::crowd::{Crowd, every_sort, position};
use crate::db::Db;

cases![
    a_walk_shows_everybody_once_in_order,
    a_walk_shows_whom_the_filter_lets_through,
    a_walk_goes_on_from_a_page_that_was_skipped_to,
    a_walk_goes_on_where_its_last_user_is_gone,
    any_position_can_be_gone_on_from,
    a_walk_shows_steady_users_once_whatever_comes_and_goes,
];

/// So many come and go during one walk.
const MOST_PASSING: usize = 40;

/// Everybody that the positions lead to, page by page.
async fn walk(db: &Db, query: ListUsers) -> Vec<UserView> {
    walk_among(query, db, None).await
}

/// As [`walk`], with somebody coming and going between the pages.
async fn walk_among(mut query: ListUsers, db: &Db, mut passing: Option<&mut Passing>) -> Vec<UserView> {
    let mut seen = Vec::new();
    for pages in 0..10_000 {
        let page = db.list(&query).await;
        seen.extend(page.users);
        let Some(next) = page.next else { return seen };
        query.window = Window::After(next);
        // Not for ever, or a walk that goes where new users come would never end.
        if let Some(passing) = passing.as_mut().filter(|_| pages < MOST_PASSING) {
            passing.come_and_go().await;
        }
    }
    panic!("the walk never ends: {query:?}");
}

async fn assert_walks(db: &Db, crowd: &Crowd, filter: UserFilter, limits: &[u32]) {
    for sort in every_sort() {
        let count = CountMode::None;
        let whole = ListUsers { filter: filter.clone(), sort, limit: u32::MAX, count, ..Default::default() };
        let expected = crowd.page(&whole).users;
        for limit in limits.iter().copied() {
            let query = ListUsers { limit, ..whole.clone() };
            assert_eq!(walk(db, query.clone()).await, expected, "{query:?}");
        }
    }
}

async fn a_walk_shows_everybody_once_in_order(db: Db) {
    let crowd = Crowd::gather(&db).await;
    let everybody = UserFilter { deleted: DeletedScope::All, ..Default::default() };
    assert_walks(&db, &crowd, everybody, &[1, 2, 7, 12, 36]).await;
}

async fn a_walk_shows_whom_the_filter_lets_through(db: Db) {
    let crowd = Crowd::gather(&db).await;
    let any = UserFilter::default();
    for filter in [
        any.clone(),
        UserFilter { role: Some(Role::Admin), ..any.clone() },
        UserFilter { is_active: Some(true), deleted: DeletedScope::Only, ..any.clone() },
        UserFilter { search: Some(Search::Beginning("an".to_owned())), deleted: DeletedScope::All, ..any.clone() },
        UserFilter { created_after: Some(FixedClock::START), ..any },
    ] {
        assert_walks(&db, &crowd, filter, &[1, 3, 100]).await;
    }
}

async fn a_walk_goes_on_from_a_page_that_was_skipped_to(db: Db) {
    let crowd = Crowd::gather(&db).await;
    for sort in every_sort() {
        let query = ListUsers { sort, window: Window::Skip(7), limit: 4, ..Default::default() };
        let expected = crowd.page(&ListUsers { limit: u32::MAX, ..query.clone() }).users;
        let seen = walk(&db, query).await;
        assert_eq!(seen.iter().map(|user| user.id).collect::<Vec<_>>(), ids(&expected), "{sort:?}");
    }
}

fn ids(users: &[UserView]) -> Vec<UserId> {
    users.iter().map(|user| user.id).collect()
}

async fn a_walk_goes_on_where_its_last_user_is_gone(db: Db) {
    for sort in every_sort() {
        let mut users = Vec::new();
        for _ in 0..6 {
            users.push(db.add(user().moderator()).await);
        }
        let filter = UserFilter { role: Some(Role::Moderator), ..Default::default() };
        let first = ListUsers { filter, sort, limit: 3, ..Default::default() };
        let page = db.list(&first).await;
        let (last, next) = (page.users.last().expect("three were listed").id, page.next.expect("more follow"));
        let gone = users.iter().find(|user| user.id() == last).expect("one of the six");
        db.delete(gone).await;
        let rest = db.list(&ListUsers { window: Window::After(next), limit: 100, ..first }).await;

        let mut all: Vec<_> = ids(&page.users).into_iter().chain(ids(&rest.users)).collect();
        all.sort_unstable();
        assert_eq!(all, users.iter().map(User::id).collect::<Vec<_>>(), "{sort:?}");
        for user in users.iter().filter(|user| user.id() != last) {
            db.delete(user).await;
        }
    }
}

async fn any_position_can_be_gone_on_from(db: Db) {
    let crowd = Crowd::gather(&db).await;
    let moments = [-1, 0, 1, 4].map(|micros| SortValue::Time(FixedClock::START + TimeDelta::microseconds(micros)));
    let moments_or_never: Vec<_> = moments.iter().cloned().chain([SortValue::Never]).collect();
    let texts = ["", "a", "ann", "an%n", "b", "🦀", "\u{10ffff}"].map(|text| SortValue::Text(text.to_owned()));
    for sort in every_sort() {
        let values: &[SortValue] = match position(sort.key, &crowd.users[0]).value {
            _ if sort.key == SortKey::LastLoginAt => &moments_or_never,
            SortValue::Id => &[SortValue::Id],
            SortValue::Time(_) | SortValue::Never => &moments,
            SortValue::Text(_) => &texts,
        };
        let middle = crowd.users[crowd.users.len() / 2].id.get();
        for value in values {
            for id in [i64::MIN, -1, 0, middle, middle + 1, i64::MAX] {
                let window = Window::After(SortPosition { value: value.clone(), id: UserId::new(id) });
                let query = ListUsers { sort, window, limit: 10, ..Default::default() };
                assert_eq!(db.list(&query).await, crowd.page(&query), "{query:?}");
            }
        }
    }
}

/// Users who come and go: sorted before, between and behind those who stay.
struct Passing {
    db: Db,
    name: &'static str,
    number: usize,
    last: Option<User>,
}

impl Passing {
    fn new(db: &Db, name: &'static str) -> Self {
        Self { db: db.clone(), name, number: 0, last: None }
    }

    /// One comes and is changed, and the one before goes.
    async fn come_and_go(&mut self) {
        let at = FixedClock::START + TimeDelta::microseconds(i64::try_from(self.number % 20).expect("a small number"));
        let place = ["a", "s", "z"][self.number % 3];
        let passing = user().username(&format!("{place}-{}-{}", self.name, self.number)).created_at(at);
        let passing = self.db.add(passing).await;
        let later = at + TimeDelta::microseconds(3);
        let passing = self.db.change(&passing, |user| user.deactivate(None, None, later)).await;
        if let Some(before) = self.last.replace(passing) {
            self.db.change(&before, |user| user.delete(DeletedNames::Freed, at)).await;
        }
        self.number += 1;
    }
}

async fn a_walk_shows_steady_users_once_whatever_comes_and_goes(db: Db) {
    let mut steady = Vec::new();
    for number in 0..20 {
        let at = FixedClock::START + TimeDelta::microseconds(number);
        // With an address in the same order: numbers that are given out as they come have not always as many digits.
        let stays = user().named(&format!("steady{number:02}")).created_at(at);
        let stays = db.add(stays).await;
        db.sign_in(&stays, at).await;
        steady.push(stays.id());
    }
    // Some come and go between the pages, for certain, and others at any moment.
    let (left, is_over) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let mut others = JoinSet::new();
    others.spawn(pass_at_any_moment(db.clone(), Arc::clone(&left), Arc::clone(&is_over)));
    let mut between = Passing::new(&db, "between");
    for sort in every_sort() {
        for limit in [1, 3] {
            left.store(MOST_PASSING, Ordering::SeqCst);
            let query = ListUsers { sort, limit, count: CountMode::None, ..Default::default() };
            let seen = walk_among(query, &db, Some(&mut between)).await;
            assert_steady(sort, &steady, &seen);
        }
    }
    is_over.store(true, Ordering::SeqCst);
    others.join_next().await.expect("it was spawned").expect("coming and going works");
}

/// Lets users come and go as long as some are left for this walk.
async fn pass_at_any_moment(db: Db, left: Arc<AtomicUsize>, is_over: Arc<AtomicBool>) {
    let mut passing = Passing::new(&db, "any");
    while !is_over.load(Ordering::SeqCst) {
        let one_less = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if one_less.is_ok() {
            passing.come_and_go().await;
        } else {
            sleep(Duration::from_millis(1)).await;
        }
    }
}

fn assert_steady(sort: UserSort, steady: &[UserId], seen: &[UserView]) {
    let mut expected = steady.to_vec();
    if sort.descending {
        expected.reverse();
    }
    let seen: Vec<_> = ids(seen).into_iter().filter(|id| steady.contains(id)).collect();
    assert_eq!(seen, expected, "{sort:?}");
}
