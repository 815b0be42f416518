//! Mocks of the ports, for making things fail and for the order of calls. Behaviour is tested on the memory adapter.

use async_trait::async_trait;

pub use super::access_directory::{MockAccessDirectory, MockChangeFollower, MockChangeListener};
pub use super::access_tokens::MockAccessTokens;
pub use super::audit_chain::MockAuditChain;
pub use super::audit_queries::MockAuditQueries;
pub use super::audit_signer::MockAuditSigner;
pub use super::audit_trail::MockAuditTrail;
pub use super::change_log::MockChangeLog;
pub use super::clock::{MockClock, MockIdGenerator};
pub use super::erasure::MockErasureRepository;
pub use super::idempotency::MockIdempotencyRepository;
pub use super::imports::MockImportRepository;
pub use super::key_fingerprints::MockKeyFingerprints;
pub use super::leases::MockLeases;
pub use super::login_repository::MockLoginRepository;
pub use super::one_time_tokens::MockOneTimeTokenRepository;
pub use super::password_hasher::{MockPasswordHasher, MockPasswordStrength};
pub use super::rate_limiter::MockRateLimiter;
pub use super::secrets::MockSecretGenerator;
pub use super::session_queries::MockSessionQueries;
pub use super::session_repository::MockSessionRepository;
pub use super::subject_keys::{MockSubjectKeyRepository, MockSubjectSealer};
pub use super::user_directory::MockUserDirectory;
pub use super::user_queries::MockUserQueries;
pub use super::user_repository::MockUserRepository;

use super::{
    AuditTrail, ErasureRepository, IdempotencyRepository, ImportRepository, LoginRepository, OneTimeTokenRepository,
    OutcomeSealer, SessionRepository, Storage, StorageError, SubjectKeyRepository, UnitOfWork, UserRepository,
};
use crate::values::Digest;

mockall::mock! {
    /// Where units of work come from.
    pub Storage {}

    #[async_trait]
    impl Storage for Storage {
        async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StorageError>;
    }
}

mockall::mock! {
    /// The end of a unit of work.
    pub Commit {
        /// Called by [`MockUnitOfWork`] when it is committed.
        pub fn commit(&self) -> Result<(), StorageError>;
    }
}

mockall::mock! {
    /// Seals outcomes. `automock` does not understand slices of slices.
    pub OutcomeSealer {}

    impl OutcomeSealer for OutcomeSealer {
        fn seal(&self, plain: &[u8], bound_to: &[u8]) -> String;
        fn open(&self, sealed: &str, bound_to: &[u8]) -> Option<Vec<u8>>;
        fn fingerprint<'a>(&self, parts: &[&'a [u8]]) -> Digest;
    }
}

/// A unit of work made of mocks.
#[derive(Default)]
pub struct MockUnitOfWork {
    /// The users.
    pub users: MockUserRepository,
    /// The sessions.
    pub sessions: MockSessionRepository,
    /// The sign-ins.
    pub logins: MockLoginRepository,
    /// The tokens that are good once.
    pub one_time_tokens: MockOneTimeTokenRepository,
    /// People's keys.
    pub subject_keys: MockSubjectKeyRepository,
    /// Erasing people.
    pub erasure: MockErasureRepository,
    /// Requests that are carried out once.
    pub idempotency: MockIdempotencyRepository,
    /// How far imports have come.
    pub imports: MockImportRepository,
    /// The audit trail.
    pub audit: MockAuditTrail,
    /// The commit.
    pub commit: MockCommit,
}

#[async_trait]
impl UnitOfWork for MockUnitOfWork {
    fn users(&mut self) -> &mut dyn UserRepository {
        &mut self.users
    }

    fn sessions(&mut self) -> &mut dyn SessionRepository {
        &mut self.sessions
    }

    fn logins(&mut self) -> &mut dyn LoginRepository {
        &mut self.logins
    }

    fn one_time_tokens(&mut self) -> &mut dyn OneTimeTokenRepository {
        &mut self.one_time_tokens
    }

    fn subject_keys(&mut self) -> &mut dyn SubjectKeyRepository {
        &mut self.subject_keys
    }

    fn erasure(&mut self) -> &mut dyn ErasureRepository {
        &mut self.erasure
    }

    fn idempotency(&mut self) -> &mut dyn IdempotencyRepository {
        &mut self.idempotency
    }

    fn imports(&mut self) -> &mut dyn ImportRepository {
        &mut self.imports
    }

    fn audit(&mut self) -> &mut dyn AuditTrail {
        &mut self.audit
    }

    async fn commit(self: Box<Self>) -> Result<(), StorageError> {
        self.commit.commit()
    }
}
