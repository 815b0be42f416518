//! Filters as conditions.

use domain::query::{DeletedScope, SortKey, UserFilter};
use domain::values::{PrefixRange, Role};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Func};
use sea_orm::{ColumnTrait, DbBackend};

use super::entity::Column;
use crate::moments::{FIRST, to_stored};

/// Every condition of the filter but the search, for a listing sorted by `sort`.
///
/// Most users live, are active and have the role `user`. To look for these by an index means to read nearly everybody
/// and then to sort them, and databases that keep no histograms (SQLite) do not know better. So where something else
/// finds or orders the users, what is true of most is tested row by row; and where nothing else does, one of these
/// conditions is looked for, by an index that goes on in the order of the ids.
pub(super) fn matches(filter: &UserFilter, sort: SortKey) -> Condition {
    conditions(filter, sort == SortKey::Id)
}

/// `common_finds` says that what is true of most may find users, where nothing else does.
fn conditions(filter: &UserFilter, common_finds: bool) -> Condition {
    // Every field by name, so that a new one cannot be forgotten here.
    let UserFilter { role, is_active, search, username, email, external_id, created_after, created_before, deleted } =
        filter;
    let (rare_role, common_role) = split(*role, &Role::User);
    let (rare_activity, common_activity) = split(*is_active, &true);
    let narrowing = Condition::all()
        .add_option(rare_role.map(|role| Column::Role.eq(role.as_str())))
        .add_option(rare_activity.map(|active| Column::IsActive.eq(active)))
        // A username's key is its folded form, which stays when the user is deleted.
        .add_option(username.as_deref().map(|key| Column::UsernameFolded.eq(key)))
        .add_option(email.as_deref().map(|key| Column::EmailCanonical.eq(key)))
        .add_option(external_id.as_deref().map(|id| Column::ExternalId.eq(id)))
        .add_option(created_after.map(|at| Column::CreatedAt.gt(to_stored(at))))
        .add_option(created_before.map(|at| Column::CreatedAt.lt(to_stored(at))))
        // For IS NOT NULL SQLite reads no index unless it has statistics.
        .add_option((*deleted == DeletedScope::Only).then(|| Column::DeletedAt.gte(FIRST)));
    let common = [
        common_role.map(|role| Column::Role.eq(role.as_str())),
        common_activity.map(|active| Column::IsActive.eq(active)),
        (*deleted == DeletedScope::Live).then(|| Column::DeletedAt.is_null()),
    ];
    let mut common = common.into_iter().flatten();
    let found_by_index = if narrowing.is_empty() && search.is_none() && common_finds { common.next() } else { None };
    let all = narrowing.add_option(found_by_index);
    common.fold(all, |all, condition| all.add(row_by_row(condition)))
}

/// The same for a range of ids so short that the deleted, and what is true of most, are found among the others.
pub(super) fn among_others(filter: &UserFilter) -> Condition {
    let everybody = UserFilter { deleted: DeletedScope::All, ..filter.clone() };
    match filter.deleted {
        DeletedScope::Only => conditions(&everybody, false).add(row_by_row(Column::DeletedAt.is_not_null())),
        DeletedScope::Live | DeletedScope::All => conditions(filter, false),
    }
}

/// A condition for which no index is read.
pub(super) fn row_by_row(condition: impl Into<Expr>) -> Expr {
    condition.into().eq(true)
}

/// The value as one that few or that most users have.
fn split<T: PartialEq>(value: Option<T>, common: &T) -> (Option<T>, Option<T>) {
    value.map_or((None, None), |value| if value == *common { (None, Some(value)) } else { (Some(value), None) })
}

/// The columns that a search looks at the beginning of.
pub(super) const SEARCHED: [Column; 4] =
    [Column::UsernameFolded, Column::EmailFolded, Column::FullNameFolded, Column::LastNameFolded];

/// The column begins with the folded text: a range of its index, in which `%` and `_` mean themselves.
pub(super) fn begins_with(backend: DbBackend, column: Column, folded: &str) -> Condition {
    let is_long = matches!(column, Column::FullNameFolded | Column::LastNameFolded);
    if backend != DbBackend::Postgres || !is_long {
        return range(&column.into_expr(), folded);
    }
    // PostgreSQL's index on a long column holds its beginning.
    let indexed: String = folded.chars().take(INDEXED_CHARACTERS).collect();
    let beginning = Func::cust("left").arg(column.into_expr()).arg(Expr::cust("256"));
    let begins = range(&beginning.into(), &indexed);
    if indexed == folded { begins } else { begins.add(range(&column.into_expr(), folded)) }
}

/// As the index says, see `migration`.
const INDEXED_CHARACTERS: usize = 256;

fn range(text: &Expr, folded: &str) -> Condition {
    let PrefixRange { from, until } = PrefixRange::of(folded);
    Condition::all().add(text.clone().gte(from)).add_option(until.map(|until| text.clone().lt(until)))
}
