//! The users' use cases, a file each.

mod activate;
mod change;
mod create;
mod deactivate;
mod delete;
mod end_suspensions;
#[cfg(test)]
mod fixture;
mod get;
mod list;
mod restore;
#[cfg(test)]
mod tests;
mod update;

use std::sync::Arc;

use domain::ports::{Backoff, Clock, CursorSealer, IdGenerator, PasswordHasher, Storage, UserQueries};
use domain::user::DeletedNames;

pub use activate::ActivateUserError;
pub use change::{ChangeUserError, Precondition};
pub use create::{CreateUserError, PreparedUser};
pub use deactivate::DeactivateUserError;
pub use delete::DeleteUserError;
pub use get::GetUserError;
pub use list::{ListUsersCommand, ListUsersError, PageStart, UserListing};
pub use restore::RestoreUserError;
pub use update::{MetadataMode, PreparedUpdate, UpdateUser, UpdateUserError};

/// What the use cases need from the outside.
#[derive(Clone)]
pub struct Ports {
    /// Where users are kept.
    pub storage: Arc<dyn Storage>,
    /// How they are read.
    pub queries: Arc<dyn UserQueries>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// New ids.
    pub ids: Arc<dyn IdGenerator>,
    /// Slow work on passwords.
    pub hasher: Arc<dyn PasswordHasher>,
    /// Pauses between attempts.
    pub backoff: Arc<dyn Backoff>,
    /// Sealed page cursors.
    pub cursors: Arc<dyn CursorSealer>,
}

/// Rules that an operator sets.
#[derive(Debug, Clone, Default)]
pub struct UserPolicy {
    /// What becomes of deleted users' names.
    pub deleted_names: DeletedNames,
    /// Whether the last active administrator stays. Off only while everybody is one.
    pub protect_last_administrator: bool,
}

/// Everything that can be done with users.
#[derive(Clone)]
pub struct Users {
    ports: Ports,
    policy: UserPolicy,
}

impl Users {
    /// The use cases, on these ports and under these rules.
    pub fn new(ports: Ports, policy: UserPolicy) -> Self {
        Self { ports, policy }
    }
}
