//! Reading one user as they were, from what the audit trail says happened to them.

use chrono::{DateTime, TimeDelta, Utc};
use domain::access::Permission;
use domain::ports::{StorageError, StorageFault};
use domain::query::DeletedScope;
use domain::user::{UserAction, UserView};
use domain::values::{EmailAddress, Metadata, Role, UserRef};
use serde_json::Value;
use uuid::Uuid;

use super::{GetUserError, Users};
use crate::RequestContext;
use crate::audit::{AuditRecord, History, ShownActor, ShownChange};
use crate::authorization::may_see;

/// Signing in, of which a user shows when it was last.
const LOGIN: &str = "auth.login";

impl Users {
    /// One user as they were then; with `including_deleted` also if they were deleted then.
    ///
    /// What the trail has of them up to that moment is put together in the order in which it was written: what
    /// [`get`](Self::get) answered then. Somebody who was not made yet, or is erased by now, is not there; nor is somebody
    /// whose making no event tells of.
    ///
    /// # Errors
    ///
    /// [`GetUserError`], by variant; an event that cannot be read is a failure of the storage.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn get_as_of(
        &self,
        context: &RequestContext,
        user: UserRef,
        at: DateTime<Utc>,
        including_deleted: bool,
    ) -> Result<UserView, GetUserError> {
        let actor = &context.actor;
        let is_allowed = actor.may(Permission::AuditRead) && (!including_deleted || actor.may(Permission::UsersDelete));
        let scope = if is_allowed { DeletedScope::All } else { DeletedScope::Live };
        let now = match self.ports.queries.find(user, scope).await? {
            Some(view) if !may_see(actor, view.uuid) => return Err(GetUserError::NotFound),
            Some(_) if !is_allowed => return Err(GetUserError::Forbidden),
            Some(view) => view,
            None => return Err(GetUserError::NotFound),
        };
        let past = self.past(&now, at).await;
        if past.is_err() && self.ports.queries.find(user, scope).await?.is_none() {
            // Erased meanwhile: nothing about them opens any more.
            return Err(GetUserError::NotFound);
        }
        let then = past?.filter(|then| including_deleted || then.deleted_at.is_none());
        then.ok_or(GetUserError::NotFound)
    }

    async fn past(&self, user: &UserView, at: DateTime<Utc>) -> Result<Option<UserView>, StorageError> {
        let mut history = History::of(&self.ports, user.uuid, at);
        let mut past = Past::default();
        while let Some(part) = history.part(|action| action == LOGIN || action.starts_with("user.")).await? {
            for event in part {
                past.follow(user, event)?;
            }
        }
        Ok(past.view)
    }
}

/// A user on the way through what happened to them.
#[derive(Default)]
struct Past {
    view: Option<UserView>,
    last_change: Option<Occasion>,
}

/// What the events of one unit of work have in common.
type Occasion = (DateTime<Utc>, Option<String>, Option<Uuid>, ShownActor);

impl Past {
    fn follow(&mut self, user: &UserView, event: AuditRecord) -> Result<(), StorageError> {
        let is_first = [UserAction::Created, UserAction::Imported].map(UserAction::as_str).contains(&&*event.action);
        if is_first && self.view.is_none() {
            self.view = Some(beginning(user, event.recorded_at));
        }
        let Some(view) = &mut self.view else { return Ok(()) };
        if event.action == LOGIN {
            view.last_login_at = view.last_login_at.max(Some(event.recorded_at));
            return Ok(());
        }
        let (at, has_changes) = (event.recorded_at, !event.changes.is_empty());
        for change in event.changes {
            apply(view, change)?;
        }
        let occasion = (at, event.request_id, event.session_id, event.actor);
        if has_changes && self.last_change.as_ref() != Some(&occasion) {
            if self.last_change.is_some() {
                view.version += 1;
                // As the user itself keeps it, see `User::touch`.
                view.updated_at = at.max(view.updated_at + TimeDelta::microseconds(1));
            }
            self.last_change = Some(occasion);
        }
        Ok(())
    }
}

/// Somebody who was just made, before the first value is known.
fn beginning(user: &UserView, at: DateTime<Utc>) -> UserView {
    UserView {
        id: user.id,
        uuid: user.uuid,
        username: String::new(),
        email: String::new(),
        full_name: None,
        first_name: None,
        last_name: None,
        role: Role::User,
        is_active: true,
        email_verified: false,
        external_id: None,
        locale: None,
        user_metadata: Metadata::empty(),
        app_metadata: Metadata::empty(),
        suspended_until: None,
        created_at: at,
        updated_at: at,
        last_login_at: None,
        deleted_at: None,
        version: 1,
    }
}

fn apply(view: &mut UserView, change: ShownChange) -> Result<(), StorageError> {
    let new = change.new.unwrap_or(Value::Null);
    match change.field.as_str() {
        "username" => view.username = text(new).ok_or_else(unreadable)?,
        "email" => {
            let email = text(new).ok_or_else(unreadable)?;
            // Another address is not proven yet; the same in other letters still is.
            let is_other = EmailAddress::key_of(&email) != EmailAddress::key_of(&view.email);
            view.email_verified &= view.email.is_empty() || !is_other;
            view.email = email;
        }
        "full_name" => view.full_name = text(new),
        "first_name" => view.first_name = text(new),
        "last_name" => view.last_name = text(new),
        "external_id" => view.external_id = text(new),
        "locale" => view.locale = text(new),
        "role" => view.role = text(new).and_then(|role| Role::parse(&role).ok()).ok_or_else(unreadable)?,
        "is_active" => view.is_active = new.as_bool().ok_or_else(unreadable)?,
        "email_verified" => view.email_verified = new.as_bool().ok_or_else(unreadable)?,
        "email_verified_at" => view.email_verified = !new.is_null(),
        "user_metadata" => view.user_metadata = Metadata::from_stored(new.to_string()),
        "app_metadata" => view.app_metadata = Metadata::from_stored(new.to_string()),
        "suspended_until" => view.suspended_until = time(&new)?,
        "deleted_at" => view.deleted_at = time(&new)?,
        "created_at" => view.created_at = time(&new)?.ok_or_else(unreadable)?,
        // Passwords, reasons and demands, which readers of a user do not see.
        _ => {}
    }
    Ok(())
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}

fn time(value: &Value) -> Result<Option<DateTime<Utc>>, StorageError> {
    let Some(text) = value.as_str() else { return Ok(None) };
    let time = DateTime::parse_from_rfc3339(text).map_err(|_| unreadable())?;
    Ok(Some(time.to_utc()))
}

fn unreadable() -> StorageError {
    StorageError::new(StorageFault::Failed, "what the audit trail says of a user cannot be read")
}
