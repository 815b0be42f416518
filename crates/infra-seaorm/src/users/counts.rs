//! The table `user_counts`: how many users of each role and state there are.
//!
//! Every unit of work keeps it, so that a total is a sum over few rows and costs no look at the users.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::LazyLock;

use domain::ports::StorageError;
use domain::query::{DeletedScope, UserFilter};
use domain::user::UserRecord;
use domain::values::Role;
use sea_orm::sea_query::{Expr, ExprTrait as _, Func, InsertStatement, OnConflict, Query, SelectStatement};
use sea_orm::{ConnectionTrait as _, DbBackend};

use super::listing::TOTAL;
use crate::unit::Unit;

pub(super) const TABLE: &str = "user_counts";
pub(super) const KEY: [&str; 5] = ["block", "slot", "role", "is_active", "deleted"];

/// 1,024 ids are a block.
pub(super) const BLOCK_BITS: u32 = 10;

/// A process keeps to one slot, so that replicas seldom queue for a row.
const SLOTS: u64 = 8;
static SLOT: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(std::process::id()) % SLOTS);

/// On a cluster that takes writes on every node, two that change one row undo each other's work, so there a slot is a
/// node's: ids of its own are what each node of such a cluster has. The statement asks the node that runs it, as behind a
/// proxy the next connection may lead to another.
const SLOT_OF_NODE: &str = "IF(@@GLOBAL.auto_increment_increment > 1, @@GLOBAL.auto_increment_offset, ?)";

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
    /// By block: in the order in which every unit changes the rows, so that none waits for another in a circle.
    unwritten: BTreeMap<(i64, Standing), i64>,
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
        let block = id >> BLOCK_BITS;
        *self.unwritten.entry((block, standing)).or_default() += 1;
        if let Some(before) = before {
            *self.unwritten.entry((block, before)).or_default() -= 1;
        }
    }

    /// A user that was read and locked is no more.
    pub(crate) fn forget(&mut self, id: i64) {
        if let Some(before) = self.known.remove(&id) {
            *self.unwritten.entry((id >> BLOCK_BITS, before)).or_default() -= 1;
        }
    }
}

/// Writes what has changed: after the users, as the rows are wanted by many, and each is held until the unit ends.
pub(crate) async fn write(unit: &mut Unit) -> Result<(), StorageError> {
    let backend = unit.backend();
    for ((block, standing), delta) in std::mem::take(&mut unit.counts.unwritten) {
        if delta != 0 {
            let add = add(backend, block, standing, delta);
            unit.ask(|transaction| async move { transaction.execute(&add).await })
                .await
                .map_err(|failure| unit.storage_error(failure))?;
        }
    }
    Ok(())
}

fn add(backend: DbBackend, block: i64, standing: Standing, delta: i64) -> InsertStatement {
    let Standing { role, is_active, deleted } = standing;
    let slot = Expr::val(i64::try_from(*SLOT).unwrap_or_default());
    let slot = if backend == DbBackend::MySql { Expr::cust_with_expr(SLOT_OF_NODE, slot) } else { slot };
    Query::insert()
        .into_table(TABLE)
        .columns(KEY.into_iter().chain(["n"]))
        .values_panic([block.into(), slot, role.into(), is_active.into(), deleted.into(), delta.into()])
        .on_conflict(OnConflict::columns(KEY).value("n", Expr::col((TABLE, "n")).add(delta)).to_owned())
        .take()
}

/// The type of whole numbers in a cast.
pub(super) fn whole_number(backend: DbBackend) -> &'static str {
    if backend == DbBackend::MySql { "SIGNED" } else { "BIGINT" }
}

/// The total as a sum, for a filter by nothing but what is counted by.
pub(super) fn sum(backend: DbBackend, filter: &UserFilter) -> Option<SelectStatement> {
    let UserFilter { role, is_active, search, username, email, external_id, created_after, created_before, deleted } =
        filter;
    let texts = [search, username, email, external_id];
    if texts.into_iter().any(Option::is_some) || created_after.is_some() || created_before.is_some() {
        return None;
    }
    let deleted = match deleted {
        DeletedScope::Live => Some(false),
        DeletedScope::All => None,
        DeletedScope::Only => Some(true),
    };
    let n = Func::coalesce([Expr::col("n").sum(), Expr::val(0)]);
    let mut sum = Query::select();
    // The sum of whole numbers is a decimal one on MySQL and PostgreSQL.
    sum.expr_as(Expr::from(n).cast_as(whole_number(backend)), TOTAL).from(TABLE);
    if let Some(role) = role.map(Role::as_str) {
        sum.and_where(Expr::col("role").eq(role));
    }
    if let Some(is_active) = is_active {
        sum.and_where(Expr::col("is_active").eq(*is_active));
    }
    if let Some(deleted) = deleted {
        sum.and_where(Expr::col("deleted").eq(deleted));
    }
    Some(sum)
}
