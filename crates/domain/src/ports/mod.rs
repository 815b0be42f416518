//! The ports: what the application needs from the outside, as traits documented as promises.
//!
//! To add a storage adapter, implement [`Storage`], [`UserQueries`], [`SessionQueries`], [`ChangeLog`],
//! [`AuditQueries`], [`AuditChain`], [`Leases`], [`KeyFingerprints`] and [`StorageProbe`], and run the suite of promises (`storage-contract`) against them.

mod access_directory;
mod access_tokens;
mod audit_chain;
mod audit_queries;
mod audit_signer;
mod audit_trail;
mod backoff;
mod change_log;
mod clock;
mod copy_sealer;
mod cursor_sealer;
mod erasure;
mod idempotency;
mod imports;
mod key_fingerprints;
mod leases;
mod login_repository;
mod one_time_tokens;
mod outcome_sealer;
mod password_hasher;
mod rate_limiter;
mod secrets;
mod session_queries;
mod session_repository;
mod storage;
mod storage_inspection;
mod subject_keys;
mod user_directory;
mod user_queries;
mod user_repository;

#[cfg(feature = "mocks")]
pub mod mocks;

pub use access_directory::{AccessDirectory, ChangeFollower, ChangeListener, FindAccessError};
pub use access_tokens::{AccessClaims, AccessTokenError, AccessTokens, SignTokenError};
pub use audit_chain::{AppendLinksError, AuditChain};
pub use audit_queries::AuditQueries;
pub use audit_signer::AuditSigner;
pub use audit_trail::AuditTrail;
pub use backoff::{Attempts, Backoff};
pub use change_log::{ChangeLog, LoggedChange};
pub use clock::{Clock, IdGenerator};
pub use copy_sealer::CopySealer;
pub use cursor_sealer::CursorSealer;
pub use erasure::ErasureRepository;
pub use idempotency::{IdempotencyRepository, KeptOutcome, Reservation};
pub use imports::{ImportProgress, ImportRepository};
pub use key_fingerprints::KeyFingerprints;
pub use leases::{Lease, Leases};
pub use login_repository::LoginRepository;
pub use one_time_tokens::{OneTimePurpose, OneTimeTokenRepository};
pub use outcome_sealer::OutcomeSealer;
pub use password_hasher::{HashPasswordError, PasswordHasher, PasswordMatch, PasswordStrength, Strength};
pub use rate_limiter::{RateLimit, RateLimiter, RateStanding};
pub use secrets::SecretGenerator;
pub use session_queries::SessionQueries;
pub use session_repository::SessionRepository;
pub use storage::{SchemaState, Storage, StorageError, StorageFault, StorageProbe, UnitOfWork};
pub use storage_inspection::{CountDifference, LooseEnd, StorageDescription, StorageInspection, StorageSetting};
pub use subject_keys::{SubjectKey, SubjectKeyRepository, SubjectSealer, WrappedKey};
pub use user_directory::{AskEachTime, UserDirectory};
pub use user_queries::UserQueries;
pub use user_repository::{SaveUserError, UserNames, UserRepository};
