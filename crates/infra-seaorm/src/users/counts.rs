//! The table `user_sums`: how many users of each role and state there are among the ids of each [`Span`].
//!
//! Every unit of work keeps it, so that a total is a sum over few rows, however many users there are, and so that a page far
//! from the beginning is found without counting to it.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::LazyLock;

use domain::ports::StorageError;
use domain::query::{DeletedScope, StandingFilter, UserFilter};
use domain::user::UserRecord;
use domain::values::Role;
use sea_orm::sea_query::{Expr, ExprTrait as _, Func, Query, SelectStatement};
use sea_orm::{DbBackend, Statement, Value};

use super::listing::TOTAL;
use super::span::{Level, Span};
use crate::statements::{parts, statement, upsert};
use crate::unit::Unit;

pub(super) const TABLE: &str = "user_sums";

/// A process keeps to one slot, so that replicas seldom queue for a row.
const SLOTS: u64 = 8;
static SLOT: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(std::process::id()) % SLOTS);

/// On a cluster that takes writes on every node, two that change one row undo each other's work, so there a slot is a
/// node's: ids of its own are what each node of such a cluster has. The statement asks the node that runs it, as behind a
/// proxy the next connection may lead to another.
const SLOT_OF_NODE: &str = "IF(@@GLOBAL.auto_increment_increment > 1, @@GLOBAL.auto_increment_offset, ?)";

/// Corrections stand in a slot of their own, which no process writes to.
const SLOT_OF_CORRECTIONS: i64 = -1;

/// What users are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Standing {
    role: &'static str,
    is_active: bool,
    deleted: bool,
}

impl Standing {
    pub(super) fn of(user: &UserRecord) -> Self {
        Self { role: user.role.as_str(), is_active: user.is_active, deleted: user.deleted_at.is_some() }
    }
}

/// How the users of a unit of work stand, and what is still to be written of it.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    known: HashMap<i64, Standing>,
    /// In the order in which every unit changes the rows, so that none waits for another in a circle: the rows of the
    /// largest spans, which most are after, last.
    unwritten: BTreeMap<(Span, Standing), i64>,
}

impl Counts {
    /// A user that was read and locked stands so.
    pub(super) fn learn(&mut self, id: i64, standing: Standing) {
        self.known.insert(id, standing);
    }

    pub(crate) fn knows(&self, id: i64) -> bool {
        self.known.contains_key(&id)
    }

    /// A user stands so from now on: a new one, unless it is known.
    pub(super) fn change(&mut self, id: i64, standing: Standing) {
        let before = self.known.insert(id, standing);
        if before == Some(standing) {
            return;
        }
        self.add(id, standing, 1);
        if let Some(before) = before {
            self.add(id, before, -1);
        }
    }

    /// A user that was read and locked is no more.
    pub(crate) fn forget(&mut self, id: i64) {
        if let Some(before) = self.known.remove(&id) {
            self.add(id, before, -1);
        }
    }

    fn add(&mut self, id: i64, standing: Standing, n: i64) {
        for span in Span::around(id) {
            *self.unwritten.entry((span, standing)).or_default() += n;
        }
    }
}

/// What is added to a row.
#[derive(Debug)]
pub(super) struct Delta<'a> {
    pub(super) span: Span,
    pub(super) role: &'a str,
    pub(super) is_active: bool,
    pub(super) deleted: bool,
    pub(super) n: i64,
}

/// Writes what has changed, many rows with each statement: after the users, as the rows are wanted by many, and each is
/// held until the unit ends.
pub(crate) async fn write(unit: &mut Unit) -> Result<(), StorageError> {
    let deltas: Vec<_> = std::mem::take(&mut unit.counts.unwritten)
        .into_iter()
        .filter(|(_, n)| *n != 0)
        .map(|((span, Standing { role, is_active, deleted }), n)| Delta { span, role, is_active, deleted, n })
        .collect();
    let backend = unit.backend();
    let slot = if backend == DbBackend::MySql { SLOT_OF_NODE } else { "?" };
    for part in parts(&deltas, |_| 64) {
        unit.execute(add(backend, slot, i64::try_from(*SLOT).unwrap_or_default(), part)).await?;
    }
    Ok(())
}

/// Adds what was found to be missing.
pub(super) fn correct(backend: DbBackend, delta: Delta<'_>) -> Statement {
    add(backend, "?", SLOT_OF_CORRECTIONS, &[delta])
}

/// Numbers are always bound as the same type: PostgreSQL keeps its parameters' types with a statement.
fn add(backend: DbBackend, slot_sql: &str, slot: i64, deltas: &[Delta<'_>]) -> Statement {
    let row = format!("(?, ?, ?, {slot_sql}, ?, ?, ?, ?)");
    let rows = vec![row; deltas.len()].join(", ");
    let insert = format!("INSERT INTO {TABLE} (level, parent, block, slot, role, is_active, deleted, n) VALUES {rows}");
    let add = if backend == DbBackend::MySql { "n = n + VALUES(n)" } else { "n = user_sums.n + excluded.n" };
    let sql = upsert(backend, &insert, "level, parent, block, slot, role, is_active, deleted", add);
    let values = deltas.iter().flat_map(|Delta { span, role, is_active, deleted, n }| {
        let numbers = [span.level.number(), span.parent(), span.block, slot].map(Value::from);
        numbers.into_iter().chain([(*role).into(), (*is_active).into(), (*deleted).into(), (*n).into()])
    });
    statement(backend, &sql, values)
}

/// The type of whole numbers in a cast.
pub(super) fn whole_number(backend: DbBackend) -> &'static str {
    if backend == DbBackend::MySql { "SIGNED" } else { "BIGINT" }
}

/// A filter by nothing but what is counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct CountedBy {
    role: Option<&'static str>,
    is_active: Option<bool>,
    deleted: Option<bool>,
}

impl CountedBy {
    /// Nothing, if the filter asks for something else as well.
    pub(super) fn of(filter: &UserFilter) -> Option<Self> {
        let StandingFilter { role, is_active, deleted } = filter.standing()?;
        let deleted = match deleted {
            DeletedScope::Live => Some(false),
            DeletedScope::All => None,
            DeletedScope::Only => Some(true),
        };
        Some(Self { role: role.map(Role::as_str), is_active, deleted })
    }

    /// How many there are in all.
    pub(super) fn total(self, backend: DbBackend) -> SelectStatement {
        self.sum(backend, Level::Region, 0)
    }

    /// How many there are in the spans of one level that have this parent, as [`TOTAL`].
    pub(super) fn sum(self, backend: DbBackend, level: Level, parent: i64) -> SelectStatement {
        let mut sum = Query::select();
        let n = Func::coalesce([Expr::col("n").sum(), Expr::val(0)]);
        // The sum of whole numbers is a decimal one on MySQL and PostgreSQL.
        sum.expr_as(Expr::from(n).cast_as(whole_number(backend)), TOTAL).from(TABLE);
        sum.and_where(Expr::col("level").eq(level.number())).and_where(Expr::col("parent").eq(parent));
        let Self { role, is_active, deleted } = self;
        sum.and_where_option(role.map(|role| Expr::col("role").eq(role)))
            .and_where_option(is_active.map(|is_active| Expr::col("is_active").eq(is_active)))
            .and_where_option(deleted.map(|deleted| Expr::col("deleted").eq(deleted)));
        sum
    }
}
