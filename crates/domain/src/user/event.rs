//! What happened to a user: the raw material of the audit trail.

use chrono::{DateTime, Utc};

use crate::values::UserUuid;

/// One thing that happened to one user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserEvent {
    /// What happened.
    pub action: UserAction,
    /// To whom.
    pub user: UserUuid,
    /// Which fields changed, from what to what.
    pub changes: Vec<FieldChange>,
}

/// The kinds of things that happen to users.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UserAction {
    /// An account was made.
    Created,
    /// Names, addresses, metadata and the like changed.
    Updated,
    /// Another password was set.
    PasswordChanged,
    /// The role changed.
    RoleChanged,
    /// The user may no longer sign in.
    Deactivated,
    /// The user may sign in again.
    Activated,
    /// Failed sign-ins of the user were forgotten.
    Unlocked,
    /// The user was deleted, softly.
    Deleted,
    /// A deleted user is back.
    Restored,
    /// The person was erased.
    Purged,
    /// The account came from another system.
    Imported,
}

impl UserAction {
    /// The action's name in the audit trail.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "user.created",
            Self::Updated => "user.updated",
            Self::PasswordChanged => "user.password_changed",
            Self::RoleChanged => "user.role_changed",
            Self::Deactivated => "user.deactivated",
            Self::Activated => "user.activated",
            Self::Unlocked => "user.unlocked",
            Self::Deleted => "user.deleted",
            Self::Restored => "user.restored",
            Self::Purged => "user.purged",
            Self::Imported => "user.imported",
        }
    }
}

/// One field's way from one value to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// The field's name in answers.
    pub field: &'static str,
    /// What it was.
    pub old: FieldValue,
    /// What it is now.
    pub new: FieldValue,
}

/// A field's value in an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldValue {
    /// No value.
    Null,
    /// A text.
    Text(String),
    /// Yes or no.
    Bool(bool),
    /// A moment.
    Time(DateTime<Utc>),
    /// A JSON object, as text.
    Json(String),
    /// A value that is never written down; only that it changed is.
    Secret,
}

impl FieldValue {
    /// A text, or null.
    pub fn text<T: AsRef<str>>(value: Option<T>) -> Self {
        value.map_or(Self::Null, |text| Self::Text(text.as_ref().to_owned()))
    }

    /// A moment, or null.
    pub fn time(value: Option<DateTime<Utc>>) -> Self {
        value.map_or(Self::Null, Self::Time)
    }
}
