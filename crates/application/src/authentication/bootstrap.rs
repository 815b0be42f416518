//! The first administrator.

use chrono::{DateTime, Utc};
use domain::audit::{Event, Target};
use domain::input::NewUser;
use domain::ports::StorageError;
use domain::user::UserView;

use super::Authentication;
use crate::RequestContext;
use crate::recording::{Outcome, record};
use crate::retry::retry;
use crate::users::{CreateUserError, PreparedUser};

/// Why there is no first administrator.
#[derive(Debug, thiserror::Error)]
pub enum BootstrapError {
    /// As when one is made otherwise.
    #[error(transparent)]
    Create(#[from] CreateUserError),
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Authentication {
    /// Whether nobody has an account yet, so that nobody could sign in.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    pub async fn is_empty(&self) -> Result<bool, StorageError> {
        retry(&*self.ports.backoff, || async {
            let mut unit = self.ports.storage.begin().await?;
            unit.users().is_empty_exclusively().await
        })
        .await
    }

    /// Makes the first administrator, unless somebody has an account by now: then `None`. Of several processes that do this
    /// at once, one does.
    ///
    /// # Errors
    ///
    /// [`BootstrapError`], by variant.
    pub async fn bootstrap(&self, administrator: NewUser) -> Result<Option<UserView>, BootstrapError> {
        let prepared = self.users.prepare_new(administrator, None).await?;
        let now = self.ports.clock.now();
        Ok(retry(&*self.ports.backoff, || self.try_bootstrap(prepared.clone(), now)).await?)
    }

    async fn try_bootstrap(
        &self,
        prepared: PreparedUser,
        now: DateTime<Utc>,
    ) -> Result<Option<UserView>, CreateUserError> {
        let mut unit = self.ports.storage.begin().await?;
        if !unit.users().is_empty_exclusively().await? {
            return Ok(None);
        }
        let PreparedUser { draft, events, .. } = prepared;
        let user = unit.users().insert(draft).await?;
        let first = Event {
            action: "system.bootstrap",
            target: Target::User(user.uuid()),
            subject: Some(user.uuid()),
            changes: Vec::new(),
        };
        let events = [first].into_iter().chain(events.into_iter().map(Event::from)).collect();
        record(unit, &RequestContext::system(), &self.ports, now, events, Outcome::Done).await?;
        Ok(Some(UserView::from(&user)))
    }
}
