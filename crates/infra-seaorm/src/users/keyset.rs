//! A listing's position as a condition, and the columns it is sorted by.

use domain::query::{SortKey, SortPosition, SortValue, UserSort};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Value};
use sea_orm::{ColumnTrait, DbBackend};

use super::entity::Column;
use super::last_login;
use crate::moments::to_stored;

/// The columns that a sort compares: the value, where it is not the id, and the id.
pub(super) fn sort_columns(key: SortKey) -> (Option<Expr>, Expr) {
    // In one table, as one index is in the order of both.
    let id = if key == SortKey::LastLoginAt { last_login::user_id() } else { Column::Id.into_expr() };
    let value = match key {
        SortKey::Id => None,
        SortKey::CreatedAt => Some(Column::CreatedAt.into_expr()),
        SortKey::UpdatedAt => Some(Column::UpdatedAt.into_expr()),
        SortKey::Username | SortKey::Email => folded_column(key).map(ColumnTrait::into_expr),
        SortKey::LastLoginAt => Some(last_login::last_login_at()),
    };
    (value, id)
}

/// The column of a sort by a text, which no reader sees.
pub(super) fn folded_column(key: SortKey) -> Option<Column> {
    match key {
        SortKey::Username => Some(Column::UsernameFolded),
        SortKey::Email => Some(Column::EmailFolded),
        SortKey::Id | SortKey::CreatedAt | SortKey::UpdatedAt | SortKey::LastLoginAt => None,
    }
}

/// What comes after the position, as a range of the sort's index.
pub(super) fn after(backend: DbBackend, sort: UserSort, position: &SortPosition) -> Condition {
    let bound = position.id.get();
    let (column, id) = sort_columns(sort.key);
    let Some((column, value)) = column.zip(sort_value(&position.value)) else {
        return Condition::all().add(if sort.descending { id.lt(bound) } else { id.gt(bound) });
    };
    if backend == DbBackend::MySql {
        // MySQL and MariaDB read no range for a comparison of rows.
        let (beyond, tied) = if sort.descending {
            (column.clone().lt(value.clone()), id.lt(bound))
        } else {
            (column.clone().gt(value.clone()), id.gt(bound))
        };
        return Condition::any().add(beyond).add(column.eq(value).and(tied));
    }
    // SQLite reads no single range for the alternative.
    let row = Expr::tuple([column, id]);
    let bound = Expr::tuple([Expr::val(value), Expr::val(bound)]);
    Condition::all().add(if sort.descending { row.lt(bound) } else { row.gt(bound) })
}

fn sort_value(value: &SortValue) -> Option<Value> {
    match value {
        SortValue::Id | SortValue::Never => None,
        SortValue::Time(at) => Some(to_stored(*at).into()),
        SortValue::Text(text) => Some(text.as_str().into()),
    }
}
