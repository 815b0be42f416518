//! The users' use cases, a file each.

mod activate;
mod change;
mod create;
mod deactivate;
mod delete;
mod end_suspensions;
mod get;
mod list;
mod restore;
mod strength;
#[cfg(test)]
mod tests;
mod unlock;
mod update;

use domain::user::DeletedNames;

use crate::Ports;

pub use activate::ActivateUserError;
pub(crate) use change::Target;
pub use change::{ChangeUserError, Precondition};
pub use create::{CreateUserError, PreparedUser};
pub use deactivate::DeactivateUserError;
pub use delete::DeleteUserError;
pub use get::GetUserError;
pub use list::{ListUsersCommand, ListUsersError, PageStart, UserListing};
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
