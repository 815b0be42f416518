//! Listings as statements: a page, and the total.

use domain::query::{CountMode, DeletedScope, ListUsers, SEARCH_COUNT_CAP, Search, SortKey, UserSort, Window};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Func, JoinType, Query, SelectStatement, UnionType};
use sea_orm::{ColumnTrait as _, DbBackend, IdenStatic, QueryResult, Statement, sea_query};

use super::conditions::{SEARCHED, among_others, begins_with, matches, row_by_row};
use super::counts::CountedBy;
use super::entity::{Column, Entity};
use super::inside::{self, Way};
use super::keyset::{after, folded_column, sort_columns};
use super::last_login::{self, LAST_LOGIN_AT, Part};
use super::row::VIEW_COLUMNS;

/// The statements of a listing, so that adapters can look at their plans.
pub fn listing_statements(backend: DbBackend, query: &ListUsers) -> Vec<Statement> {
    if let Some(Search::Within(text)) = &query.filter.search {
        return inside::statements(backend, query, text).iter().map(|select| backend.build(select)).collect();
    }
    let pages = match query.sort.key {
        SortKey::LastLoginAt if query.limit > 0 => last_login::statements(backend, query),
        _ => page(backend, query).into_iter().collect(),
    };
    let total = total(backend, query).filter(|_| query.limit == 0 || total_beside(backend, query).is_none());
    pages.iter().chain(&total).map(|select| backend.build(select)).collect()
}

/// What the database says to a listing.
#[derive(Debug)]
pub(super) struct Answer {
    /// The page, and one row more if others follow.
    pub(super) rows: Vec<QueryResult>,
    /// The last user looked at, if a search stopped there before the page was full.
    pub(super) cut_at: Option<QueryResult>,
    /// How many match, if that was asked.
    pub(super) total: Option<Counted>,
}

/// How many match, or at least so many.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counted {
    pub(super) count: u64,
    pub(super) capped: bool,
}

/// One row more than the page has, to see whether others follow; nothing if only the total is wanted.
///
/// Where a sum over few rows gives the total, each row has it beside it: that is quicker than to ask for it.
pub(super) fn page(backend: DbBackend, query: &ListUsers) -> Option<SelectStatement> {
    let rows = u64::from(query.limit) + 1;
    let everybody = Slice {
        part: Part::Everybody,
        sort: query.sort,
        window: query.window.clone(),
        rows,
        way: Way::Index,
        within: None,
    };
    (query.limit > 0).then(|| {
        let mut page = slice(backend, query, &everybody);
        if let Some(total) = total_beside(backend, query) {
            page.expr_as(total, TOTAL);
        }
        page
    })
}

/// The total as a column of the page, under the name [`TOTAL`].
pub(super) fn total_beside(backend: DbBackend, query: &ListUsers) -> Option<Expr> {
    let is_asked = query.count == CountMode::Exact && query.sort.key != SortKey::LastLoginAt;
    let counted = CountedBy::of(&query.filter).filter(|_| is_asked)?;
    Some(Expr::SubQuery(None, Box::new(counted.total(backend).into())))
}

/// Some of the users that match, in order.
pub(super) struct Slice {
    pub(super) part: Part,
    pub(super) sort: UserSort,
    pub(super) window: Window,
    pub(super) rows: u64,
    /// How a search inside names comes by them.
    pub(super) way: Way,
    /// Of these ids only; the deleted are read among the others then.
    pub(super) within: Option<Condition>,
}

impl Slice {
    /// To skip rows means to read them. Where many are skipped, or some for every page, their numbers are read first, which
    /// most often an index holds with all that is filtered by, and then whole rows for the page alone.
    fn reads_numbers_first(&self) -> bool {
        self.within.is_some() || matches!(self.window, Window::Skip(skip) if skip >= LONG_SKIP)
    }
}

/// The statement that reads a slice of a listing.
///
/// A search is a union of one range for each searched column. Each gives no more rows than the page can need, in the
/// page's order, so that what is put together stays small.
pub(super) fn slice(backend: DbBackend, query: &ListUsers, slice: &Slice) -> SelectStatement {
    let Slice { part, sort, window, rows, within, .. } = slice;
    let (skip, position) = match window {
        Window::Skip(skip) => (Ord::min(*skip, MAX_SKIP), None),
        Window::After(position) => (0, Some(after(backend, *sort, position))),
    };
    let condition = if within.is_some() { among_others(&query.filter) } else { matches(&query.filter, sort.key) };
    let order = Order { part: *part, sort: *sort, position };
    let mut page = Query::select();
    let joins = joins_last_logins(backend, query, slice);
    let last_login_at = if joins { last_login::last_login_at() } else { part.last_login_at() };
    page.columns(VIEW_COLUMNS.map(of_users)).expr_as(last_login_at, LAST_LOGIN_AT);
    page.columns(folded_column(sort.key).map(of_users));
    if let Some(search) = &query.filter.search {
        let found = match search {
            Search::Beginning(folded) => found(backend, folded, &condition, Some(&order), skip + rows),
            Search::Within(folded) => {
                // Those whom looking at users found match, and come behind the position.
                if slice.way == Way::Index {
                    page.cond_where(inside::has(backend, inside::USERS, folded));
                    let narrowed = condition.clone().add_option(order.position.clone().map(row_by_row));
                    if !narrowed.is_empty() {
                        page.and_where(row_by_row(narrowed));
                    }
                }
                inside::candidates(backend, query, slice, folded)
            }
        };
        page.from_subquery(found, FOUND).join(
            JoinType::InnerJoin,
            Entity,
            Expr::col(of_users(Column::Id)).equals((FOUND, Column::Id)),
        );
        part.only(&mut page);
        sort_by(&mut page, *sort);
    } else if slice.reads_numbers_first() {
        let mut numbers = Query::select();
        numbers.column(of_users(Column::Id)).from(Entity).cond_where(condition);
        part.only(&mut numbers);
        in_order(&mut numbers, query, order, within.clone());
        numbers.limit(*rows).offset(skip);
        page.from_subquery(numbers, FOUND).join(
            JoinType::InnerJoin,
            Entity,
            Expr::col(of_users(Column::Id)).equals((FOUND, Column::Id)),
        );
        part.only(&mut page);
        sort_by(&mut page, *sort);
        return page;
    } else {
        page.from(Entity).cond_where(condition);
        if joins {
            let of_user = last_login::user_id().eq(Column::Id.into_expr());
            page.join(JoinType::LeftJoin, last_login::LOGIN_STATES, of_user);
        }
        part.only(&mut page);
        in_order(&mut page, query, order, None);
    }
    page.limit(*rows);
    if skip > 0 {
        page.offset(skip);
    }
    page
}

/// The first so many users of a slice in its order, whatever is searched for.
pub(super) fn plain(backend: DbBackend, query: &ListUsers, of: &Slice, users: u64) -> SelectStatement {
    let window = match &of.window {
        Window::Skip(_) => Window::Skip(0),
        Window::After(position) => Window::After(position.clone()),
    };
    slice(
        backend,
        &inside::without_search(query),
        &Slice { part: of.part, sort: of.sort, window, rows: users, way: of.way, within: of.within.clone() },
    )
}

/// Whether the last logins come by an outer join. MySQL and MariaDB are quicker with it than with a subquery for each row,
/// and look into that table for each user in the order of the others.
fn joins_last_logins(backend: DbBackend, query: &ListUsers, slice: &Slice) -> bool {
    backend == DbBackend::MySql
        && slice.part == Part::Everybody
        && slice.way == Way::Index
        && query.filter.search.is_none()
        && !slice.reads_numbers_first()
}

/// From the position on, or within these ids.
fn in_order(rows: &mut SelectStatement, query: &ListUsers, order: Order, within: Option<Condition>) {
    if query.filter.deleted == DeletedScope::Only && order.sort.key == SortKey::Id && within.is_none() {
        among_the_deleted(rows, order);
    } else {
        rows.cond_where(Condition::all().add_option(order.position).add_option(within));
        sort_by(rows, order.sort);
    }
}

/// How many match, under the name [`TOTAL`]; nothing if nobody asked.
pub(super) fn total(backend: DbBackend, query: &ListUsers) -> Option<SelectStatement> {
    if query.count == CountMode::None {
        return None;
    }
    if let Some(counted) = CountedBy::of(&query.filter) {
        return Some(counted.total(backend));
    }
    let condition = matches(&query.filter, SortKey::Id);
    Some(match &query.filter.search {
        Some(Search::Beginning(folded) | Search::Within(folded)) => total_found(backend, folded, &condition),
        None => {
            let mut total = Query::select();
            total.expr_as(Func::count(Expr::col(sea_query::Asterisk)), TOTAL).from(Entity).cond_where(condition);
            total
        }
    })
}

/// How many are found, up to one more than are told. What many usernames begin with need not be looked for in the other columns, nor
/// put together, which takes several times as long as the one range.
fn total_found(backend: DbBackend, folded: &str, condition: &Condition) -> SelectStatement {
    let most = SEARCH_COUNT_CAP + 1;
    let count = |found: SelectStatement| {
        let mut count = Query::select();
        count.expr(Func::count(Expr::col(sea_query::Asterisk))).from_subquery(found, FOUND);
        Expr::SubQuery(None, Box::new(count.into()))
    };
    let [first, ..] = SEARCHED;
    let by_first = count(range(backend, first, folded, condition, None, most));
    let by_all = count(found(backend, folded, condition, None, most));
    // Written out: a parameter there has no type that every database would guess alike.
    let written = || Expr::cust(most.to_string());
    let total = Expr::case(by_first.gte(written()), written()).finally(by_all);
    Query::select().expr_as(total, TOTAL).take()
}

/// The name of the column that [`total`] gives.
pub(super) const TOTAL: &str = "total";

const FOUND: &str = "found";

/// So many rows are skipped before it pays to read their numbers first.
const LONG_SKIP: u64 = 100;

/// Nobody has more users; together with a page it still fits the databases' signed numbers.
pub(super) const MAX_SKIP: u64 = 1 << 62;

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
        let range = range(backend, column, folded, condition, order, at_least);
        // SQLite allows no parentheses and so no LIMIT around a member of a union.
        Query::select().column(Column::Id).from_subquery(range, "in_range").take()
    });
    let [mut union, rest @ ..] = ranges;
    union.unions(rest.map(|range| (UnionType::Distinct, range)));
    union
}

/// The ids of at least the first so many users of whom this column begins so.
fn range(
    backend: DbBackend,
    column: Column,
    folded: &str,
    condition: &Condition,
    order: Option<&Order>,
    at_least: u64,
) -> SelectStatement {
    let mut range = Query::select();
    range.column(of_users(Column::Id)).from(Entity).cond_where(begins_with(backend, column, folded));
    if !condition.is_empty() {
        range.and_where(row_by_row(condition.clone()));
    }
    if let Some(order) = order {
        go_on(&mut range, column, order);
    }
    range.limit(at_least);
    range
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

pub(super) fn direction(sort: UserSort) -> sea_query::Order {
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

pub(super) fn of_users(column: Column) -> (Entity, Column) {
    (Entity, column)
}

#[cfg(test)]
mod tests {
    use domain::query::UserFilter;

    use super::*;

    #[test]
    fn who_is_only_looked_at_is_not_asked_for_the_last_login() {
        let asks = |search| {
            let filter = UserFilter { search, ..UserFilter::default() };
            let query = ListUsers { filter, limit: 10, count: CountMode::Exact, ..ListUsers::default() };
            let statements = listing_statements(DbBackend::MySql, &query);
            statements.iter().any(|statement| statement.sql.contains("LEFT JOIN"))
        };
        assert!(asks(None), "a page is shown");
        assert!(!asks(Some(Search::Within("smith".into()))), "20,000 users are walked over");
    }
}
