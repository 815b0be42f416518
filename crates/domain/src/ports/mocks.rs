//! Mocks of the ports, for making things fail and for the order of calls. Behaviour is tested on the memory adapter.

use async_trait::async_trait;

pub use super::audit_trail::MockAuditTrail;
pub use super::clock::{MockClock, MockIdGenerator};
pub use super::password_hasher::MockPasswordHasher;
pub use super::user_queries::MockUserQueries;
pub use super::user_repository::MockUserRepository;

use super::{AuditTrail, Storage, StorageError, UnitOfWork, UserRepository};

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

/// A unit of work made of mocks.
#[derive(Default)]
pub struct MockUnitOfWork {
    /// The users.
    pub users: MockUserRepository,
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

    fn audit(&mut self) -> &mut dyn AuditTrail {
        &mut self.audit
    }

    async fn commit(self: Box<Self>) -> Result<(), StorageError> {
        self.commit.commit()
    }
}
