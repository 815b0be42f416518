//! Which users a listing shows, and in what order.

use std::cmp::Ordering;

use domain::query::{DeletedScope, Search, SortKey, SortPosition, SortValue, UserFilter, UserSort};
use domain::user::User;
use domain::values::ExternalId;

use crate::tables::{Row, Tables};

/// Whether the scope takes this user in.
pub(crate) fn is_within(scope: DeletedScope, user: &User) -> bool {
    match scope {
        DeletedScope::Live => !user.is_deleted(),
        DeletedScope::All => true,
        DeletedScope::Only => user.is_deleted(),
    }
}

/// Whether the user meets every condition.
pub(crate) fn matches(filter: &UserFilter, row: &Row) -> bool {
    // Named one by one, so that a new condition cannot be forgotten here.
    let UserFilter { role, is_active, search, username, email, external_id, created_after, created_before, deleted } =
        filter;
    let record = row.user.record();
    let stored_external_id = record.external_id.as_ref().map(ExternalId::as_str);
    is_within(*deleted, &row.user)
        && role.is_none_or(|role| record.role == role)
        && is_active.is_none_or(|active| record.is_active == active)
        && search.as_ref().is_none_or(|search| is_found_by(search, row))
        && username.as_deref().is_none_or(|key| row.username_key == key)
        && email.as_deref().is_none_or(|key| row.email_key == key)
        && external_id.as_deref().is_none_or(|id| stored_external_id == Some(id))
        && created_after.is_none_or(|after| record.created_at > after)
        && created_before.is_none_or(|before| record.created_at < before)
}

fn is_found_by(search: &Search, row: &Row) -> bool {
    let texts = [
        Some(&row.username_folded),
        Some(&row.email_folded),
        row.full_name_folded.as_ref(),
        row.last_name_folded.as_ref(),
    ];
    texts.into_iter().flatten().any(|text| search.finds(text))
}

/// Where the user stands in a listing of this order.
pub(crate) fn position(key: SortKey, tables: &Tables, row: &Row) -> SortPosition {
    let value = match key {
        SortKey::Id => SortValue::Id,
        SortKey::CreatedAt => SortValue::Time(row.user.record().created_at),
        SortKey::UpdatedAt => SortValue::Time(row.user.record().updated_at),
        SortKey::Username => SortValue::Text(row.username_folded.clone()),
        SortKey::Email => SortValue::Text(row.email_folded.clone()),
        SortKey::LastLoginAt => {
            tables.last_logins.get(&row.user.uuid()).copied().map_or(SortValue::Never, SortValue::Time)
        }
    };
    SortPosition { value, id: row.user.id() }
}

/// Which of two positions of one listing comes first: by value, then by id, both in the listing's direction; but what has
/// no value comes last in both.
pub(crate) fn order(sort: UserSort, one: &SortPosition, other: &SortPosition) -> Ordering {
    let no_value_last = (one.value == SortValue::Never).cmp(&(other.value == SortValue::Never));
    let by_value = match (&one.value, &other.value) {
        (SortValue::Time(one), SortValue::Time(other)) => one.cmp(other),
        // Rust compares strings by bytes of UTF-8, which is the order of code points.
        (SortValue::Text(one), SortValue::Text(other)) => one.cmp(other),
        _ => Ordering::Equal,
    };
    let ascending = by_value.then(one.id.cmp(&other.id));
    no_value_last.then(if sort.descending { ascending.reverse() } else { ascending })
}
