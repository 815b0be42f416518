//! A listing's position as a condition, and the column it is sorted by.

use domain::query::{SortKey, SortPosition, SortValue, UserSort};
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
