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

/// Every key of the users themselves in both directions.
pub fn every_sort() -> impl Iterator<Item = UserSort> {
    let keys = SortKey::ALL.into_iter().filter(|key| *key != SortKey::LastLoginAt);
    keys.flat_map(|key| [false, true].map(|descending| UserSort { key, descending }))
}

/// The key that is kept beside the users, in both directions.
pub fn by_last_login() -> [UserSort; 2] {
    [false, true].map(|descending| UserSort { key: SortKey::LastLoginAt, descending })
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

/// Pages far from the beginning that are found by what users are counted by, in both directions.
pub fn deep_pages() -> impl Iterator<Item = ListUsers> {
    let deleted = UserFilter { deleted: DeletedScope::Only, ..UserFilter::default() };
    let few = rare().into_iter().take(3).map(|(filter, _)| filter).chain([deleted]);
    common().into_iter().chain(few).flat_map(|filter| {
        [false, true]
            .map(|descending| page(filter.clone(), UserSort { key: SortKey::Id, descending }, Window::Skip(100_000)))
    })
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

/// How many ranges of this column's index a search may read in one statement: the total looks at the first column alone
/// before it looks at all.
pub fn ranges_of(column: &str) -> std::ops::RangeInclusive<usize> {
    1..=1 + usize::from(column == SEARCHED[0])
}

/// The time that a text names.
///
/// # Panics
///
/// If it names none.
pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("the test names a time")
}

/// Statements that give the crowd sessions, sign-ins, events with their places, keys and answers, at the time when each of
/// them was made, and tombstones of others. Every other one has signed in. `random` makes an expression for so many random bytes, and `uuid` is one for a random UUID.
pub fn sign_ins(random: impl Fn(u8) -> String, uuid: &str) -> Vec<String> {
    let digest = random(32);
    [
        "login_states (user_id, last_login_at, generation) SELECT id, created_at, 0 FROM users WHERE id % 2 = 0"
            .to_owned(),
        format!(
            "sessions (id, user_uuid, amr, created_at, last_used_at, expires_at, ends_at, revoked_at) \
             SELECT {uuid}, uuid, 'pwd', created_at, created_at, created_at, created_at, \
             CASE WHEN id % 2 = 0 THEN created_at END FROM users"
        ),
        format!(
            "refresh_tokens (digest, session_id, parent, nonce, issued_at) \
             SELECT {digest}, id, {digest}, {digest}, created_at FROM sessions"
        ),
        format!(
            "login_attempts (name, place, failures, last_failed_at, over_at, delay_noted) \
             SELECT {digest}, {digest}, 1, created_at, created_at, FALSE FROM users"
        ),
        format!("known_networks (user_uuid, network, last_seen_at) SELECT uuid, {digest}, created_at FROM users"),
        format!(
            "one_time_tokens (purpose, digest, user_uuid, expires_at) \
             SELECT 'reset_password', {digest}, uuid, created_at FROM users"
        ),
        format!(
            "audit_events (id, recorded_at, action, actor_type, actor_id, target_type, target_id, subject_id, fields, mac) \
             SELECT {uuid}, created_at, CASE WHEN id % 50 = 1 THEN 'user.deleted' ELSE 'user.created' END, 'user', uuid, \
             'user', uuid, uuid, '', {digest} FROM users"
        ),
        format!(
            "audit_chain (position, event_id, hash) \
             SELECT ROW_NUMBER() OVER (ORDER BY recorded_at, id), id, {digest} FROM audit_events"
        ),
        format!(
            "subject_keys (subject_id, key_id, wrapped) \
             SELECT uuid, CASE WHEN id % 2 = 0 THEN 'old' ELSE 'new' END, {digest} FROM users"
        ),
        format!("erased_users (id, uuid, erased_at) SELECT id + 1000000, {uuid}, created_at FROM users"),
        format!(
            "idempotency_keys (key_digest, fingerprint, ticket, leased_until, created_at) \
             SELECT {digest}, {digest}, uuid, created_at, created_at FROM users"
        ),
        "idempotency_outcomes (key_digest, part, subject_id, outcome) SELECT key_digest, 0, ticket, '' \
         FROM idempotency_keys"
            .to_owned(),
    ]
    .map(|insert| format!("INSERT INTO {insert}"))
    .into()
}

/// The tables that [`sign_ins`] fills.
pub const SIGN_IN_TABLES: [&str; 12] = [
    "login_states",
    "sessions",
    "refresh_tokens",
    "login_attempts",
    "known_networks",
    "one_time_tokens",
    "audit_events",
    "audit_chain",
    "subject_keys",
    "erased_users",
    "idempotency_keys",
    "idempotency_outcomes",
];
