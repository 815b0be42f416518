//! PostgreSQL behind the storage ports: connections, dialect, faults.

mod connect;
mod dialect;
mod storage;

pub use connect::PostgresSettings;
pub use migration::{MigrateError, Status as MigrationStatus};
pub use storage::PostgresStorage;
