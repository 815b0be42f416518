//! Refresh tokens: each is good once (RFC 9700 §4.14.2).

use chrono::{DateTime, Utc};
use domain::audit::{Event, Target};
use domain::ports::{SignTokenError, StorageError, StorageFault, UnitOfWork};
use domain::session::{RefreshToken, RevocationReason, Session, SessionAccess};
use domain::values::{SecretToken, SessionId};

use super::token_pair::Holder;
use super::{Authentication, TokenPair};
use crate::RequestContext;
use crate::recording::{Outcome, record};
use crate::retry::{Retryable, retry};

/// Why no new pair was given out.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// The token is not one of ours, is spent, or belongs to a session that has ended.
    #[error("the refresh token is invalid")]
    Invalid,
    /// The access token could not be signed.
    #[error(transparent)]
    Signing(#[from] SignTokenError),
    /// The storage failed. The token is as good as before.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Retryable for RefreshError {
    fn is_retryable(&self) -> bool {
        matches!(self, Self::Storage(error) if error.is_retryable())
    }
}

impl Authentication {
    /// The session that a refresh token, good or not, was given out for.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    pub async fn find_refresh_session(&self, token: &SecretToken) -> Result<Option<SessionId>, StorageError> {
        self.ports.sessions.find_token_session(self.ports.secrets.digest(token)).await
    }

    /// Spends a refresh token for a new pair.
    ///
    /// The one spent last, shown again within [`RefreshToken::GRACE`], is answered with the same successor: a retry, or two
    /// tabs. Any other spent one means that somebody has a copy, and ends the session. Whoever begins this sees it through
    /// to its end.
    ///
    /// # Errors
    ///
    /// [`RefreshError`], by variant.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn refresh(&self, context: &RequestContext, token: &SecretToken) -> Result<TokenPair, RefreshError> {
        let digest = self.ports.secrets.digest(token);
        let Some(session) = self.ports.sessions.find_token_session(digest).await? else {
            return Err(RefreshError::Invalid);
        };
        // Read outside the unit, which locks the session alone: whoever deactivates the user locks both, the user first.
        let Some(access) = self.ports.sessions.find_access(session).await? else {
            return Err(RefreshError::Invalid);
        };
        if access.usable_until.is_none() {
            return Err(RefreshError::Invalid);
        }
        let now = self.ports.clock.now();
        let refreshed = retry(&*self.ports.backoff, || self.try_refresh(context, token, &access, now)).await;
        if matches!(&refreshed, Err(RefreshError::Storage(error)) if error.fault() == StorageFault::UnknownOutcome) {
            self.unanswered.remember(digest, now);
        }
        refreshed
    }

    async fn try_refresh(
        &self,
        context: &RequestContext,
        presented: &SecretToken,
        access: &SessionAccess,
        now: DateTime<Utc>,
    ) -> Result<TokenPair, RefreshError> {
        let digest = self.ports.secrets.digest(presented);
        let mut unit = self.ports.storage.begin().await?;
        let found = unit.sessions().find(access.session).await?;
        let Some(mut session) = found.filter(|session| session.is_live(now)) else {
            return Err(RefreshError::Invalid);
        };
        let spends = unit.sessions().spend_token(digest, now).await?;
        let Some(token) = unit.sessions().find_token(digest).await? else {
            return Err(RefreshError::Invalid);
        };
        let successor = self.ports.secrets.successor(presented, &token.nonce);
        let holder = Holder { role: access.role, epoch: access.auth_epoch };
        if !spends {
            if self.is_retry(&mut *unit, &token, now).await? {
                return Ok(self.token_pair(&session, holder, successor, now)?);
            }
            self.end_copied_session(unit, context, session, now).await?;
            return Err(RefreshError::Invalid);
        }
        let child = RefreshToken {
            digest: self.ports.secrets.digest(&successor),
            session: session.id(),
            parent: Some(digest),
            nonce: self.ports.secrets.nonce(),
            issued_at: now,
            spent_at: None,
        };
        unit.sessions().insert_token(&child).await?;
        session.refresh(self.policy.session, now);
        let pair = self.token_pair(&session, holder, successor, now)?;
        unit.sessions().update(&[session]).await?;
        record(unit, context, &self.ports, now, Vec::<Event>::new(), Outcome::Done).await?;
        Ok(pair)
    }

    /// Whether a spent token is shown by the one who spent it: soon after, or as soon as it could be answered, and before
    /// anybody went on from there.
    async fn is_retry(
        &self,
        unit: &mut dyn UnitOfWork,
        token: &RefreshToken,
        now: DateTime<Utc>,
    ) -> Result<bool, StorageError> {
        let is_recent = token.spent_at.is_some_and(|spent_at| RefreshToken::is_in_grace(spent_at, now));
        let may_be = is_recent || self.unanswered.holds(token.digest, now);
        Ok(may_be && !unit.sessions().is_successor_spent(token.digest).await?)
    }

    async fn end_copied_session(
        &self,
        mut unit: Box<dyn UnitOfWork>,
        context: &RequestContext,
        mut session: Session,
        now: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        let reused = Event {
            action: "auth.refresh_reused",
            target: Target::Session(session.id()),
            subject: Some(session.user()),
            changes: Vec::new(),
        };
        let revoked = session.revoke(RevocationReason::RefreshReused, now).map(Event::from);
        unit.sessions().update(&[session]).await?;
        record(unit, context, &self.ports, now, [Some(reused), revoked].into_iter().flatten().collect(), Outcome::Done)
            .await
    }
}
