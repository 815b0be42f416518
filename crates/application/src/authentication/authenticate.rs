//! Who shows this access token? Answered from memory, for every request.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use domain::access::Actor;
use domain::ports::{AccessClaims, AccessTokenError, FindAccessError, StorageError};
use domain::session::SessionAccess;
use domain::values::{SessionId, UserId};

use super::Authentication;
use crate::Ports;

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub struct Authenticated {
    /// Who.
    pub actor: Actor,
    /// Their number.
    pub user_id: UserId,
    /// By which session.
    pub session: SessionId,
    /// Whether they have to choose another password before anything else.
    pub must_change_password: bool,
}

/// What a request is for, as far as it matters for those who must choose another password first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Anything.
    Everything,
    /// One's own account and password, and signing out.
    OwnPassword,
}

/// Why a request is not somebody's.
#[derive(Debug, thiserror::Error)]
pub enum AuthenticateError {
    /// The token's time is over, or the user's rights changed since: a new one may be had for the refresh token.
    #[error("the access token has expired")]
    Expired,
    /// The token is not one of ours, or its session has ended.
    #[error("the access token is invalid")]
    Invalid,
    /// Another password has to be chosen first.
    #[error("the password has to be changed first")]
    PasswordChangeRequired,
    /// This process cannot know what was revoked.
    #[error("revocations have not been heard of for too long")]
    Blind,
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Authentication {
    /// Who shows this access token, as they are now.
    ///
    /// # Errors
    ///
    /// [`AuthenticateError`], by variant.
    pub async fn authenticate(&self, token: &str, reach: Reach) -> Result<Authenticated, AuthenticateError> {
        let now = self.ports.clock.now();
        let claims = self.ports.access_tokens.verify(token, now)?;
        let access = self.current_access(&claims, now).await?.ok_or(AuthenticateError::Invalid)?;
        if access.user != claims.user || !is_usable(&access, now) {
            return Err(AuthenticateError::Invalid);
        }
        if access.auth_epoch != claims.epoch {
            return Err(AuthenticateError::Expired);
        }
        if access.must_change_password && reach == Reach::Everything {
            return Err(AuthenticateError::PasswordChangeRequired);
        }
        Ok(authenticated(&access))
    }

    /// The session, as it is now. What is remembered is behind if its end has come, as another process may have refreshed it,
    /// or if the token is of a later epoch: another process signed it after a change that this one has not heard of yet.
    async fn current_access(
        &self,
        claims: &AccessClaims,
        now: DateTime<Utc>,
    ) -> Result<Option<Arc<SessionAccess>>, FindAccessError> {
        let (directory, session) = (&self.ports.directory, claims.session);
        let remembered = match directory.find(session).await? {
            None => self.session_to_come(claims).await?,
            found => found,
        };
        let is_behind = |access: &Arc<SessionAccess>| {
            access.usable_until.is_some_and(|until| until <= now) || access.auth_epoch < claims.epoch
        };
        if !remembered.as_ref().is_some_and(is_behind) {
            return Ok(remembered);
        }
        directory.forget(session);
        directory.find(session).await
    }
}

impl Authentication {
    /// The session of a token that was signed a moment ago: a node of a cluster may be asked for it before it has heard of it.
    /// A session that has ended is still there for days, so this waits for nothing else.
    async fn session_to_come(&self, claims: &AccessClaims) -> Result<Option<Arc<SessionAccess>>, FindAccessError> {
        let Ports { directory, clock, backoff, .. } = &self.ports;
        let mut attempts = backoff.start();
        while clock.now() - claims.issued_at < UNTIL_HEARD_OF && attempts.another().await {
            directory.forget(claims.session);
            if let Some(found) = directory.find(claims.session).await? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }
}

/// How long after a token was signed, which is known to the second, its session may not be known everywhere.
const UNTIL_HEARD_OF: TimeDelta = TimeDelta::seconds(2);

fn is_usable(access: &SessionAccess, now: DateTime<Utc>) -> bool {
    access.usable_until.is_some_and(|until| now < until)
}

fn authenticated(access: &Arc<SessionAccess>) -> Authenticated {
    let SessionAccess { session, user, user_id, ref username, role, must_change_password, .. } = **access;
    let actor = Actor::User { uuid: user, username: username.clone(), role };
    Authenticated { actor, user_id, session, must_change_password }
}

impl From<AccessTokenError> for AuthenticateError {
    fn from(error: AccessTokenError) -> Self {
        match error {
            AccessTokenError::Expired => Self::Expired,
            AccessTokenError::Invalid => Self::Invalid,
        }
    }
}

impl From<FindAccessError> for AuthenticateError {
    fn from(error: FindAccessError) -> Self {
        match error {
            FindAccessError::Blind => Self::Blind,
            FindAccessError::Storage(error) => Self::Storage(error),
        }
    }
}
