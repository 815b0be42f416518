//! SQLite behind the storage ports: connections, dialect, faults.
//!
//! One connection writes, with `BEGIN IMMEDIATE`, and a pool of read-only ones reads beside it (write-ahead log). A
//! write that was acknowledged survives a crash of the process and of the machine (`synchronous = FULL`).

mod connect;
mod dialect;
mod storage;

pub use connect::SqliteSettings;
pub use migration::{MigrateError, Status as MigrationStatus};
pub use storage::SqliteStorage;
