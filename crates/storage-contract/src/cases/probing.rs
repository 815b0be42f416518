//! Whether the storage is there.

use domain::ports::SchemaState;

use crate::case::cases;
use crate::db::Db;

cases![a_fresh_database_is_current];

async fn a_fresh_database_is_current(db: Db) {
    assert_eq!(db.probe().probe().await.expect("the storage can be reached"), SchemaState::Current);
}
