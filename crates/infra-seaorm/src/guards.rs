//! Rows that units of work change first, so that they follow one another.

use domain::ports::StorageError;
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Expr, ExprTrait, Query};

use crate::faults::Defect;
use crate::unit::Unit;

/// Changes the guard's row, so that every other unit that does so waits for this one, or fails.
///
/// A lock alone would not do: a cluster keeps locks local to a node, while two changes of one row conflict everywhere.
pub(crate) async fn pass(unit: &Unit, name: &str) -> Result<(), StorageError> {
    let update =
        Query::update().table("guards").value("n", Expr::col("n").add(1)).and_where(Expr::col("name").eq(name)).take();
    let updated = unit
        .ask(|transaction| async move { transaction.execute(&update).await })
        .await
        .map_err(|failure| unit.storage_error(failure))?;
    if updated.rows_affected() == 0 {
        return Err(Defect::GuardMissing.into());
    }
    Ok(())
}
