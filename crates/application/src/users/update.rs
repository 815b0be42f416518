//! Changing what is known about a user.

use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::input::{Change, UserChanges};
use domain::ports::{HashPasswordError, StorageError, StorageFault};
use domain::query::DeletedScope;
use domain::user::{User, UserEvent, UserPatch, UserView};
use domain::values::{EmailAddress, Metadata, PasswordHash, PasswordText, UserRef, Username};
use domain::violation::FieldViolation;
use serde_json::Value;

use super::change::Target;
use super::{ChangeUserError, Precondition, Users};
use crate::RequestContext;
use crate::authentication::{ConfirmPasswordError, Confirmed, confirm_password};
use crate::authorization::{may_change, may_see};
use crate::merge_patch::merge;
use crate::retry::Retryable;

/// What to change about a user.
pub struct UpdateUser {
    /// The changes.
    pub changes: UserChanges,
    /// What the metadata in them mean.
    pub metadata: MetadataMode,
    /// What has to be true of the stored version.
    pub precondition: Precondition,
    /// The password that the user has now: whoever changes their own password, address or name must know it.
    pub current_password: Option<PasswordText>,
}

/// What metadata in a change mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetadataMode {
    /// They replace the stored ones.
    Replace,
    /// They are merged into the stored ones (RFC 7396).
    Merge,
}

/// A change with everything slow done; what is left is carrying it out.
pub struct PreparedUpdate {
    user: UserRef,
    command: UpdateUser,
    password_hash: Option<PasswordHash>,
    confirmed: Option<Confirmed>,
}

/// Why a user was not updated.
#[derive(Debug, thiserror::Error)]
pub enum UpdateUserError {
    /// As with every change.
    #[error(transparent)]
    Change(#[from] ChangeUserError),
    /// Values cannot be, now that they are merged.
    #[error("merged values cannot be")]
    Invalid(Vec<FieldViolation>),
    /// The actor did not show that they know the account's password.
    #[error(transparent)]
    Confirm(#[from] ConfirmPasswordError),
    /// The password could not be hashed.
    #[error(transparent)]
    Hashing(#[from] HashPasswordError),
}

impl PreparedUpdate {
    pub(super) fn target(&self) -> Target {
        Target::living(self.user, self.command.precondition.clone())
    }

    /// What the change does to the user.
    pub(super) fn transition(
        &self,
        context: &RequestContext,
    ) -> impl Fn(&mut User, DateTime<Utc>) -> Result<Vec<UserEvent>, UpdateUserError> {
        let UpdateUser { changes, metadata, precondition, .. } = &self.command;
        move |user, now| {
            let before = user.clone();
            let patch = patch(user, changes, *metadata, self.password_hash.clone())?;
            let too_large = too_large(&patch);
            let events = user.update(patch, context.actor.uuid(), now);
            if !may_change(&context.actor, &before, &events) {
                return Err(ChangeUserError::Forbidden.into());
            }
            let is_confirmed = self.confirmed.as_ref().is_some_and(|confirmed| confirmed.holds(&before));
            if context.actor.is(before.uuid()) && !is_confirmed && events.iter().any(took_account_over) {
                return Err(ConfirmPasswordError::Wrong.into());
            }
            if !too_large.is_empty() {
                // The size is that of this version: whoever meant another one learns that first.
                precondition.check(before.stored_version())?;
                return Err(UpdateUserError::Invalid(too_large));
            }
            Ok(events)
        }
    }
}

impl Retryable for UpdateUserError {
    fn is_retryable(&self) -> bool {
        matches!(self, Self::Change(error) if error.is_retryable())
    }
}

impl Users {
    /// Changes what is known about a user; what is not named stays as it is:
    /// [`prepare_update`](Self::prepare_update), then [`update_prepared`](Self::update_prepared).
    ///
    /// # Errors
    ///
    /// [`UpdateUserError`], by variant.
    pub async fn update(
        &self,
        context: &RequestContext,
        user: UserRef,
        command: UpdateUser,
    ) -> Result<UserView, UpdateUserError> {
        let prepared = self.prepare_update(context, user, command).await?;
        self.update_prepared(context, prepared).await
    }

    /// Does what is slow about a change, comparing the current password and hashing a new one: a caller who does not wait
    /// for the end drops it.
    ///
    /// # Errors
    ///
    /// Only where there is a password, or a name or address of one's own: `NotFound`, `Forbidden` and a failed precondition
    /// before it is hashed, [`UpdateUserError::Confirm`], [`UpdateUserError::Invalid`] and [`UpdateUserError::Hashing`].
    pub async fn prepare_update(
        &self,
        context: &RequestContext,
        user: UserRef,
        command: UpdateUser,
    ) -> Result<PreparedUpdate, UpdateUserError> {
        let mut prepared = PreparedUpdate { user, command, password_hash: None, confirmed: None };
        let UpdateUser { changes, precondition, current_password, .. } = &prepared.command;
        if changes.password.is_none() && changes.username.is_none() && changes.email.is_none() {
            return Ok(prepared);
        }
        let view = self.check_early(context, user, changes.password.is_some(), precondition).await?;
        let mut confirmed = None;
        if context.actor.is(view.uuid) && takes_account_over(&view, changes) {
            let Some(current) = current_password else { return Err(ConfirmPasswordError::Wrong.into()) };
            confirmed = Some(confirm_password(&self.ports, context, &view, current).await?);
        }
        let mut password_hash = None;
        if let Some(password) = &changes.password {
            let username = changes.username.as_ref().map_or(view.username.as_str(), Username::as_str);
            let email = changes.email.as_ref().map_or(view.email.as_str(), EmailAddress::as_str);
            if let Some(weak) = self.weakness(password, username, email).await? {
                return Err(UpdateUserError::Invalid(vec![weak.at("/password")]));
            }
            password_hash = Some(self.ports.hasher.hash(password.clone()).await?);
        }
        (prepared.password_hash, prepared.confirmed) = (password_hash, confirmed);
        Ok(prepared)
    }

    /// Carries out a prepared change. Whoever begins this sees it through to its end.
    ///
    /// # Errors
    ///
    /// [`UpdateUserError`], save `Hashing`.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn update_prepared(
        &self,
        context: &RequestContext,
        prepared: PreparedUpdate,
    ) -> Result<UserView, UpdateUserError> {
        self.change(context, &prepared.target(), prepared.transition(context)).await
    }

    /// Refuses before the slow hashing what would be refused after it anyway.
    async fn check_early(
        &self,
        context: &RequestContext,
        user: UserRef,
        sets_password: bool,
        precondition: &Precondition,
    ) -> Result<UserView, ChangeUserError> {
        let actor = &context.actor;
        let found: Result<_, StorageError> = self.ports.queries.find(user, DeletedScope::Live).await;
        let Some(view) = found?.filter(|view| may_see(actor, view.uuid)) else {
            return Err(ChangeUserError::NotFound);
        };
        if sets_password {
            if !actor.is(view.uuid) && !actor.may(Permission::UsersUpdate) {
                return Err(ChangeUserError::Forbidden);
            }
            precondition.check(view.version)?;
        }
        Ok(view)
    }
}

/// Whether these changes would let somebody with a stolen token keep the account. Values that are sent back as they are
/// change nothing.
fn takes_account_over(user: &UserView, changes: &UserChanges) -> bool {
    changes.password.is_some()
        || changes.username.as_ref().is_some_and(|username| username.as_str() != user.username)
        || changes.email.as_ref().is_some_and(|email| email.as_str() != user.email)
}

/// The same of what really changed.
fn took_account_over(event: &UserEvent) -> bool {
    event.changes.iter().any(|change| matches!(change.field, "password" | "username" | "email"))
}

fn patch(
    user: &User,
    changes: &UserChanges,
    mode: MetadataMode,
    password_hash: Option<PasswordHash>,
) -> Result<UserPatch, UpdateUserError> {
    let record = user.record();
    Ok(UserPatch {
        username: changes.username.clone(),
        email: changes.email.clone(),
        password_hash,
        full_name: changes.full_name.clone(),
        first_name: changes.first_name.clone(),
        last_name: changes.last_name.clone(),
        role: changes.role,
        is_active: changes.is_active,
        must_change_password: changes.must_change_password,
        external_id: changes.external_id.clone(),
        locale: changes.locale.clone(),
        user_metadata: metadata(&record.user_metadata, &changes.user_metadata, mode)?,
        app_metadata: metadata(&record.app_metadata, &changes.app_metadata, mode)?,
    })
}

/// The metadata after the change, of any size; `None` if they stay.
fn metadata(
    stored: &Metadata,
    change: &Change<Metadata>,
    mode: MetadataMode,
) -> Result<Option<Metadata>, ChangeUserError> {
    let new = match (change, mode) {
        (Change::Keep, _) => return Ok(None),
        (Change::Clear, _) => Metadata::empty(),
        (Change::Set(new), MetadataMode::Replace) => new.clone(),
        (Change::Set(changes), MetadataMode::Merge) => {
            let mut merged = json(stored)?;
            merge(&mut merged, json(changes)?);
            Metadata::from_stored(merged.to_string())
        }
    };
    // Compared as values, because databases keep their own order of members.
    Ok((json(&new)? != json(stored)?).then_some(new))
}

/// What is wrong with metadata that grew by merging.
fn too_large(patch: &UserPatch) -> Vec<FieldViolation> {
    let members = [("/user_metadata", &patch.user_metadata), ("/app_metadata", &patch.app_metadata)];
    let violation = |(pointer, metadata): (&str, &Option<Metadata>)| {
        let checked = Metadata::from_json_object(metadata.as_ref()?.as_json().to_owned());
        Some(checked.err()?.at(pointer))
    };
    members.into_iter().filter_map(violation).collect()
}

fn json(metadata: &Metadata) -> Result<Value, StorageError> {
    serde_json::from_str(metadata.as_json()).map_err(|error| StorageError::new(StorageFault::Failed, error))
}
