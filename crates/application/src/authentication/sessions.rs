//! Seeing and ending sessions, one's own and others'.

use chrono::{DateTime, Utc};
use domain::ports::{StorageError, UnitOfWork};
use domain::query::DeletedScope;
use domain::session::{RevocationReason, Session, SessionEvent};
use domain::user::UserView;
use domain::values::{SessionId, UserRef, UserUuid};

use super::Authentication;
use crate::RequestContext;
use crate::authorization::{may_manage_sessions, may_see};
use crate::recording::{Outcome, record};
use crate::retry::{Retryable, retry};

/// A live session, as its owner and the staff see it.
#[derive(Debug, Clone)]
pub struct ListedSession {
    /// The session.
    pub session: Session,
    /// Whether it is the one that the request came by.
    pub is_current: bool,
}

/// Why sessions were neither shown nor ended.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The user is not there, or the actor may not see them.
    #[error("user does not exist")]
    UserNotFound,
    /// The user has no such live session.
    #[error("session does not exist")]
    NotFound,
    /// The actor may not do this to this user.
    #[error("managing these sessions is not allowed")]
    Forbidden,
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Retryable for SessionError {
    fn is_retryable(&self) -> bool {
        matches!(self, Self::Storage(error) if error.is_retryable())
    }
}

/// Which sessions of a user to end.
#[derive(Debug, Clone, Copy)]
enum Which {
    One(SessionId),
    AllBut(Option<SessionId>),
}

impl Authentication {
    /// The live sessions of a user, the newest first: one's own, or others' for the staff.
    ///
    /// # Errors
    ///
    /// [`SessionError::UserNotFound`], [`SessionError::Forbidden`] and [`SessionError::Storage`].
    pub async fn list_sessions(
        &self,
        context: &RequestContext,
        user: UserRef,
    ) -> Result<Vec<ListedSession>, SessionError> {
        let user = self.managed(context, user).await?;
        let current = context.session();
        let sessions = self.ports.sessions.sessions_of(user.uuid, self.ports.clock.now()).await?;
        let listed =
            sessions.into_iter().map(|session| ListedSession { is_current: current == Some(session.id()), session });
        Ok(listed.collect())
    }

    /// Ends one live session of a user. Whoever begins this sees it through to its end.
    ///
    /// # Errors
    ///
    /// [`SessionError`], by variant.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn revoke_session(
        &self,
        context: &RequestContext,
        user: UserRef,
        session: SessionId,
    ) -> Result<(), SessionError> {
        let user = self.managed(context, user).await?;
        self.revoke(context, user.uuid, Which::One(session)).await
    }

    /// Ends all sessions of a user, but for the one that the request came by. Whoever begins this sees it through to its
    /// end.
    ///
    /// # Errors
    ///
    /// [`SessionError::UserNotFound`], [`SessionError::Forbidden`] and [`SessionError::Storage`].
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn revoke_sessions(&self, context: &RequestContext, user: UserRef) -> Result<(), SessionError> {
        let user = self.managed(context, user).await?;
        self.revoke(context, user.uuid, Which::AllBut(context.session())).await
    }

    /// The user whose sessions the actor may see and end.
    async fn managed(&self, context: &RequestContext, user: UserRef) -> Result<UserView, SessionError> {
        let found = self.ports.queries.find(user, DeletedScope::Live).await?;
        let user = found.filter(|user| may_see(&context.actor, user.uuid)).ok_or(SessionError::UserNotFound)?;
        if may_manage_sessions(&context.actor, &user) { Ok(user) } else { Err(SessionError::Forbidden) }
    }

    async fn revoke(&self, context: &RequestContext, user: UserUuid, which: Which) -> Result<(), SessionError> {
        let now = self.ports.clock.now();
        retry(&*self.ports.backoff, || self.try_revoke(context, user, which, now)).await
    }

    async fn try_revoke(
        &self,
        context: &RequestContext,
        user: UserUuid,
        which: Which,
        now: DateTime<Utc>,
    ) -> Result<(), SessionError> {
        let is_own = context.actor.is(user);
        let reason = if is_own { RevocationReason::Owner } else { RevocationReason::Administrator };
        let mut unit = self.ports.storage.begin().await?;
        let events = match which {
            Which::One(id) => {
                let found = unit.sessions().find(id).await?.filter(|session| session.user() == user);
                let mut session = found.ok_or(SessionError::NotFound)?;
                let event = session.revoke(reason, now).ok_or(SessionError::NotFound)?;
                unit.sessions().update(&[session]).await?;
                vec![event]
            }
            Which::AllBut(kept) => revoke_all(&mut *unit, user, kept, reason, now).await?,
        };
        if events.is_empty() {
            return Ok(());
        }
        Ok(record(unit, context, &self.ports, now, events, Outcome::Done).await?)
    }
}

/// Ends all sessions of a user within a unit of work, but for one; the events that say so.
pub(crate) async fn revoke_all(
    unit: &mut dyn UnitOfWork,
    user: UserUuid,
    kept: Option<SessionId>,
    reason: RevocationReason,
    now: DateTime<Utc>,
) -> Result<Vec<SessionEvent>, StorageError> {
    let mut sessions = unit.sessions().find_live(user, now).await?;
    sessions.retain(|session| Some(session.id()) != kept);
    let events: Vec<_> = sessions.iter_mut().filter_map(|session| session.revoke(reason, now)).collect();
    if !sessions.is_empty() {
        unit.sessions().update(&sessions).await?;
    }
    Ok(events)
}
