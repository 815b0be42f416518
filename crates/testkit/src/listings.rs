//! Listings that a SQL storage must find by an index, and the index: what the tests of plans have in common.
//!
//! They are asked of a crowd of some 5,000 users named `user00001` and so on, who were made a minute after one another from
//! 2026-01-01 on. Few of them are administrators, moderators, inactive or deleted.

use chrono::{DateTime, Utc};
use domain::query::{
    CountMode, DeletedScope, ListUsers, SortKey, SortPosition, SortValue, UserFilter, UserSort, Window,
};
use domain::values::{Role, UserId};

/// A page of a listing with this filter, sort and window, and no total.
pub fn page(filter: UserFilter, sort: UserSort, window: Window) -> ListUsers {
    ListUsers { filter, sort, window, limit: 10, count: CountMode::None }
}

/// Every key in both directions.
pub fn every_sort() -> impl Iterator<Item = UserSort> {
    SortKey::ALL.into_iter().flat_map(|key| [false, true].map(|descending| UserSort { key, descending }))
}

/// In the middle of the crowd.
///
/// # Panics
///
/// Never: the time is one.
pub fn after(key: SortKey) -> Window {
    let value = match key {
        SortKey::Id => SortValue::Id,
        SortKey::CreatedAt | SortKey::UpdatedAt | SortKey::LastLoginAt => SortValue::Time(at("2026-01-02T17:40:00Z")),
        SortKey::Username => SortValue::Text("user02500".to_owned()),
        SortKey::Email => SortValue::Text("user02500@example.org".to_owned()),
    };
    Window::After(SortPosition { value, id: UserId::new(2500) })
}

/// What few users have, and the index that finds them. The first three are counted by.
pub fn rare() -> Vec<(UserFilter, &'static str)> {
    let any = UserFilter::default;
    vec![
        (UserFilter { role: Some(Role::Admin), ..any() }, "ix_users_role"),
        (UserFilter { role: Some(Role::Moderator), ..any() }, "ix_users_role"),
        (UserFilter { is_active: Some(false), ..any() }, "ix_users_is_active"),
        (UserFilter { username: Some("user00042".to_owned()), ..any() }, "ix_users_username_folded"),
        (UserFilter { email: Some("user00042@example.org".to_owned()), ..any() }, "ix_users_email_canonical"),
        (UserFilter { external_id: Some("x43".to_owned()), ..any() }, "uq_users_external_id"),
    ]
}

/// What most users are.
pub fn common() -> Vec<UserFilter> {
    let any = UserFilter::default;
    vec![
        any(),
        UserFilter { deleted: DeletedScope::All, ..any() },
        UserFilter { role: Some(Role::User), ..any() },
        UserFilter { is_active: Some(true), ..any() },
        UserFilter { role: Some(Role::User), is_active: Some(true), ..any() },
    ]
}

/// Every sort with every filter of what most users are.
pub fn every_common_listing() -> impl Iterator<Item = (UserSort, UserFilter)> {
    every_sort().flat_map(|sort| common().into_iter().map(move |filter| (sort, filter)))
}

/// The index in whose order a listing is read; the table itself is in the order of the ids.
pub fn index_of(key: SortKey) -> Option<&'static str> {
    match key {
        SortKey::Id => None,
        SortKey::CreatedAt => Some("ix_users_created_at"),
        SortKey::UpdatedAt => Some("ix_users_updated_at"),
        SortKey::Username => Some("ix_users_username_folded"),
        SortKey::Email => Some("ix_users_email_folded"),
        SortKey::LastLoginAt => Some("ix_login_states_last_login_at"),
    }
}

/// The columns that a search looks into, each with an index `ix_users_…`.
pub const SEARCHED: [&str; 4] = ["username_folded", "email_folded", "full_name_folded", "last_name_folded"];

/// The time that a text names.
///
/// # Panics
///
/// If it names none.
pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("the test names a time")
}
