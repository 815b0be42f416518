//! Letting somebody try again who failed to sign in too often.

use chrono::{DateTime, Utc};
use domain::audit::Event;
use domain::login::LoginName;
use domain::user::{User, UserView};
use domain::values::UserRef;

use super::{ChangeUserError, Users};
use crate::RequestContext;
use crate::authentication::name_digest;
use crate::authorization::{may_assist, may_see};
use crate::recording::{Outcome, record};
use crate::retry::retry;

/// Why a user was not unlocked: not found, forbidden, or the storage failed.
pub type UnlockUserError = ChangeUserError;

impl Users {
    /// Forgets every failed sign-in of a user, so that nobody has to wait any more. Whoever begins this sees it through to
    /// its end.
    ///
    /// # Errors
    ///
    /// `NotFound`, `Forbidden` and `Storage` of [`ChangeUserError`].
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn unlock(&self, context: &RequestContext, user: UserRef) -> Result<UserView, UnlockUserError> {
        let now = self.ports.clock.now();
        let last_login_at = self.last_login(user).await?;
        retry(&*self.ports.backoff, || self.try_unlock(context, user, last_login_at, now)).await
    }

    async fn try_unlock(
        &self,
        context: &RequestContext,
        user: UserRef,
        last_login_at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<UserView, UnlockUserError> {
        let mut unit = self.ports.storage.begin().await?;
        let found = unit.users().find(user).await?;
        let user = found.filter(|user| may_see(&context.actor, user.uuid())).ok_or(ChangeUserError::NotFound)?;
        if !may_assist(&context.actor, &user) {
            return Err(ChangeUserError::Forbidden);
        }
        let view = UserView { last_login_at, ..UserView::from(&user) };
        let mut was_locked = false;
        for name in login_names(&user) {
            was_locked |= unit.logins().forget_name(name_digest(&self.ports, &name)).await?;
        }
        if was_locked {
            let event = Event::from(user.unlocked());
            record(unit, context, &self.ports, now, vec![event], Outcome::User(&view)).await?;
        }
        Ok(view)
    }
}

/// The names that failures of this user are counted under.
pub(crate) fn login_names(user: &User) -> [LoginName; 2] {
    let record = user.record();
    [LoginName::Username(record.username.key()), LoginName::Email(record.email.key())]
}
