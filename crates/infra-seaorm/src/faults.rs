//! From a driver's error to the ports' errors.

use domain::ports::{SaveUserError, StorageError, StorageFault};
use sea_orm::DbErr;
use uuid::Uuid;

use crate::dialect::{Dialect, Fault};

/// A statement that failed, or that had no answer in time.
#[derive(Debug)]
pub(crate) enum Failure {
    Database(DbErr),
    Silence,
}

/// The database did not answer within [`PATIENCE`](crate::PATIENCE).
#[derive(Debug, thiserror::Error)]
#[error("the database did not answer in time")]
pub(crate) struct Silence;

/// What is wrong here, not there.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Defect {
    #[error("the unit of work met an error before")]
    UnitFailedBefore,
    #[error("the row 'admins' of the table guards is missing")]
    GuardMissing,
    #[error("user {id} has the unknown role {role:?}")]
    UnknownRole { id: i64, role: String },
    #[error("session {session} has the unknown method {method:?}")]
    UnknownMethod { session: Uuid, method: String },
    #[error("a digest has {bytes} bytes")]
    NoDigest { bytes: usize },
    #[error("a signature has {bytes} bytes")]
    NoSignature { bytes: usize },
    #[error("another process has gone on with this import")]
    ImportGoneOn,
}

impl From<Defect> for StorageError {
    fn from(defect: Defect) -> Self {
        Self::new(StorageFault::Failed, defect)
    }
}

impl Failure {
    pub(crate) fn into_storage_error(self, dialect: &dyn Dialect) -> StorageError {
        match self {
            Self::Silence => StorageError::new(StorageFault::Unavailable, Silence),
            Self::Database(error) => {
                let fault = match dialect.fault(&error) {
                    Fault::Retry | Fault::Outdated => StorageFault::Retryable,
                    Fault::Unavailable | Fault::Interrupted => StorageFault::Unavailable,
                    Fault::Unique(_) | Fault::Other => StorageFault::Failed,
                };
                StorageError::new(fault, error)
            }
        }
    }

    pub(crate) fn is_outdated(&self, dialect: &dyn Dialect) -> bool {
        matches!(self, Self::Database(error) if dialect.fault(error) == Fault::Outdated)
    }

    /// Whether there was a row with the same key already.
    pub(crate) fn is_conflict(&self, dialect: &dyn Dialect) -> bool {
        matches!(self, Self::Database(error) if matches!(dialect.fault(error), Fault::Unique(_)))
    }

    /// Whether another unit of work won.
    pub(crate) fn is_lost_race(&self, dialect: &dyn Dialect) -> bool {
        matches!(self, Self::Database(error) if dialect.fault(error) == Fault::Retry)
    }

    /// For what somebody else may have inserted meanwhile, which another look then shows.
    pub(crate) fn into_race_error(self, dialect: &dyn Dialect) -> StorageError {
        match self {
            Self::Database(error) if matches!(dialect.fault(&error), Fault::Unique(_)) => {
                StorageError::new(StorageFault::Retryable, error)
            }
            other => other.into_storage_error(dialect),
        }
    }

    /// For the answer to a COMMIT. Nobody knows what happened, save where the database says that it undid everything.
    pub(crate) fn into_commit_error(self, dialect: &dyn Dialect) -> StorageError {
        match self {
            Self::Silence => StorageError::new(StorageFault::UnknownOutcome, Silence),
            Self::Database(error) => match dialect.fault(&error) {
                Fault::Unique(_) | Fault::Retry | Fault::Outdated => Self::Database(error).into_storage_error(dialect),
                Fault::Unavailable | Fault::Interrupted | Fault::Other => {
                    StorageError::new(StorageFault::UnknownOutcome, error)
                }
            },
        }
    }

    /// For saving a user: conflicts by the name of the index.
    pub(crate) fn into_save_error(self, dialect: &dyn Dialect) -> SaveUserError {
        if let Self::Database(error) = &self
            && let Fault::Unique(index) = dialect.fault(error)
        {
            match index.as_str() {
                "uq_users_username_key" => return SaveUserError::UsernameTaken,
                "uq_users_email_key" => return SaveUserError::EmailTaken,
                "uq_users_external_id" => return SaveUserError::ExternalIdTaken,
                "uq_users_uuid" => return SaveUserError::UuidTaken,
                _ => {}
            }
        }
        self.into_storage_error(dialect).into()
    }
}

/// A row that is not as this program writes it.
pub(crate) fn unreadable(error: DbErr) -> StorageError {
    StorageError::new(StorageFault::Failed, error)
}

/// What a driver crate answers when the database fails before there is a storage.
pub fn storage_error(dialect: &dyn Dialect, error: DbErr) -> StorageError {
    Failure::Database(error).into_storage_error(dialect)
}

#[cfg(test)]
mod tests {
    use sea_orm::TransactionOptions;

    use super::*;

    struct Always(Fault);

    impl Dialect for Always {
        fn fault(&self, _: &DbErr) -> Fault {
            self.0.clone()
        }

        fn transaction(&self) -> TransactionOptions {
            TransactionOptions::default()
        }
    }

    #[test]
    fn only_what_undoes_everything_makes_the_outcome_of_a_commit_known() {
        let commit = |fault| Failure::Database(DbErr::Custom(String::new())).into_commit_error(&Always(fault)).fault();
        assert_eq!(commit(Fault::Retry), StorageFault::Retryable);
        assert_eq!(commit(Fault::Unique("uq".to_owned())), StorageFault::Failed);
        for fault in [Fault::Unavailable, Fault::Interrupted, Fault::Other] {
            assert_eq!(commit(fault), StorageFault::UnknownOutcome);
        }
        assert_eq!(Failure::Silence.into_commit_error(&Always(Fault::Other)).fault(), StorageFault::UnknownOutcome);
    }
}
