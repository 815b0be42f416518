//! Listings as statements: a page, and the total.

use domain::query::{CountMode, DeletedScope, ListUsers, SEARCH_COUNT_CAP, SortKey, UserSort, Window};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Func, JoinType, Query, SelectStatement, UnionType};
use sea_orm::{DbBackend, IdenStatic, Statement, sea_query};

use super::conditions::{SEARCHED, begins_with, matches, row_by_row};
use super::counts;
use super::entity::{Column, Entity};
use super::keyset::{after, folded_column, sort_columns};
use super::last_login::{self, LAST_LOGIN_AT, Part};
use super::row::VIEW_COLUMNS;

/// The statements of a listing, so that adapters can look at their plans.
pub fn listing_statements(backend: DbBackend, query: &ListUsers) -> Vec<Statement> {
    let pages = match query.sort.key {
        SortKey::LastLoginAt if query.limit > 0 => last_login::statements(backend, query),
        _ => page(backend, query).into_iter().collect(),
    };
    pages.iter().chain(&total(backend, query)).map(|select| backend.build(select)).collect()
}

/// One row more than the page has, to see whether others follow; nothing if only the total is wanted.
pub(super) fn page(backend: DbBackend, query: &ListUsers) -> Option<SelectStatement> {
    let rows = u64::from(query.limit) + 1;
    let everybody = Slice { part: Part::Everybody, sort: query.sort, window: query.window.clone(), rows };
    (query.limit > 0).then(|| slice(backend, query, &everybody))
}

/// Some of the users that match, in order.
pub(super) struct Slice {
    pub(super) part: Part,
    pub(super) sort: UserSort,
    pub(super) window: Window,
    pub(super) rows: u64,
}

/// The statement that reads a slice of a listing.
///
/// A search is a union of one range for each searched column. Each gives no more rows than the page can need, in the
/// page's order, so that what is put together stays small.
pub(super) fn slice(backend: DbBackend, query: &ListUsers, slice: &Slice) -> SelectStatement {
    let Slice { part, sort, window, rows } = slice;
    let (skip, position) = match window {
        Window::Skip(skip) => (Ord::min(*skip, MAX_SKIP), None),
        Window::After(position) => (0, Some(after(backend, *sort, position))),
    };
    let condition = matches(&query.filter, sort.key);
    let order = Order { part: *part, sort: *sort, position };
    let mut page = Query::select();
    page.columns(VIEW_COLUMNS.map(of_users)).expr_as(part.last_login_at(), LAST_LOGIN_AT);
    page.columns(folded_column(sort.key).map(of_users));
    if let Some(folded) = &query.filter.search {
        let found = found(backend, folded, &condition, Some(&order), skip + rows);
        page.from_subquery(found, FOUND).join(
            JoinType::InnerJoin,
            Entity,
            Expr::col(of_users(Column::Id)).equals((FOUND, Column::Id)),
        );
        part.only(&mut page);
        sort_by(&mut page, *sort);
    } else {
        page.from(Entity).cond_where(condition);
        part.only(&mut page);
        if query.filter.deleted == DeletedScope::Only && sort.key == SortKey::Id {
            among_the_deleted(&mut page, order);
        } else {
            page.cond_where(Condition::all().add_option(order.position));
            sort_by(&mut page, *sort);
        }
    }
    page.limit(*rows);
    if skip > 0 {
        page.offset(skip);
    }
    page
}

/// How many match, under the name [`TOTAL`]; nothing if nobody asked.
pub(super) fn total(backend: DbBackend, query: &ListUsers) -> Option<SelectStatement> {
    if query.count == CountMode::None {
        return None;
    }
    if let Some(sum) = counts::sum(backend, &query.filter) {
        return Some(sum);
    }
    let condition = matches(&query.filter, SortKey::Id);
    let mut total = Query::select();
    total.expr_as(Func::count(Expr::col(sea_query::Asterisk)), TOTAL);
    match &query.filter.search {
        Some(folded) => total.from_subquery(found(backend, folded, &condition, None, SEARCH_COUNT_CAP + 1), FOUND),
        None => total.from(Entity).cond_where(condition),
    };
    Some(total)
}

/// The name of the column that [`total`] gives.
pub(super) const TOTAL: &str = "total";

const FOUND: &str = "found";

/// Nobody has more users; together with a page it still fits the databases' signed numbers.
const MAX_SKIP: u64 = 1 << 62;

/// Of whom, in what order, and from where on.
struct Order {
    part: Part,
    sort: UserSort,
    position: Option<Condition>,
}

/// The ids of at least the first so many users found, each once.
fn found(
    backend: DbBackend,
    folded: &str,
    condition: &Condition,
    order: Option<&Order>,
    at_least: u64,
) -> SelectStatement {
    let ranges = SEARCHED.map(|column| {
        let mut range = Query::select();
        range.column(of_users(Column::Id)).from(Entity).cond_where(begins_with(backend, column, folded));
        if !condition.is_empty() {
            range.and_where(row_by_row(condition.clone()));
        }
        if let Some(order) = order {
            go_on(&mut range, column, order);
        }
        range.limit(at_least);
        // SQLite allows no parentheses and so no LIMIT around a member of a union.
        Query::select().column(Column::Id).from_subquery(range, "in_range").take()
    });
    let [mut union, rest @ ..] = ranges;
    union.unions(rest.map(|range| (UnionType::Distinct, range)));
    union
}

/// From the position on, which narrows a range only where the searched column is also the one that is sorted by.
fn go_on(range: &mut SelectStatement, searched: Column, order: &Order) {
    order.part.only(range);
    if let Some(position) = order.position.clone() {
        let is_sorted = folded_column(order.sort.key).is_some_and(|sorted| sorted.as_str() == searched.as_str());
        if is_sorted {
            range.cond_where(position);
        } else {
            range.and_where(row_by_row(position));
        }
    }
    sort_by(range, order.sort);
}

/// Few users are deleted, if any, and in the order of the ids all others would be read to find them. A sum is in no
/// index, so that the deleted are looked for, and then sorted.
fn among_the_deleted(page: &mut SelectStatement, order: Order) {
    if let Some(position) = order.position {
        page.and_where(row_by_row(position));
    }
    page.order_by_expr(Expr::col(of_users(Column::Id)).add(0), direction(order.sort));
}

fn direction(sort: UserSort) -> sea_query::Order {
    if sort.descending { sea_query::Order::Desc } else { sea_query::Order::Asc }
}

fn sort_by(select: &mut SelectStatement, sort: UserSort) {
    let direction = direction(sort);
    let (column, id) = sort_columns(sort.key);
    if let Some(column) = column {
        select.order_by_expr(column, direction.clone());
    }
    select.order_by_expr(id, direction);
}

fn of_users(column: Column) -> (Entity, Column) {
    (Entity, column)
}
