//! Finding a text that stands anywhere in somebody's names, at a bounded cost.
//!
//! Two ways lead to those who have it. Where few do, an index of pieces of three characters names candidates, all of whom
//! are looked at ([`Way::Index`]). Where many do, where the text is shorter than a piece, and on databases without such an
//! index the users themselves are looked at in the listing's order, so many at a time and no more ([`Way::Walk`]): the
//! answer says so if others were left.

use domain::query::{CountMode, ListUsers, SEARCH_COUNT_CAP, Search, SortKey, UserFilter, UserSort, Window};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Func, JoinType, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, IdenStatic as _, QueryResult, sea_query};

use super::conditions::{SEARCHED, matches, row_by_row};
use super::entity::{Column, Entity};
use super::last_login::{self, Part};
use super::listing::{Answer, Counted, MAX_SKIP, Slice, TOTAL, direction, of_users, plain, slice};

/// So many users at most are looked at one by one for an answer.
pub(super) const LOOKED_AT: u64 = 20_000;

/// Whom so many of these have is common, and no index is asked for it.
const GLANCED_AT: u64 = 1_000;
const COMMON: u64 = 50;

/// An index knows pieces of so many characters.
const PIECE: usize = 3;

/// More pieces of one text find hardly anybody less.
const PIECES: usize = 16;

/// How those who have the text are come by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// By the index, all of them.
    Index,
    /// By looking at the first so many users.
    Walk(u64),
}

/// The ids of those who have the text among the users looked at, or of everybody whom the index names for it.
pub(super) fn candidates(backend: DbBackend, query: &ListUsers, slice: &Slice, text: &str) -> SelectStatement {
    let Way::Walk(users) = slice.way else { return by_index(backend, text) };
    let mut ids = among(backend, query, slice, users, text);
    // As many as the page can need: planners take their number for large otherwise, and read the table to join it.
    let skip = match slice.window {
        Window::Skip(skip) => Ord::min(skip, MAX_SKIP),
        Window::After(_) => 0,
    };
    let direction = direction(slice.sort);
    if let Some(column) = sorted_by(slice.sort.key) {
        ids.order_by((LOOKED_AT_ONES, column), direction.clone());
    }
    ids.order_by((LOOKED_AT_ONES, Column::Id.as_str()), direction).limit(skip.saturating_add(slice.rows));
    ids
}

/// Everybody among the first so many users who has the text.
fn among(backend: DbBackend, query: &ListUsers, slice: &Slice, users: u64, text: &str) -> SelectStatement {
    let mut looked_at = plain(backend, query, slice, users);
    looked_at.clear_selects().column(of_users(Column::Id)).columns(SEARCHED.map(of_users));
    match slice.sort.key {
        // One of those that are searched.
        SortKey::Id | SortKey::Username | SortKey::Email => &mut looked_at,
        SortKey::CreatedAt => looked_at.column(of_users(Column::CreatedAt)),
        SortKey::UpdatedAt => looked_at.column(of_users(Column::UpdatedAt)),
        SortKey::LastLoginAt => looked_at.expr_as(last_login::last_login_at(), last_login::LAST_LOGIN_AT),
    };
    let id = (LOOKED_AT_ONES, Column::Id);
    Query::select()
        .column(id)
        .from_subquery(looked_at, LOOKED_AT_ONES)
        .cond_where(has(backend, LOOKED_AT_ONES, text))
        .take()
}

const LOOKED_AT_ONES: &str = "looked_at";

fn sorted_by(key: SortKey) -> Option<&'static str> {
    match key {
        SortKey::Id => None,
        SortKey::Username => Some(Column::UsernameFolded.as_str()),
        SortKey::Email => Some(Column::EmailFolded.as_str()),
        SortKey::CreatedAt => Some(Column::CreatedAt.as_str()),
        SortKey::UpdatedAt => Some(Column::UpdatedAt.as_str()),
        SortKey::LastLoginAt => Some(last_login::LAST_LOGIN_AT),
    }
}

/// One of the columns has the text, found out without an index.
pub(super) fn has(backend: DbBackend, table: &'static str, text: &str) -> Condition {
    let place = if backend == DbBackend::Postgres { "strpos" } else { "instr" };
    SEARCHED.into_iter().fold(Condition::any(), |any, column| {
        let place = Func::cust(place).arg(Expr::col((table, column))).arg(text);
        any.add(Expr::from(place).gt(0))
    })
}

fn by_index(backend: DbBackend, text: &str) -> SelectStatement {
    let mut ids = Query::select();
    if backend == DbBackend::Postgres {
        let pattern = format!("%{}%", text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
        // As the index says, see `migration`.
        let texts = "(username_folded || chr(31) || email_folded || chr(31) || COALESCE(full_name_folded, '') || chr(31) \
                     || COALESCE(last_name_folded, '')) LIKE $1";
        ids.column(of_users(Column::Id)).from(Entity).and_where(Expr::cust_with_values(texts, [pattern]));
    } else {
        let pieces = Expr::cust_with_values("user_search MATCH ?", [pieces(text)]);
        ids.expr_as(Expr::cust("user_search.rowid"), "id").from("user_search").and_where(pieces);
    }
    // A limit that nobody reaches: it keeps the planners from beginning with anything but the index.
    ids.limit(1 << 62).take()
}

/// The pieces that a text consists of, all of which must be there.
fn pieces(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let quoted = |piece: &[char]| format!("\"{}\"", String::from_iter(piece).replace('"', "\"\""));
    characters.windows(PIECE).take(PIECES).map(quoted).collect::<Vec<_>>().join(" AND ")
}

/// MySQL and MariaDB have no index that would name few enough, and PostgreSQL's knows letters and digits alone.
fn has_index(backend: DbBackend, text: &str) -> bool {
    let is_piece = |characters: &str| characters.chars().count() >= PIECE;
    match backend {
        DbBackend::MySql => false,
        DbBackend::Postgres => text.split(|c: char| !c.is_alphanumeric()).any(is_piece),
        _ => is_piece(text),
    }
}

/// The page and the total.
pub(super) async fn answer(db: &DatabaseConnection, query: &ListUsers, text: &str) -> Result<Answer, DbErr> {
    let backend = db.get_database_backend();
    // Nobody's name holds one, and PostgreSQL refuses to compare with it.
    if text.contains('\0') {
        let total = (query.count == CountMode::Exact).then_some(Counted { count: 0, capped: false });
        return Ok(Answer { rows: Vec::new(), cut_at: None, total });
    }
    if has_index(backend, text) && !is_common(db, query).await? {
        let count = count(db, &total(backend, query, text, Way::Index)).await?;
        if count <= SEARCH_COUNT_CAP {
            let (rows, cut_at) = page(db, query, Way::Index).await?;
            let total = (query.count == CountMode::Exact).then_some(Counted { count, capped: false });
            return Ok(Answer { rows, cut_at, total });
        }
    }
    let (rows, cut_at) = walk(db, query).await?;
    let total = match query.count {
        CountMode::None => None,
        CountMode::Exact => {
            let count = count(db, &total(backend, query, text, Way::Walk(LOOKED_AT))).await?;
            let capped = count > SEARCH_COUNT_CAP || end(db, query, &from_the_start(LOOKED_AT)).await?.is_some();
            Some(Counted { count: Ord::min(count, SEARCH_COUNT_CAP), capped })
        }
    };
    Ok(Answer { rows, cut_at, total })
}

/// The statements behind [`answer`], for their plans: by the index, if there is one, and by looking at users.
pub(super) fn statements(backend: DbBackend, query: &ListUsers, text: &str) -> Vec<SelectStatement> {
    let ways = has_index(backend, text).then_some(Way::Index).into_iter().chain([Way::Walk(LOOKED_AT)]);
    let mut statements = Vec::new();
    for way in ways {
        if query.limit > 0 {
            statements.extend(slices(query, way).iter().map(|of| slice(backend, query, of)));
        }
        if query.count == CountMode::Exact {
            statements.push(total(backend, query, text, way));
        }
    }
    statements
}

/// Whether many of the first users have the text.
async fn is_common(db: &DatabaseConnection, query: &ListUsers) -> Result<bool, DbErr> {
    let Some(Search::Within(text)) = &query.filter.search else { return Ok(false) };
    let everybody = ListUsers { sort: UserSort::default(), ..query.clone() };
    let glance = total(db.get_database_backend(), &everybody, text, Way::Walk(GLANCED_AT));
    Ok(count(db, &glance).await? >= COMMON && end(db, &everybody, &from_the_start(GLANCED_AT)).await?.is_some())
}

/// Those of the first users who have the text, or of all, but then no more than are counted.
fn total(backend: DbBackend, query: &ListUsers, text: &str, way: Way) -> SelectStatement {
    let mut total = Query::select();
    total.expr_as(Func::count(Expr::col(sea_query::Asterisk)), TOTAL);
    if let Way::Walk(users) = way {
        let query = ListUsers { sort: UserSort::default(), ..query.clone() };
        return total.from_subquery(among(backend, &query, &from_the_start(users), users, text), "found").take();
    }
    let mut found = Query::select();
    found.column(of_users(Column::Id)).from_subquery(by_index(backend, text), "candidates");
    let of_user = Expr::col(of_users(Column::Id)).equals(("candidates", Column::Id));
    found.join(JoinType::InnerJoin, Entity, of_user).cond_where(has(backend, USERS, text));
    let filter = matches(&query.filter, SortKey::Id);
    if !filter.is_empty() {
        found.and_where(row_by_row(filter));
    }
    found.limit(SEARCH_COUNT_CAP + 1);
    total.from_subquery(found, "found").take()
}

pub(super) const USERS: &str = "users";

fn from_the_start(users: u64) -> Slice {
    let (part, sort, window) = (Part::Everybody, UserSort::default(), Window::Skip(0));
    Slice { part, sort, window, rows: 1, way: Way::Walk(users), within: None }
}

async fn count(db: &DatabaseConnection, total: &SelectStatement) -> Result<u64, DbErr> {
    let row = db.query_one(total).await?;
    let count: i64 = row.map_or(Ok(0), |row| row.try_get("", TOTAL))?;
    Ok(u64::try_from(count).unwrap_or_default())
}

/// The page, and where looking stopped before it was full: after a few users first, as most pages are full then.
async fn walk(db: &DatabaseConnection, query: &ListUsers) -> Result<(Vec<QueryResult>, Option<QueryResult>), DbErr> {
    let glance = page(db, query, Way::Walk(GLANCED_AT)).await?;
    if glance.1.is_none() {
        return Ok(glance);
    }
    page(db, query, Way::Walk(LOOKED_AT)).await
}

async fn page(
    db: &DatabaseConnection,
    query: &ListUsers,
    way: Way,
) -> Result<(Vec<QueryResult>, Option<QueryResult>), DbErr> {
    if query.limit == 0 {
        return Ok((Vec::new(), None));
    }
    let backend = db.get_database_backend();
    let wanted = u64::from(query.limit) + 1;
    let mut found: Vec<QueryResult> = Vec::new();
    for mut of in slices(query, way) {
        of.rows = wanted.saturating_sub(found.len() as u64);
        if of.rows == 0 {
            break;
        }
        if let (Window::Skip(skip), Part::WhoNeverDid) = (&of.window, of.part) {
            let skipped = if *skip > 0 && found.is_empty() { last_login::count(db, query, way).await? } else { *skip };
            of.window = Window::Skip(skip.saturating_sub(skipped));
        }
        found.extend(db.query_all(&slice(backend, query, &of)).await?);
        if (found.len() as u64) < wanted
            && let Some(end) = end(db, query, &of).await?
        {
            return Ok((found, Some(end)));
        }
    }
    Ok((found, None))
}

/// What a listing consists of: those who signed in and those who never did, where it is sorted by that.
fn slices(query: &ListUsers, way: Way) -> Vec<Slice> {
    let rows = u64::from(query.limit) + 1;
    if query.sort.key != SortKey::LastLoginAt {
        return vec![Slice {
            part: Part::Everybody,
            sort: query.sort,
            window: query.window.clone(),
            rows,
            way,
            within: None,
        }];
    }
    let skip = match query.window {
        Window::Skip(skip) => skip,
        Window::After(_) => 0,
    };
    let parts =
        last_login::who_signed_in(query, rows).into_iter().chain([last_login::who_never_did(query, skip, rows)]);
    parts.map(|slice| Slice { way, ..slice }).collect()
}

/// The last user looked at, if others follow.
async fn end(db: &DatabaseConnection, query: &ListUsers, of: &Slice) -> Result<Option<QueryResult>, DbErr> {
    let Way::Walk(users) = of.way else { return Ok(None) };
    let mut last = plain(db.get_database_backend(), query, of, 2);
    last.offset(users.saturating_sub(1));
    let rows = db.query_all(&last).await?;
    Ok(if rows.len() > 1 { rows.into_iter().next() } else { None })
}

/// The filter without the search.
pub(super) fn without_search(query: &ListUsers) -> ListUsers {
    ListUsers { filter: UserFilter { search: None, ..query.filter.clone() }, ..query.clone() }
}
