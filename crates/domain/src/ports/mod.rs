//! The ports: what the application needs from the outside, as traits documented as promises.
//!
//! To add a storage adapter, implement [`Storage`], [`UserQueries`], [`SessionQueries`], [`ChangeLog`],
//! [`KeyFingerprints`] and [`StorageProbe`], and run the suite of promises (`storage-contract`) against them.

mod access_directory;
mod access_tokens;
mod audit_trail;
mod backoff;
mod change_log;
mod clock;
mod cursor_sealer;
mod key_fingerprints;
mod login_repository;
mod one_time_tokens;
mod password_hasher;
mod rate_limiter;
mod secrets;
mod session_queries;
mod session_repository;
mod storage;
mod storage_inspection;
mod user_queries;
mod user_repository;

#[cfg(feature = "mocks")]
pub mod mocks;

pub use access_directory::{AccessDirectory, ChangeListener, FindAccessError};
pub use access_tokens::{AccessClaims, AccessTokenError, AccessTokens, SignTokenError};
pub use audit_trail::AuditTrail;
pub use backoff::{Attempts, Backoff};
pub use change_log::{ChangeLog, LoggedChange};
pub use clock::{Clock, IdGenerator};
pub use cursor_sealer::CursorSealer;
pub use key_fingerprints::KeyFingerprints;
pub use login_repository::LoginRepository;
pub use one_time_tokens::{OneTimePurpose, OneTimeTokenRepository};
pub use password_hasher::{HashPasswordError, PasswordHasher, PasswordMatch, PasswordStrength, Strength};
pub use rate_limiter::{RateLimit, RateLimiter, RateStanding};
pub use secrets::SecretGenerator;
pub use session_queries::SessionQueries;
pub use session_repository::SessionRepository;
pub use storage::{SchemaState, Storage, StorageError, StorageFault, StorageProbe, UnitOfWork};
pub use storage_inspection::{CountDifference, StorageDescription, StorageInspection, StorageSetting};
pub use user_queries::UserQueries;
pub use user_repository::{SaveUserError, UserRepository};
