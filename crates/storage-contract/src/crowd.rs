//! A crowd of users to list, and what a listing of them must show, worked out the slow and plain way.

use std::cmp::{Ordering, Reverse};

use chrono::{DateTime, TimeDelta, Utc};
use domain::query::{
    CountMode, DeletedScope, ListUsers, SEARCH_COUNT_CAP, Search, SortKey, SortPosition, SortValue, Total, UserPage,
    UserSort, Window,
};
use domain::user::{DeletedNames, User, UserView};
use domain::values::{EmailAddress, Role, UserId, Username, fold};
use testkit::{FixedClock, UserBuilder, user};

use crate::db::Db;
use crate::sign_in::digest;

/// Stored users, as readers see them.
pub(crate) struct Crowd {
    pub(crate) users: Vec<UserView>,
}

/// When the users of a crowd were made: five moments, so that many were made at the same.
pub(crate) fn moment(number: i64) -> DateTime<Utc> {
    FixedClock::START + TimeDelta::microseconds(number)
}

/// Every sort in both directions.
pub(crate) fn every_sort() -> impl Iterator<Item = UserSort> {
    SortKey::ALL.into_iter().flat_map(|key| [false, true].map(|descending| UserSort { key, descending }))
}

/// Username, full, first and last name.
type Names = (&'static str, Option<&'static str>, Option<&'static str>, Option<&'static str>);

const NAMES: [Names; 12] = [
    ("ann", Some("Ann Archer"), None, None),
    ("Anna", None, Some("Anna"), Some("Annan")),
    ("bert", None, Some("Ann"), Some("Bertram")),
    ("Änne", Some("Zed"), Some("Änne"), Some("Ann")),
    ("zed", None, None, Some("ÄNNE")),
    ("an%n", Some("100 % sure"), None, None),
    ("an_n", None, Some("under_score"), None),
    ("an\\n", None, None, Some("back\\slash")),
    ("🦀ann", Some("🦀"), None, None),
    ("\u{fffd}ann", None, None, None),
    ("ＷＩＤＥ", Some(""), Some(""), Some("")),
    ("straße", Some("STRASSE 1"), None, None),
];

impl Crowd {
    /// Stores 36 users who differ in all that can be filtered, searched or sorted by, and share much of it.
    pub(crate) async fn gather(db: &Db) -> Self {
        let mut users = Vec::new();
        let mut unit = db.begin().await;
        for number in 0..36_u8 {
            let added = unit.add(member(number)).await;
            let user = match number % 6 {
                1 => unit.change(&added, |user| user.deactivate(None, None, moment(i64::from(number) % 4))).await,
                2 => unit.change(&added, |user| user.delete(DeletedNames::Freed, moment(9))).await,
                _ => added,
            };
            // Half of them have signed in, several at one moment.
            let last_login_at = (number % 8 < 4).then(|| moment(i64::from(number) % 3));
            if let Some(at) = last_login_at {
                unit.logins().signed_in(user.uuid(), digest("home"), at).await.expect("a sign-in can be noted");
            }
            users.push(UserView { last_login_at, ..UserView::from(&user) });
        }
        unit.commit().await;
        Self { users }
    }

    pub(crate) fn of(users: &[User]) -> Self {
        Self { users: users.iter().map(UserView::from).collect() }
    }

    /// The page that a storage with exactly these users shows.
    pub(crate) fn page(&self, query: &ListUsers) -> UserPage {
        let mut matching: Vec<_> = self.users.iter().filter(|user| matches(query, user)).collect();
        matching.sort_by(|one, other| {
            in_order(query.sort, &position(query.sort.key, one), &position(query.sort.key, other))
        });
        let total = (query.count == CountMode::Exact).then(|| {
            let count = matching.len() as u64;
            let capped = query.filter.search.is_some() && count > SEARCH_COUNT_CAP;
            Total { count: if capped { SEARCH_COUNT_CAP } else { count }, capped }
        });
        let rest: Vec<_> = match &query.window {
            Window::Skip(skip) => {
                let skip = usize::try_from(*skip).unwrap_or(usize::MAX);
                matching.into_iter().skip(skip).collect()
            }
            Window::After(last) => {
                let is_behind = |user: &&UserView| in_order(query.sort, &position(query.sort.key, user), last).is_gt();
                matching.into_iter().filter(is_behind).collect()
            }
        };
        let users: Vec<_> = rest.iter().take(query.limit as usize).map(|user| (*user).clone()).collect();
        let more = rest.len() > users.len();
        let next = users.last().filter(|_| more).map(|last| position(query.sort.key, last));
        UserPage { users, total, next }
    }
}

fn member(number: u8) -> UserBuilder {
    let turn = usize::from(number);
    let (username, full_name, first_name, last_name) = NAMES[turn % NAMES.len()];
    let username = match number / 12 {
        0 => username.to_owned(),
        1 => format!("{}{number}", username.to_uppercase()),
        _ => format!("x{number}{username}"),
    };
    let mut member = user()
        .username(&username)
        .email(&format!("{}{number}@{}.example.org", ["b", "A", "a"][turn % 3], number % 2))
        .role(Role::ALL[turn % 3])
        .created_at(moment(i64::from(number) % 5));
    if number.is_multiple_of(4) {
        member = member.external_id(&format!("HR-{number}"));
    }
    member = full_name.into_iter().fold(member, UserBuilder::full_name);
    member = first_name.into_iter().fold(member, UserBuilder::first_name);
    last_name.into_iter().fold(member, UserBuilder::last_name)
}

/// By characters, and not by a search in bytes.
fn is_found(search: &Search, folded: &str) -> bool {
    let characters: Vec<char> = folded.chars().collect();
    let (text, places) = match search {
        Search::Beginning(text) => (text, 0..=0),
        Search::Within(text) => (text, 0..=characters.len()),
    };
    let text: Vec<char> = text.chars().collect();
    places.into_iter().any(|place| characters.get(place..).is_some_and(|rest| rest.starts_with(&text)))
}

fn matches(query: &ListUsers, user: &UserView) -> bool {
    let filter = &query.filter;
    let folded = [
        Some(fold(&user.username)),
        Some(fold(&user.email)),
        user.displayed_full_name().map(|name| fold(&name)),
        user.last_name.as_deref().map(fold),
    ];
    let conditions = [
        match filter.deleted {
            DeletedScope::Live => user.deleted_at.is_none(),
            DeletedScope::All => true,
            DeletedScope::Only => user.deleted_at.is_some(),
        },
        filter.role.is_none_or(|role| user.role == role),
        filter.is_active.is_none_or(|active| user.is_active == active),
        filter.search.as_ref().is_none_or(|search| folded.iter().flatten().any(|text| is_found(search, text))),
        filter.username.as_ref().is_none_or(|key| Username::key_of(&user.username) == *key),
        filter.email.as_ref().is_none_or(|key| EmailAddress::key_of(&user.email) == *key),
        filter.external_id.as_ref().is_none_or(|id| user.external_id.as_ref() == Some(id)),
        filter.created_after.is_none_or(|after| user.created_at > after),
        filter.created_before.is_none_or(|before| user.created_at < before),
    ];
    conditions.into_iter().all(|met| met)
}

/// Where a user stands in a listing.
pub(crate) fn position(key: SortKey, user: &UserView) -> SortPosition {
    let value = match key {
        SortKey::Id => SortValue::Id,
        SortKey::CreatedAt => SortValue::Time(user.created_at),
        SortKey::UpdatedAt => SortValue::Time(user.updated_at),
        SortKey::Username => SortValue::Text(fold(&user.username)),
        SortKey::Email => SortValue::Text(fold(&user.email)),
        SortKey::LastLoginAt => user.last_login_at.map_or(SortValue::Never, SortValue::Time),
    };
    SortPosition { value, id: user.id }
}

/// The order of two positions, by code points spelt out.
fn in_order(sort: UserSort, one: &SortPosition, other: &SortPosition) -> Ordering {
    fn rank(position: &SortPosition) -> (Option<DateTime<Utc>>, Vec<u32>, UserId) {
        match &position.value {
            SortValue::Id | SortValue::Never => (None, Vec::new(), position.id),
            SortValue::Time(at) => (Some(*at), Vec::new(), position.id),
            SortValue::Text(text) => (None, text.chars().map(u32::from).collect(), position.id),
        }
    }
    // Whoever has no value comes last, in both directions.
    let has_none = |position: &SortPosition| position.value == SortValue::Never;
    let last = has_none(one).cmp(&has_none(other));
    let (one, other) = (rank(one), rank(other));
    last.then(if sort.descending { Reverse(one).cmp(&Reverse(other)) } else { one.cmp(&other) })
}
