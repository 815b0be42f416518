//! Making an account.

use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::input::NewUser;
use domain::ports::{HashPasswordError, SaveUserError, StorageError};
use domain::user::{UserDraft, UserEvent, UserView};
use domain::values::UserUuid;

use super::Users;
use crate::RequestContext;
use crate::recording::record;
use crate::retry::{Retryable, retry};

/// Why no account was made.
#[derive(Debug, thiserror::Error)]
pub enum CreateUserError {
    /// The actor may not make accounts.
    #[error("making accounts is not allowed")]
    Forbidden,
    /// Another user holds the username.
    #[error("username is already taken")]
    UsernameTaken,
    /// Another user holds the email address.
    #[error("email is already taken")]
    EmailTaken,
    /// Another user has the external id.
    #[error("external id is already taken")]
    ExternalIdTaken,
    /// The password could not be hashed.
    #[error(transparent)]
    Hashing(#[from] HashPasswordError),
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Users {
    /// Makes an account.
    ///
    /// # Errors
    ///
    /// [`CreateUserError`], by variant.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn create(&self, context: &RequestContext, new: NewUser) -> Result<UserView, CreateUserError> {
        if !context.actor.may(Permission::UsersCreate) {
            return Err(CreateUserError::Forbidden);
        }
        let password_hash = self.ports.hasher.hash(new.password.clone()).await?;
        let now = self.ports.clock.now();
        let uuid = UserUuid::new(self.ports.ids.uuid(now));
        let (draft, events) = UserDraft::new(new, password_hash, uuid, context.actor.uuid(), now);
        retry(&*self.ports.backoff, || self.try_create(context, draft.clone(), events.clone(), now)).await
    }

    async fn try_create(
        &self,
        context: &RequestContext,
        draft: UserDraft,
        events: Vec<UserEvent>,
        now: DateTime<Utc>,
    ) -> Result<UserView, CreateUserError> {
        let mut unit = self.ports.storage.begin().await?;
        let user = unit.users().insert(draft).await?;
        record(unit, context, &*self.ports.ids, now, events).await?;
        Ok(UserView::from(&user))
    }
}

impl From<SaveUserError> for CreateUserError {
    fn from(error: SaveUserError) -> Self {
        match error {
            SaveUserError::UsernameTaken => Self::UsernameTaken,
            SaveUserError::EmailTaken => Self::EmailTaken,
            SaveUserError::ExternalIdTaken => Self::ExternalIdTaken,
            SaveUserError::Storage(error) => Self::Storage(error),
            SaveUserError::StaleVersion => {
                Self::Storage(StorageError::new(domain::ports::StorageFault::Failed, "an insert met a stale version"))
            }
        }
    }
}

impl Retryable for CreateUserError {
    fn is_retryable(&self) -> bool {
        matches!(self, Self::Storage(error) if error.is_retryable())
    }
}
