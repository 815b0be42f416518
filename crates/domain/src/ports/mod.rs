//! The ports: what the application needs from the outside, as traits documented as promises.
//!
//! To add a storage adapter, implement [`Storage`], [`UserQueries`] and [`StorageProbe`], and run the suite of promises
//! (`storage-contract`) against them.

mod audit_trail;
mod backoff;
mod clock;
mod cursor_sealer;
mod password_hasher;
mod storage;
mod storage_inspection;
mod user_queries;
mod user_repository;

#[cfg(feature = "mocks")]
pub mod mocks;

pub use audit_trail::AuditTrail;
pub use backoff::{Attempts, Backoff};
pub use clock::{Clock, IdGenerator};
pub use cursor_sealer::CursorSealer;
pub use password_hasher::{HashPasswordError, PasswordHasher};
pub use storage::{SchemaState, Storage, StorageError, StorageFault, StorageProbe, UnitOfWork};
pub use storage_inspection::{CountDifference, StorageDescription, StorageInspection, StorageSetting};
pub use user_queries::UserQueries;
pub use user_repository::{SaveUserError, UserRepository};
