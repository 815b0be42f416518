//! Making an account for oneself.

use domain::input::NewUser;
use domain::user::UserView;
use domain::values::{Metadata, Role};

use super::Authentication;
use crate::RequestContext;
use crate::users::{CreateUserError, PreparedUser};

/// Why no account was made.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// The operator has not allowed it.
    #[error("registration is switched off")]
    SwitchedOff,
    /// As when somebody else makes one.
    #[error(transparent)]
    Create(#[from] CreateUserError),
}

impl Authentication {
    /// Whether people may make accounts for themselves.
    pub fn allows_registration(&self) -> bool {
        self.policy.allow_registration
    }

    /// Does what is slow about making an account for oneself. Role, activity and what only the staff may set are what they
    /// are for everybody, whatever was asked for.
    ///
    /// # Errors
    ///
    /// [`RegisterError`], save conflicts.
    pub async fn prepare_register(&self, new: NewUser) -> Result<PreparedUser, RegisterError> {
        if !self.policy.allow_registration {
            return Err(RegisterError::SwitchedOff);
        }
        let new = NewUser {
            role: Role::User,
            is_active: true,
            must_change_password: false,
            external_id: None,
            app_metadata: Metadata::empty(),
            ..new
        };
        Ok(self.users.prepare_new(new, None).await?)
    }

    /// Stores the account. Whoever begins this sees it through to its end.
    ///
    /// # Errors
    ///
    /// The conflicts of [`CreateUserError`].
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn register_prepared(
        &self,
        context: &RequestContext,
        prepared: PreparedUser,
    ) -> Result<UserView, RegisterError> {
        Ok(self.users.create_prepared(context, prepared).await?)
    }
}
