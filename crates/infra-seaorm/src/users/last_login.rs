//! When users last signed in, which is kept beside them, and listings in its order.
//!
//! Those who never did come last. No index has all in that order, but one has those who did, and the table of the users is
//! in the order of the others: a page is the first, and where they end it goes on with the others.

use domain::query::{ListUsers, SortKey, SortValue, UserSort, Window};
use sea_orm::sea_query::{Expr, ExprTrait, Func, JoinType, Query, SelectStatement};
use sea_orm::{ColumnTrait as _, ConnectionTrait, DatabaseConnection, DbErr, QueryResult, sea_query};

use super::entity::Column;
use super::inside::Way;
use super::listing::{Slice, TOTAL, slice};
use crate::moments::FIRST;

pub(super) const LOGIN_STATES: &str = "login_states";

/// The name of the column that [`among`] gives.
pub(super) const LAST_LOGIN_AT: &str = "last_login_at";

pub(super) fn last_login_at() -> Expr {
    Expr::col((LOGIN_STATES, LAST_LOGIN_AT))
}

pub(super) fn user_id() -> Expr {
    Expr::col((LOGIN_STATES, "user_id"))
}

/// Whom a statement reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Everybody,
    WhoSignedIn,
    WhoNeverDid,
}

impl Part {
    /// Leaves out the others.
    pub(super) fn only(self, select: &mut SelectStatement) {
        let of_user = user_id().eq(Column::Id.into_expr());
        match self {
            Self::Everybody => {}
            Self::WhoSignedIn => {
                // For IS NOT NULL SQLite reads no index unless it has statistics.
                select.join(JoinType::InnerJoin, LOGIN_STATES, of_user).and_where(last_login_at().gte(FIRST));
            }
            // An outer join would be the same, but PostgreSQL expects to find nobody in it, and sorts.
            Self::WhoNeverDid => {
                let signed_in = Query::select()
                    .expr(user_id())
                    .from(LOGIN_STATES)
                    .and_where(of_user)
                    .and_where(last_login_at().is_not_null())
                    .take();
                select.and_where(Expr::exists(signed_in).not());
            }
        }
    }

    /// The column, where [`only`](Self::only) was called. It is looked up for the rows that are shown, unless they are
    /// sorted by it, so that it is nothing that a plan could begin with.
    pub(super) fn last_login_at(self) -> Expr {
        match self {
            Self::WhoSignedIn => last_login_at(),
            Self::Everybody | Self::WhoNeverDid => {
                let of_user = Query::select()
                    .expr(last_login_at())
                    .from(LOGIN_STATES)
                    .and_where(user_id().eq(Column::Id.into_expr()))
                    .take();
                Expr::SubQuery(None, Box::new(of_user.into()))
            }
        }
    }
}

/// The rows of a page in this order, and one more, to see whether others follow.
pub(super) async fn rows(db: &DatabaseConnection, query: &ListUsers) -> Result<Vec<QueryResult>, DbErr> {
    let rows = u64::from(query.limit) + 1;
    let mut found = match who_signed_in(query, rows) {
        Some(first) => db.query_all(&slice(db.get_database_backend(), query, &first)).await?,
        None => Vec::new(),
    };
    let left = rows.saturating_sub(found.len() as u64);
    if left > 0 {
        let skipped = match query.window {
            Window::Skip(skip) if skip > 0 && found.is_empty() => {
                skip.saturating_sub(count(db, query, Way::Index).await?)
            }
            Window::Skip(_) | Window::After(_) => 0,
        };
        let others = who_never_did(query, skipped, left);
        found.extend(db.query_all(&slice(db.get_database_backend(), query, &others)).await?);
    }
    Ok(found)
}

/// The statements behind [`rows`], for their plans.
pub(super) fn statements(backend: sea_orm::DbBackend, query: &ListUsers) -> Vec<SelectStatement> {
    let rows = u64::from(query.limit) + 1;
    let parts = who_signed_in(query, rows).into_iter().chain([who_never_did(query, 0, rows)]);
    parts.map(|part| slice(backend, query, &part)).collect()
}

/// Nobody, if the position is behind all of them.
pub(super) fn who_signed_in(query: &ListUsers, rows: u64) -> Option<Slice> {
    let is_behind = matches!(&query.window, Window::After(position) if position.value == SortValue::Never);
    let (part, window) = (Part::WhoSignedIn, query.window.clone());
    (!is_behind).then_some(Slice { part, sort: query.sort, window, rows, way: Way::Index, within: None })
}

pub(super) fn who_never_did(query: &ListUsers, skipped: u64, rows: u64) -> Slice {
    let window = match &query.window {
        Window::After(position) if position.value == SortValue::Never => query.window.clone(),
        Window::After(_) | Window::Skip(_) => Window::Skip(skipped),
    };
    let sort = UserSort { key: SortKey::Id, descending: query.sort.descending };
    Slice { part: Part::WhoNeverDid, sort, window, rows, way: Way::Index, within: None }
}

/// How many of those who signed in match: all of them were skipped.
pub(super) async fn count(db: &DatabaseConnection, query: &ListUsers, way: Way) -> Result<u64, DbErr> {
    let (part, window) = (Part::WhoSignedIn, Window::Skip(0));
    let all = Slice { part, sort: query.sort, window, rows: u64::from(u32::MAX), way, within: None };
    let all = slice(db.get_database_backend(), query, &all);
    let count =
        Query::select().expr_as(Func::count(Expr::col(sea_query::Asterisk)), TOTAL).from_subquery(all, "all").take();
    let row = db.query_one(&count).await?;
    let count: i64 = row.map_or(Ok(0), |row| row.try_get("", TOTAL))?;
    Ok(u64::try_from(count).unwrap_or_default())
}
