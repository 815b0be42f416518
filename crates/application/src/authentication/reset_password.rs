//! Choosing a password without the old one: by a token that an administrator hands over, so that nobody ever needs to know
//! anybody's password.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use domain::access::{Actor, Permission};
use domain::audit::{Event, Target as AuditTarget};
use domain::ports::{HashPasswordError, OneTimePurpose, StorageError};
use domain::query::DeletedScope;
use domain::user::{FieldChange, FieldValue, UserPatch};
use domain::values::{PasswordHash, PlainPassword, SecretToken, UserRef, UserUuid};
use domain::violation::FieldViolation;
use serde_json::{Value, json};

use super::Authentication;
use super::attempts::name_digest;
use crate::RequestContext;
use crate::authorization::may_see;
use crate::recording::{Outcome, record};
use crate::repeated::{Answer, Answers, Repeatable, only};
use crate::retry::{Retryable, retry};
use crate::users::{ChangeUserError, login_names};

/// How long a token is good.
const LIFETIME: TimeDelta = TimeDelta::hours(1);

/// A token that is shown once and kept as a digest.
#[derive(Debug, Clone)]
pub struct ResetToken {
    /// The token.
    pub token: SecretToken,
    /// When it is no longer good.
    pub expires_at: DateTime<Utc>,
}

impl ResetToken {
    fn to_json(&self) -> Value {
        json!({
            "token": self.token.expose(),
            "expires_at": self.expires_at.to_rfc3339_opts(SecondsFormat::Micros, true),
        })
    }

    fn from_json(json: &Value) -> Option<Self> {
        let text = |name: &str| json.get(name)?.as_str();
        let expires_at = DateTime::parse_from_rfc3339(text("expires_at")?).ok()?.to_utc();
        Some(Self { token: SecretToken::parse(text("token")?)?, expires_at })
    }
}

impl Repeatable for ResetToken {
    fn answers(&self) -> Answers {
        only(Answer::Json(self.to_json()))
    }

    fn again(answers: Answers) -> Option<Self> {
        match answers.get(&0)? {
            Answer::Json(json) => Self::from_json(json),
            Answer::Done | Answer::User(_) => None,
        }
    }
}

/// Why no token was made.
#[derive(Debug, thiserror::Error)]
pub enum ResetPasswordError {
    /// The user is not there, or the actor may not see them.
    #[error("user does not exist")]
    NotFound,
    /// The actor may not do this.
    #[error("resetting passwords is not allowed")]
    Forbidden,
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Retryable for ResetPasswordError {
    fn is_retryable(&self) -> bool {
        matches!(self, Self::Storage(error) if error.is_retryable())
    }
}

/// Why a token was not spent.
#[derive(Debug, thiserror::Error)]
pub enum SpendResetError {
    /// The token was never given out, was spent or replaced, or has expired.
    #[error("the reset token is invalid")]
    InvalidToken,
    /// The new password cannot be. The token is as good as before.
    #[error("the new password cannot be")]
    Invalid(Vec<FieldViolation>),
    /// The new password could not be hashed. The token is as good as before.
    #[error(transparent)]
    Hashing(#[from] HashPasswordError),
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Retryable for SpendResetError {
    fn is_retryable(&self) -> bool {
        matches!(self, Self::Storage(error) if error.is_retryable())
    }
}

/// A reset with everything slow done; what is left is spending the token.
#[derive(Debug)]
pub struct PreparedReset {
    token: SecretToken,
    new: PlainPassword,
    hash: PasswordHash,
}

impl Authentication {
    /// Makes a token with which its holder chooses a new password for the user, within an hour. Earlier ones are no longer
    /// good. Whoever begins this sees it through to its end.
    ///
    /// # Errors
    ///
    /// [`ResetPasswordError`], by variant.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn create_reset_token(
        &self,
        context: &RequestContext,
        user: UserRef,
    ) -> Result<ResetToken, ResetPasswordError> {
        let found = self.ports.queries.find(user, DeletedScope::Live).await?;
        let user = found.filter(|user| may_see(&context.actor, user.uuid)).ok_or(ResetPasswordError::NotFound)?;
        if !context.actor.may(Permission::UsersResetPassword) {
            return Err(ResetPasswordError::Forbidden);
        }
        let now = self.ports.clock.now();
        let token = ResetToken { token: self.ports.secrets.token(), expires_at: now + LIFETIME };
        retry(&*self.ports.backoff, || self.try_create_reset_token(context, user.uuid, &token, now)).await?;
        Ok(token)
    }

    async fn try_create_reset_token(
        &self,
        context: &RequestContext,
        user: UserUuid,
        token: &ResetToken,
        now: DateTime<Utc>,
    ) -> Result<(), ResetPasswordError> {
        let mut unit = self.ports.storage.begin().await?;
        if unit.users().find(user.into()).await?.is_none() {
            return Err(ResetPasswordError::NotFound);
        }
        let digest = self.ports.secrets.digest(&token.token);
        unit.one_time_tokens().replace(OneTimePurpose::ResetPassword, user, digest, token.expires_at).await?;
        let until = FieldChange {
            field: "password_reset_until",
            old: FieldValue::Null,
            new: FieldValue::time(Some(token.expires_at)),
        };
        let event = Event {
            action: "user.updated",
            target: AuditTarget::User(user),
            subject: Some(user),
            changes: vec![until],
        };
        let answer = token.to_json();
        Ok(record(unit, context, &self.ports, now, vec![event], Outcome::Json(&answer)).await?)
    }

    /// Hashes the new password.
    ///
    /// # Errors
    ///
    /// [`SpendResetError::Invalid`] and [`SpendResetError::Hashing`]; whether the token is good is found out when it is
    /// spent.
    pub async fn prepare_reset(
        &self,
        token: SecretToken,
        new: PlainPassword,
    ) -> Result<PreparedReset, SpendResetError> {
        if let Some(weak) = self.users.weakness(&new, "", "").await? {
            return Err(SpendResetError::Invalid(vec![weak.at("/new_password")]));
        }
        let hash = self.ports.hasher.hash(new.clone()).await?;
        Ok(PreparedReset { token, new, hash })
    }

    /// Spends the token for the new password, ends all sessions of the user and forgets failed sign-ins. Whoever begins
    /// this sees it through to its end.
    ///
    /// # Errors
    ///
    /// [`SpendResetError::InvalidToken`], [`SpendResetError::Invalid`] and [`SpendResetError::Storage`].
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn reset_prepared(
        &self,
        context: &RequestContext,
        prepared: PreparedReset,
    ) -> Result<(), SpendResetError> {
        let now = self.ports.clock.now();
        retry(&*self.ports.backoff, || self.try_reset(context, &prepared, now)).await
    }

    async fn try_reset(
        &self,
        context: &RequestContext,
        prepared: &PreparedReset,
        now: DateTime<Utc>,
    ) -> Result<(), SpendResetError> {
        let digest = self.ports.secrets.digest(&prepared.token);
        let mut unit = self.ports.storage.begin().await?;
        let taken = unit.one_time_tokens().take(OneTimePurpose::ResetPassword, digest, now).await?;
        let Some(user) = taken else { return Err(SpendResetError::InvalidToken) };
        let Some(mut user) = unit.users().find(user.into()).await? else { return Err(SpendResetError::InvalidToken) };
        let record = user.record();
        let known = self.users.contains_name(&prepared.new, record.username.as_str(), record.email.as_str());
        if let Some(known) = known {
            return Err(SpendResetError::Invalid(vec![known.at("/new_password")]));
        }
        for name in login_names(&user) {
            unit.logins().forget_name(name_digest(&self.ports, &name)).await?;
        }
        let patch = UserPatch { password_hash: Some(prepared.hash.clone()), ..UserPatch::default() };
        // By nobody who is signed in: tokens that were given out before become stale.
        let mut events = user.update(patch, None, now);
        let by_token = FieldValue::text(Some("reset_token"));
        for event in &mut events {
            event.changes.push(FieldChange { field: "method", old: FieldValue::Null, new: by_token.clone() });
        }
        let username = user.record().username.as_str().to_owned();
        let holder = Actor::User { uuid: user.uuid(), username, role: user.role() };
        let holder = RequestContext::new(holder, context.origin.clone());
        match self.users.save_changed(unit, &holder, &user, events, now).await {
            Ok(_) => Ok(()),
            Err(ChangeUserError::Storage(error)) => Err(error.into()),
            Err(error) => Err(StorageError::new(domain::ports::StorageFault::Failed, error).into()),
        }
    }
}
