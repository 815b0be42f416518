//! What changing one user has in common: load, see, decide, check, save, record.

use chrono::{DateTime, Utc};
use domain::audit::Event;
use domain::ports::{SaveUserError, StorageError, StorageFault, UnitOfWork};
use domain::query::DeletedScope;
use domain::session::RevocationReason;
use domain::user::{User, UserAction, UserEvent, UserView};
use domain::values::UserRef;

use super::Users;
use crate::RequestContext;
use crate::authentication::revoke_all;
use crate::authorization::may_see;
use crate::recording::{Outcome, record};
use crate::retry::{Retryable, retry};

/// What the caller wants to be true of the stored version (RFC 9110, `If-Match`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Precondition {
    /// Nothing: the last write wins.
    #[default]
    None,
    /// Nothing was said, but has to be.
    Missing,
    /// The user exists.
    Exists,
    /// The version is one of these.
    OneOf(Vec<i64>),
}

impl Precondition {
    /// Whether it holds for a user who exists in this version.
    pub(super) fn check(&self, version: i64) -> Result<(), ChangeUserError> {
        match self {
            Self::None | Self::Exists => Ok(()),
            Self::Missing => Err(ChangeUserError::PreconditionRequired),
            Self::OneOf(versions) if versions.contains(&version) => Ok(()),
            Self::OneOf(_) => Err(ChangeUserError::PreconditionFailed),
        }
    }
}

/// Why a user was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeUserError {
    /// Nobody is there, or nobody whom the actor may see.
    #[error("user does not exist")]
    NotFound,
    /// The actor may not do this to this user.
    #[error("changing this is not allowed")]
    Forbidden,
    /// A precondition has to be given.
    #[error("a precondition is required")]
    PreconditionRequired,
    /// The stored version is another.
    #[error("user was changed meanwhile")]
    PreconditionFailed,
    /// Nobody would be left to administrate.
    #[error("the last active administrator cannot be taken away")]
    LastAdministrator,
    /// Another user holds the username.
    #[error("username is already taken")]
    UsernameTaken,
    /// Another user holds the email address.
    #[error("email is already taken")]
    EmailTaken,
    /// Another user has the external id.
    #[error("external id is already taken")]
    ExternalIdTaken,
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<SaveUserError> for ChangeUserError {
    fn from(error: SaveUserError) -> Self {
        match error {
            SaveUserError::UsernameTaken => Self::UsernameTaken,
            SaveUserError::EmailTaken => Self::EmailTaken,
            SaveUserError::ExternalIdTaken => Self::ExternalIdTaken,
            SaveUserError::Storage(error) => Self::Storage(error),
            // Nobody's uuid changes.
            SaveUserError::UuidTaken => Self::Storage(StorageError::new(StorageFault::Failed, error)),
            // Without a precondition the last write wins, so load again and decide again.
            SaveUserError::StaleVersion => Self::Storage(StorageError::new(StorageFault::Retryable, error)),
        }
    }
}

impl Retryable for ChangeUserError {
    fn is_retryable(&self) -> bool {
        matches!(self, Self::Storage(error) if error.is_retryable())
    }
}

/// Which user to change, and on which condition.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(super) user: UserRef,
    pub(super) including_deleted: bool,
    pub(super) precondition: Precondition,
    /// Whether the caller is shown the user afterwards.
    pub(super) is_shown: bool,
}

impl Target {
    pub(crate) fn living(user: UserRef, precondition: Precondition) -> Self {
        Self { user, including_deleted: false, precondition, is_shown: true }
    }

    pub(super) fn also_deleted(user: UserRef, precondition: Precondition) -> Self {
        Self { user, including_deleted: true, precondition, is_shown: true }
    }

    pub(super) fn not_shown(self) -> Self {
        Self { is_shown: false, ..self }
    }
}

impl Users {
    /// Changes one user by `transition`, which may also refuse; again from the start if another unit of work won.
    ///
    /// A transition that changes nothing writes nothing.
    pub(crate) async fn change<E, T>(
        &self,
        context: &RequestContext,
        target: &Target,
        transition: T,
    ) -> Result<UserView, E>
    where
        E: From<ChangeUserError> + Retryable,
        T: Fn(&mut User, DateTime<Utc>) -> Result<Vec<UserEvent>, E>,
    {
        let now = self.ports.clock.now();
        let last_login_at =
            if target.is_shown { self.last_login(target.user).await.map_err(ChangeUserError::Storage)? } else { None };
        retry(&*self.ports.backoff, || self.try_change(context, target, &transition, last_login_at, now)).await
    }

    /// When the user last signed in, which is kept elsewhere. Read before a change and not after it, so that the answer that
    /// is kept with the change is the one that is given. A database that is away is not asked a second time.
    pub(super) async fn last_login(&self, user: UserRef) -> Result<Option<DateTime<Utc>>, StorageError> {
        Ok(self.ports.queries.find(user, DeletedScope::All).await?.and_then(|found| found.last_login_at))
    }

    async fn try_change<E, T>(
        &self,
        context: &RequestContext,
        target: &Target,
        transition: &T,
        last_login_at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<UserView, E>
    where
        E: From<ChangeUserError>,
        T: Fn(&mut User, DateTime<Utc>) -> Result<Vec<UserEvent>, E>,
    {
        let failed = |error: StorageError| E::from(ChangeUserError::Storage(error));
        let mut unit = self.ports.storage.begin().await.map_err(failed)?;
        let Changed { view, events } = self.change_in(&mut *unit, context, target, transition, now).await?;
        let view = UserView { last_login_at, ..view };
        if !events.is_empty() {
            let outcome = if target.is_shown { Outcome::User(&view) } else { Outcome::Done };
            record(unit, context, &self.ports, now, events, outcome).await.map_err(failed)?;
        }
        Ok(view)
    }

    /// Changes one user within a unit of work, and leaves it to the caller to record that.
    pub(super) async fn change_in<E, T>(
        &self,
        unit: &mut dyn UnitOfWork,
        context: &RequestContext,
        target: &Target,
        transition: &T,
        now: DateTime<Utc>,
    ) -> Result<Changed, E>
    where
        E: From<ChangeUserError>,
        T: Fn(&mut User, DateTime<Utc>) -> Result<Vec<UserEvent>, E>,
    {
        let failed = |error: StorageError| E::from(ChangeUserError::Storage(error));
        let found = if target.including_deleted {
            unit.users().find_including_deleted(target.user).await
        } else {
            unit.users().find(target.user).await
        };
        let Some(mut user) = found.map_err(failed)?.filter(|user| may_see(&context.actor, user.uuid())) else {
            return Err(ChangeUserError::NotFound.into());
        };
        let was_administrator = user.is_active_administrator();
        let loaded_version = user.stored_version();
        let events = transition(&mut user, now)?;
        target.precondition.check(loaded_version)?;
        if events.is_empty() {
            return Ok(Changed { view: UserView::from(&user), events: Vec::new() });
        }
        if self.policy.protect_last_administrator && was_administrator && !user.is_active_administrator() {
            let administrators = unit.users().count_administrators_exclusively().await.map_err(failed)?;
            if administrators <= 1 {
                return Err(ChangeUserError::LastAdministrator.into());
            }
        }
        let events = save_in(unit, context, &user, events, now).await?;
        Ok(Changed { view: UserView::from(&user), events })
    }

    /// Saves a changed user, ends the sessions that the change ends, and records all of it.
    pub(crate) async fn save_changed(
        &self,
        mut unit: Box<dyn UnitOfWork>,
        context: &RequestContext,
        user: &User,
        events: Vec<UserEvent>,
        now: DateTime<Utc>,
    ) -> Result<UserView, ChangeUserError> {
        let events = save_in(&mut *unit, context, user, events, now).await?;
        let view = UserView::from(user);
        record(unit, context, &self.ports, now, events, Outcome::User(&view)).await?;
        Ok(view)
    }
}

/// What a change within a unit of work came to.
pub(super) struct Changed {
    /// The user afterwards, without the last sign-in.
    pub(super) view: UserView,
    /// What is to be recorded; nothing if nothing changed.
    pub(super) events: Vec<Event>,
}

/// Saves a changed user and ends the sessions that the change ends; what is to be recorded of all that.
async fn save_in(
    unit: &mut dyn UnitOfWork,
    context: &RequestContext,
    user: &User,
    events: Vec<UserEvent>,
    now: DateTime<Utc>,
) -> Result<Vec<Event>, ChangeUserError> {
    unit.users().update(user).await?;
    let mut recorded: Vec<Event> = Vec::new();
    if let Some(reason) = ends_sessions(&events) {
        // Among somebody else's sessions the actor's own is none.
        let kept = context.session().filter(|_| reason == RevocationReason::PasswordChanged);
        let revoked = revoke_all(unit, user.uuid(), kept, reason, now).await?;
        unit.one_time_tokens().forget(user.uuid()).await?;
        recorded.extend(revoked.into_iter().map(Event::from));
    }
    Ok(events.into_iter().map(Event::from).chain(recorded).collect())
}

/// Why these events of a user end the sessions there are, if they do. Another role does not: it makes access tokens stale,
/// and refreshing goes on.
fn ends_sessions(events: &[UserEvent]) -> Option<RevocationReason> {
    events.iter().find_map(|event| match event.action {
        UserAction::Deleted => Some(RevocationReason::Deleted),
        UserAction::Deactivated => Some(RevocationReason::Deactivated),
        UserAction::PasswordChanged => Some(RevocationReason::PasswordChanged),
        UserAction::Created
        | UserAction::Updated
        | UserAction::RoleChanged
        | UserAction::Activated
        | UserAction::Unlocked
        | UserAction::Restored
        | UserAction::Imported
        | UserAction::Purged => None,
    })
}
