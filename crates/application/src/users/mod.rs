//! The users' use cases, a file each.

mod activate;
mod as_of;
mod bulk;
mod change;
mod create;
mod data;
mod deactivate;
mod delete;
mod end_suspensions;
mod export;
mod get;
mod import;
mod list;
mod purge;
mod restore;
mod strength;
#[cfg(test)]
mod tests;
mod unlock;
mod update;

use chrono::TimeDelta;
use domain::user::DeletedNames;

use crate::Ports;

pub use activate::ActivateUserError;
pub use bulk::{BulkOperation, BulkOperationError, CarriedOut, FailedOperation, PreparedOperation};
pub(crate) use change::Target;
pub use change::{ChangeUserError, Precondition};
pub use create::{CreateUserError, PreparedUser};
pub use data::{DataPart, GetDataError, PersonalData, SignInFacts, Waiting};
pub use deactivate::DeactivateUserError;
pub use delete::DeleteUserError;
pub use export::{ExportUsersError, UserExport};
pub use get::GetUserError;
pub use import::{ImportBatch, ImportUsersError, Imported, OnConflict, PreparedImport, SourcePosition, Verdict};
pub use list::{ListUsersCommand, ListUsersError, PageStart, UserListing};
pub use purge::PurgeUserError;
pub use restore::RestoreUserError;
pub use unlock::UnlockUserError;
pub(crate) use unlock::login_names;
pub use update::{MetadataMode, PreparedUpdate, UpdateUser, UpdateUserError};

/// Rules that an operator sets.
#[derive(Debug, Clone, Default)]
pub struct UserPolicy {
    /// What becomes of deleted users' names.
    pub deleted_names: DeletedNames,
    /// Whether the last active administrator stays. Off only while everybody is one.
    pub protect_last_administrator: bool,
    /// The least strength of a new password ([`Strength::score`](domain::ports::Strength)); at 0 nobody looks.
    pub min_password_score: u8,
    /// How long after their deletion users are erased; without it they are kept until somebody erases them.
    pub purge_deleted_after: Option<TimeDelta>,
}

/// Everything that can be done with users.
#[derive(Clone)]
pub struct Users {
    pub(crate) ports: Ports,
    policy: UserPolicy,
}

impl Users {
    #[cfg(test)]
    pub(crate) fn policy(&self) -> &UserPolicy {
        &self.policy
    }

    /// The use cases, on these ports and under these rules.
    pub fn new(ports: Ports, policy: UserPolicy) -> Self {
        Self { ports, policy }
    }
}
