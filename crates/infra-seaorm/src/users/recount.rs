//! The counters against the users they count, and what corrects them.
//!
//! Whatever a unit of work changes, it changes both, so the difference between them stays the same however many are at
//! work: one that was seen in one statement may be added later. Only two who mend at once would add it twice, so whoever
//! mends passes a guard first. The same goes for the counters of larger spans and those of the spans within.

use domain::ports::CountDifference;
use sea_orm::sea_query::{Alias, Expr, ExprTrait as _, Func, Order, Query, SelectStatement, UnionType};
use sea_orm::{DbBackend, DbErr, QueryResult, Statement};

use super::counts::{Delta, TABLE, correct, whole_number};
use super::span::{Level, Span};

const COUNTED: &str = "counted";
const ACTUAL: &str = "actual";

/// What the counters of a span say, and what they should.
pub(crate) struct Difference {
    span: Span,
    /// With the first block of the span.
    difference: CountDifference,
}

/// The blocks from `first` to `last` whose counters say something else than the users, in one statement: it sees both as
/// they were at one moment.
pub(crate) fn of_blocks(backend: DbBackend, first: i64, last: i64) -> SelectStatement {
    let span = |block| Span { level: Level::Block, block };
    let counters = side("block", "n", "0")
        .from(TABLE)
        .and_where(Expr::col("level").eq(Level::Block.number()))
        .and_where(Expr::col("parent").between(span(first).parent(), span(last).parent()))
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
        .and_where(Expr::col("id").between(span(first).first_id(), span(last).last_id()))
        .take();
    differing(backend, counters, users)
}

/// The spans of a level whose counters say something else than those of the spans within: all of them, or the one that a
/// block is in.
pub(crate) fn of_sums(backend: DbBackend, level: Level, block: Option<i64>) -> Option<SelectStatement> {
    let within = match level {
        Level::Block => return None,
        Level::Group => Level::Block,
        Level::Region => Level::Group,
    };
    let mut counters = side("block", "n", "0");
    counters.from(TABLE).and_where(Expr::col("level").eq(level.number()));
    let mut sums = side("parent", "0", "n");
    sums.from(TABLE).and_where(Expr::col("level").eq(within.number()));
    if let Some(span) = block.map(|block| Span::of_block(block, level)) {
        counters.and_where(Expr::col("parent").eq(span.parent())).and_where(Expr::col("block").eq(span.block));
        sums.and_where(Expr::col("parent").eq(span.block));
    }
    Some(differing(backend, counters, sums))
}

/// Counters as one side of the comparison.
fn side(block: &'static str, counted: &'static str, actual: &'static str) -> SelectStatement {
    Query::select()
        .expr_as(Expr::col(block), "block")
        .columns(["role", "is_active", "deleted"])
        .expr_as(Expr::cust(counted), COUNTED)
        .expr_as(Expr::cust(actual), ACTUAL)
        .take()
}

fn differing(backend: DbBackend, mut counters: SelectStatement, actual: SelectStatement) -> SelectStatement {
    let sum = |column: &'static str| Expr::from(Func::coalesce([Expr::col(column).sum(), Expr::val(0)]));
    let whole = |expr: Expr| expr.cast_as(whole_number(backend));
    let flag = |column: &'static str| {
        whole(Expr::case(Expr::col(column).eq(true), Expr::cust("1")).finally(Expr::cust("0")).into())
    };
    Query::select()
        .columns(["block", "role"])
        .expr_as(flag("is_active"), "active_flag")
        .expr_as(flag("deleted"), "deleted_flag")
        .expr_as(whole(sum(COUNTED)), "sum_counted")
        .expr_as(whole(sum(ACTUAL)), "sum_actual")
        .from_subquery(counters.union(UnionType::All, actual).take(), "both_sides")
        .group_by_columns(["block", "role", "is_active", "deleted"])
        .and_having(sum(COUNTED).ne(sum(ACTUAL)))
        .order_by("block", Order::Asc)
        .take()
}

/// The least block from `from` on that has users or counters; NULL if there is none.
pub(crate) fn next_block(backend: DbBackend, from: i64) -> SelectStatement {
    let from = Span { level: Level::Block, block: from };
    let counters = Query::select()
        .column("block")
        .from(TABLE)
        .and_where(Expr::col("level").eq(Level::Block.number()))
        .and_where(Expr::col("parent").gte(from.parent()))
        .and_where(Expr::col("block").gte(from.block))
        .order_by("parent", Order::Asc)
        .order_by("block", Order::Asc)
        .limit(1)
        .take();
    let users = Query::select()
        .expr_as(block(backend), "block")
        .from("users")
        .and_where(Expr::col("id").gte(from.first_id()))
        .order_by("id", Order::Asc)
        .limit(1)
        .take();
    // SQLite takes an ORDER BY for that of the whole union.
    let counters = Query::select().column("block").from_subquery(counters, "first_counter").take();
    let users = Query::select().column("block").from_subquery(users, "first_user").take();
    Query::select()
        .expr_as(Expr::col("block").min(), "block")
        .from_subquery({ counters }.union(UnionType::All, users).take(), "both_sides")
        .take()
}

impl Difference {
    /// A row of [`of_blocks`] or [`of_sums`].
    pub(crate) fn of(level: Level, row: &QueryResult) -> Result<Self, DbErr> {
        let flag = |column| row.try_get::<i64>("", column).map(|flag| flag == 1);
        let span = Span { level, block: row.try_get("", "block")? };
        let difference = CountDifference {
            block: span.first_block(),
            role: row.try_get("", "role")?,
            is_active: flag("active_flag")?,
            deleted: flag("deleted_flag")?,
            counted: row.try_get("", "sum_counted")?,
            actual: row.try_get("", "sum_actual")?,
        };
        Ok(Self { span, difference })
    }

    /// Adds what is missing, or takes away what is too much.
    pub(crate) fn correction(&self, backend: DbBackend) -> Statement {
        let CountDifference { role, is_active, deleted, counted, actual, .. } = &self.difference;
        let (is_active, deleted, n) = (*is_active, *deleted, actual - counted);
        correct(backend, Delta { span: self.span, role, is_active, deleted, n })
    }

    /// Tells of it, unless one within it was told of: spans that hold a wrong block are mended with it.
    pub(crate) fn tell(self, told: &mut Vec<CountDifference>) {
        let Self { span, difference } = self;
        let is_within = |other: &CountDifference| {
            Span::of_block(other.block, span.level) == span
                && (&other.role, other.is_active, other.deleted)
                    == (&difference.role, difference.is_active, difference.deleted)
        };
        if !told.iter().any(is_within) {
            told.push(difference);
        }
    }
}

/// The block of a row of `users`: MySQL shifts to an unsigned number, which nothing else here is.
fn block(backend: DbBackend) -> Expr {
    Expr::cust(format!("id >> {}", Level::Block.bits())).cast_as(Alias::new(whole_number(backend)))
}
