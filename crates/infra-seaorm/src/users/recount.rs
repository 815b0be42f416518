//! The counters against the users they count, and what corrects them.
//!
//! Whatever a unit of work changes, it changes both, so the difference between them stays the same however many are at
//! work: one that was seen in one statement may be added later. Only two who mend at once would add it twice, so whoever
//! mends passes a guard first.

use domain::ports::CountDifference;
use sea_orm::sea_query::{
    Alias, Expr, ExprTrait as _, Func, InsertStatement, OnConflict, Order, Query, SelectStatement, UnionType,
};
use sea_orm::{DbBackend, DbErr, QueryResult};

use super::counts::{BLOCK_BITS, KEY, TABLE, whole_number};

/// Corrections stand in a slot of their own, which no process writes to. Of the type that `counts` binds: the statement is
/// the same, and PostgreSQL keeps its parameters' types with it.
const SLOT: i64 = -1;

const COUNTED: &str = "counted";
const ACTUAL: &str = "actual";

/// The blocks from `first` to `last` whose counters say something else than the users, in one statement: it sees both as
/// they were at one moment.
pub(crate) fn differences(backend: DbBackend, first: i64, last: i64) -> SelectStatement {
    let sum = |column: &'static str| Expr::from(Func::coalesce([Expr::col(column).sum(), Expr::val(0)]));
    let whole = |expr: Expr| expr.cast_as(whole_number(backend));
    let flag = |column: &'static str| {
        whole(Expr::case(Expr::col(column).eq(true), Expr::cust("1")).finally(Expr::cust("0")).into())
    };
    let counters = Query::select()
        .columns(["block", "role", "is_active", "deleted"])
        .expr_as(Expr::col("n"), COUNTED)
        .expr_as(Expr::cust("0"), ACTUAL)
        .from(TABLE)
        .and_where(Expr::col("block").between(first, last))
        .take();
    let users = Query::select()
        .expr_as(block(backend), "block")
        .column("role")
        .column("is_active")
        .expr_as(Expr::col("deleted_at").is_not_null(), "deleted")
        .expr_as(Expr::cust("0"), COUNTED)
        .expr_as(Expr::cust("1"), ACTUAL)
        .from("users")
        .and_where(Expr::col("id").between(first_id(first), last_id(last)))
        .take();
    Query::select()
        .columns(["block", "role"])
        .expr_as(flag("is_active"), "active_flag")
        .expr_as(flag("deleted"), "deleted_flag")
        .expr_as(whole(sum(COUNTED)), "sum_counted")
        .expr_as(whole(sum(ACTUAL)), "sum_actual")
        .from_subquery({ counters }.union(UnionType::All, users).take(), "both_sides")
        .group_by_columns(["block", "role", "is_active", "deleted"])
        .and_having(sum(COUNTED).ne(sum(ACTUAL)))
        .order_by("block", Order::Asc)
        .take()
}

/// The least block from `from` on that has users or counters; NULL if there is none.
pub(crate) fn next_block(backend: DbBackend, from: i64) -> SelectStatement {
    let counters = Query::select()
        .expr_as(Expr::col("block").min(), "block")
        .from(TABLE)
        .and_where(Expr::col("block").gte(from))
        .take();
    let users = Query::select()
        .expr_as(block(backend), "block")
        .from("users")
        .and_where(Expr::col("id").gte(first_id(from)))
        .order_by("id", Order::Asc)
        .limit(1)
        .take();
    // SQLite takes an ORDER BY for that of the whole union.
    let users = Query::select().column("block").from_subquery(users, "first_user").take();
    Query::select()
        .expr_as(Expr::col("block").min(), "block")
        .from_subquery({ counters }.union(UnionType::All, users).take(), "both_sides")
        .take()
}

/// Adds what is missing, or takes away what is too much.
pub(crate) fn correction(difference: &CountDifference) -> InsertStatement {
    let CountDifference { block, role, is_active, deleted, counted, actual } = difference;
    let delta = actual - counted;
    Query::insert()
        .into_table(TABLE)
        .columns(KEY.into_iter().chain(["n"]))
        .values_panic([
            (*block).into(),
            SLOT.into(),
            role.as_str().into(),
            (*is_active).into(),
            (*deleted).into(),
            delta.into(),
        ])
        .on_conflict(OnConflict::columns(KEY).value("n", Expr::col((TABLE, "n")).add(delta)).to_owned())
        .take()
}

/// A row of [`differences`].
pub(crate) fn difference(row: &QueryResult) -> Result<CountDifference, DbErr> {
    let flag = |column| row.try_get::<i64>("", column).map(|flag| flag == 1);
    Ok(CountDifference {
        block: row.try_get("", "block")?,
        role: row.try_get("", "role")?,
        is_active: flag("active_flag")?,
        deleted: flag("deleted_flag")?,
        counted: row.try_get("", "sum_counted")?,
        actual: row.try_get("", "sum_actual")?,
    })
}

/// The block of a row of `users`: MySQL shifts to an unsigned number, which nothing else here is.
fn block(backend: DbBackend) -> Expr {
    Expr::cust(format!("id >> {BLOCK_BITS}")).cast_as(Alias::new(whole_number(backend)))
}

fn first_id(block: i64) -> i64 {
    block.saturating_mul(1 << BLOCK_BITS)
}

fn last_id(block: i64) -> i64 {
    block.saturating_add(1).saturating_mul(1 << BLOCK_BITS).saturating_sub(1)
}
