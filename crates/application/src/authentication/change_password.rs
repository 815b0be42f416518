//! Choosing another password, for those who know the current one.

use domain::ports::{HashPasswordError, StorageError};
use domain::query::DeletedScope;
use domain::user::UserPatch;
use domain::values::{PasswordHash, PasswordText, PlainPassword, UserUuid};
use domain::violation::{FieldViolation, Violation};

use super::Authentication;
use super::attempts::{ConfirmPasswordError, Confirmed, confirm_password};
use crate::RequestContext;
use crate::retry::Retryable;
use crate::users::{ChangeUserError, Precondition, Target};

/// The password somebody has, and the one they want.
#[derive(Debug, Clone)]
pub struct ChangePassword {
    /// The one they have.
    pub current: PasswordText,
    /// The one they want.
    pub new: PlainPassword,
}

/// A change with everything slow done; what is left is carrying it out.
#[derive(Debug)]
pub struct PreparedPasswordChange {
    user: UserUuid,
    confirmed: Confirmed,
    hash: PasswordHash,
}

/// Why a password was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangePasswordError {
    /// The current password was not confirmed.
    #[error(transparent)]
    Confirm(#[from] ConfirmPasswordError),
    /// The new password cannot be.
    #[error("the new password cannot be")]
    Invalid(Vec<FieldViolation>),
    /// As with every change.
    #[error(transparent)]
    Change(#[from] ChangeUserError),
    /// The new password could not be hashed.
    #[error(transparent)]
    Hashing(#[from] HashPasswordError),
}

impl From<StorageError> for ChangePasswordError {
    fn from(error: StorageError) -> Self {
        Self::Change(error.into())
    }
}

impl Retryable for ChangePasswordError {
    fn is_retryable(&self) -> bool {
        matches!(self, Self::Change(error) if error.is_retryable())
    }
}

impl Authentication {
    /// Compares the current password and hashes the new one.
    ///
    /// # Errors
    ///
    /// [`ChangePasswordError`], by variant; `NotFound` of [`ChangeUserError`] if the actor is no user.
    pub async fn prepare_change_password(
        &self,
        context: &RequestContext,
        command: ChangePassword,
    ) -> Result<PreparedPasswordChange, ChangePasswordError> {
        let uuid = context.actor.uuid().ok_or(ChangeUserError::NotFound)?;
        let found = self.ports.queries.find(uuid.into(), DeletedScope::Live).await?;
        let user = found.ok_or(ChangeUserError::NotFound)?;
        let confirmed = confirm_password(&self.ports, context, &user, &command.current).await?;
        let is_same = PlainPassword::candidate(command.current.expose())
            .is_some_and(|current| current.expose_normalized() == command.new.expose_normalized());
        if is_same {
            let same = Violation::new("same_password", "Choose a password that differs from the current one");
            return Err(ChangePasswordError::Invalid(vec![same.at("/new_password")]));
        }
        let weak = self.users.weakness(&command.new, &user.username, &user.email).await?;
        if let Some(weak) = weak {
            return Err(ChangePasswordError::Invalid(vec![weak.at("/new_password")]));
        }
        Ok(PreparedPasswordChange { user: uuid, confirmed, hash: self.ports.hasher.hash(command.new).await? })
    }

    /// Stores the new password, and ends every other session of the user. Whoever begins this sees it through to its end.
    ///
    /// # Errors
    ///
    /// [`ChangePasswordError::Change`], and [`ConfirmPasswordError::Wrong`] if the password was changed meanwhile.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn change_password_prepared(
        &self,
        context: &RequestContext,
        prepared: PreparedPasswordChange,
    ) -> Result<(), ChangePasswordError> {
        let PreparedPasswordChange { user, confirmed, hash } = prepared;
        let target = Target::living(user.into(), Precondition::None);
        let changed = self.users.change::<ChangePasswordError, _>(context, &target, |user, now| {
            if !confirmed.holds(user) {
                return Err(ConfirmPasswordError::Wrong.into());
            }
            let patch = UserPatch { password_hash: Some(hash.clone()), ..UserPatch::default() };
            Ok(user.update(patch, context.actor.uuid(), now))
        });
        changed.await?;
        Ok(())
    }
}
