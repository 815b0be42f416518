//! The tables `login_states`, `login_attempts` and `known_networks`.

mod repository;
mod run;
mod standing;

use domain::ports::StorageError;
use domain::values::UserUuid;

use crate::statements::{statement, upsert};
use crate::unit::Unit;

pub(crate) use standing::standing_in;
pub use standing::standing_statement;

/// Changes the user's row, so that every other unit that does so waits for this one, or fails.
///
/// A lock alone would not do, see [`guards`](crate::guards). Of somebody who is not there nothing is kept.
pub(crate) async fn touch(unit: &Unit, user: UserUuid) -> Result<(), StorageError> {
    let insert = "INSERT INTO login_states (user_id, generation) SELECT id, 0 FROM users WHERE uuid = ?";
    let sql = upsert(unit.backend(), insert, "user_id", "generation = login_states.generation + 1");
    unit.execute(statement(unit.backend(), &sql, [user.get().into()])).await.map(|_| ())
}
