//! Signing out.

use chrono::{DateTime, Utc};
use domain::audit::{Event, Target};
use domain::ports::StorageError;
use domain::session::RevocationReason;
use domain::values::SessionId;

use super::Authentication;
use crate::RequestContext;
use crate::recording::{Outcome, record};
use crate::retry::retry;

impl Authentication {
    /// Ends the session that the request came by. Whoever begins this sees it through to its end.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only; ending one that has ended is no error.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn logout(&self, context: &RequestContext, session: SessionId) -> Result<(), StorageError> {
        let now = self.ports.clock.now();
        retry(&*self.ports.backoff, || self.try_logout(context, session, now)).await
    }

    async fn try_logout(
        &self,
        context: &RequestContext,
        session: SessionId,
        now: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        let mut unit = self.ports.storage.begin().await?;
        let Some(mut session) = unit.sessions().find(session).await? else { return Ok(()) };
        let Some(revoked) = session.revoke(RevocationReason::Logout, now) else { return Ok(()) };
        let user = session.user();
        let logout =
            Event { action: "auth.logout", target: Target::User(user), subject: Some(user), changes: Vec::new() };
        unit.sessions().update(&[session]).await?;
        record(unit, context, &self.ports, now, vec![logout, Event::from(revoked)], Outcome::Done).await
    }
}
