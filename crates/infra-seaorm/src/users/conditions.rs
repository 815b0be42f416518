//! Filters and positions as conditions.

use domain::query::{DeletedScope, SortKey, SortPosition, SortValue, UserFilter, UserSort};
use domain::values::PrefixRange;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Value};
use sea_orm::{ColumnTrait, DbBackend};

use super::entity::Column;
use crate::moments::to_stored;

/// The column that a sort compares, where it is not the id.
pub(super) fn sort_column(key: SortKey) -> Option<Column> {
    match key {
        SortKey::Id => None,
        SortKey::CreatedAt => Some(Column::CreatedAt),
        SortKey::UpdatedAt => Some(Column::UpdatedAt),
        SortKey::Username => Some(Column::UsernameFolded),
        SortKey::Email => Some(Column::EmailFolded),
    }
}

/// Every condition of the filter but the search.
pub(super) fn matches(filter: &UserFilter) -> Condition {
    // Every field by name, so that a new one cannot be forgotten here.
    let UserFilter { role, is_active, search: _, username, email, external_id, created_after, created_before, deleted } =
        filter;
    Condition::all()
        .add_option(role.map(|role| Column::Role.eq(role.as_str())))
        .add_option(is_active.map(|active| Column::IsActive.eq(active)))
        // A username's key is its folded form, which stays when the user is deleted.
        .add_option(username.as_deref().map(|key| Column::UsernameFolded.eq(key)))
        .add_option(email.as_deref().map(|key| Column::EmailCanonical.eq(key)))
        .add_option(external_id.as_deref().map(|id| Column::ExternalId.eq(id)))
        .add_option(created_after.map(|at| Column::CreatedAt.gt(to_stored(at))))
        .add_option(created_before.map(|at| Column::CreatedAt.lt(to_stored(at))))
        .add_option(match deleted {
            DeletedScope::Live => Some(Column::DeletedAt.is_null()),
            DeletedScope::All => None,
            DeletedScope::Only => Some(Column::DeletedAt.is_not_null()),
        })
}

/// The columns that a search looks at the beginning of.
pub(super) const SEARCHED: [Column; 4] =
    [Column::UsernameFolded, Column::EmailFolded, Column::FullNameFolded, Column::LastNameFolded];

/// The column begins with the folded text: a range of its index, in which `%` and `_` mean themselves.
pub(super) fn begins_with(column: Column, folded: &str) -> Condition {
    let PrefixRange { from, until } = PrefixRange::of(folded);
    Condition::all().add(column.gte(from)).add_option(until.map(|until| column.lt(until)))
}

/// What comes after the position, as a range of the sort's index.
pub(super) fn after(backend: DbBackend, sort: UserSort, position: &SortPosition) -> Condition {
    let id = position.id.get();
    let Some((column, value)) = sort_column(sort.key).zip(sort_value(&position.value)) else {
        return Condition::all().add(if sort.descending { Column::Id.lt(id) } else { Column::Id.gt(id) });
    };
    if backend == DbBackend::MySql {
        // MySQL and MariaDB read no range for a comparison of rows.
        let (beyond, tied) = if sort.descending {
            (column.lt(value.clone()), Column::Id.lt(id))
        } else {
            (column.gt(value.clone()), Column::Id.gt(id))
        };
        return Condition::any().add(beyond).add(column.eq(value).and(tied));
    }
    // SQLite reads no single range for the alternative.
    let row = Expr::tuple([column.into_expr(), Column::Id.into_expr()]);
    let bound = Expr::tuple([Expr::val(value), Expr::val(id)]);
    Condition::all().add(if sort.descending { row.lt(bound) } else { row.gt(bound) })
}

fn sort_value(value: &SortValue) -> Option<Value> {
    match value {
        SortValue::Id => None,
        SortValue::Time(at) => Some(to_stored(*at).into()),
        SortValue::Text(text) => Some(text.as_str().into()),
    }
}
