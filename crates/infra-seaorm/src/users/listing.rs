//! Listings as statements: a page, and the total.

use domain::query::{CountMode, ListUsers, SEARCH_COUNT_CAP, UserSort, Window};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Func, JoinType, Order, Query, SelectStatement, UnionType};
use sea_orm::{DbBackend, Statement};

use super::conditions::{SEARCHED, after, begins_with, matches, sort_column};
use super::entity::{Column, Entity};
use super::row::VIEW_COLUMNS;

/// The statements of a listing, so that adapters can look at their plans.
pub fn listing_statements(backend: DbBackend, query: &ListUsers) -> Vec<Statement> {
    page(backend, query).iter().chain(&total(query)).map(|select| backend.build(select)).collect()
}

/// One row more than the page has, to see whether others follow; nothing if only the total is wanted.
///
/// A search is a union of one range for each searched column. Each gives no more rows than the page can need, in the
/// page's order, so that what is put together stays small.
pub(super) fn page(backend: DbBackend, query: &ListUsers) -> Option<SelectStatement> {
    if query.limit == 0 {
        return None;
    }
    let limit = u64::from(query.limit) + 1;
    let (skip, position) = match &query.window {
        Window::Skip(skip) => (Ord::min(*skip, MAX_SKIP), None),
        Window::After(position) => (0, Some(after(backend, query.sort, position))),
    };
    let condition = matches(&query.filter).add_option(position);
    let mut page = Query::select();
    page.columns(VIEW_COLUMNS.map(of_users));
    if let Some(column @ (Column::UsernameFolded | Column::EmailFolded)) = sort_column(query.sort.key) {
        page.column(of_users(column));
    }
    if let Some(folded) = &query.filter.search {
        let found = found(folded, &condition, Some(query.sort), skip + limit);
        page.from_subquery(found, FOUND).join(
            JoinType::InnerJoin,
            Entity,
            Expr::col(of_users(Column::Id)).equals((FOUND, Column::Id)),
        );
    } else {
        page.from(Entity).cond_where(condition);
    }
    sort_by(&mut page, query.sort);
    page.limit(limit);
    if skip > 0 {
        page.offset(skip);
    }
    Some(page)
}

/// How many match, under the name [`TOTAL`]; nothing if nobody asked.
pub(super) fn total(query: &ListUsers) -> Option<SelectStatement> {
    if query.count == CountMode::None {
        return None;
    }
    let condition = matches(&query.filter);
    let mut total = Query::select();
    total.expr_as(Func::count(Expr::col(sea_orm::sea_query::Asterisk)), TOTAL);
    match &query.filter.search {
        Some(folded) => total.from_subquery(found(folded, &condition, None, SEARCH_COUNT_CAP + 1), FOUND),
        None => total.from(Entity).cond_where(condition),
    };
    Some(total)
}

/// The name of the column that [`total`] gives.
pub(super) const TOTAL: &str = "total";

const FOUND: &str = "found";

/// Nobody has more users; together with a page it still fits the databases' signed numbers.
const MAX_SKIP: u64 = 1 << 62;

/// The ids of at least the first so many users found, each once.
fn found(folded: &str, condition: &Condition, sort: Option<UserSort>, at_least: u64) -> SelectStatement {
    let ranges = SEARCHED.map(|column| {
        let mut range = Query::select();
        range.column(of_users(Column::Id)).from(Entity);
        range.cond_where(begins_with(column, folded)).cond_where(condition.clone());
        if let Some(sort) = sort {
            sort_by(&mut range, sort);
        }
        range.limit(at_least);
        // SQLite allows no parentheses and so no LIMIT around a member of a union.
        Query::select().column(Column::Id).from_subquery(range, "in_range").take()
    });
    let [mut union, rest @ ..] = ranges;
    union.unions(rest.map(|range| (UnionType::Distinct, range)));
    union
}

fn sort_by(select: &mut SelectStatement, sort: UserSort) {
    let order = if sort.descending { Order::Desc } else { Order::Asc };
    if let Some(column) = sort_column(sort.key) {
        select.order_by(of_users(column), order.clone());
    }
    select.order_by(of_users(Column::Id), order);
}

fn of_users(column: Column) -> (Entity, Column) {
    (Entity, column)
}
