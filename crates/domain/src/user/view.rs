//! What readers see of a user.

use std::borrow::Cow;

use chrono::{DateTime, Utc};

use super::User;
use super::record::join_names;
use crate::values::{Metadata, Role, UserId, UserUuid};

/// A user as readers see it: no password hash, nothing derived from one, values as they are stored.
///
/// Reading takes this way because most requests read: a row becomes a view without being checked again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserView {
    /// The number the database gave.
    pub id: UserId,
    /// The public name.
    pub uuid: UserUuid,
    /// The name to sign in with.
    pub username: String,
    /// The address to reach the person at.
    pub email: String,
    /// The stored whole name; see [`UserView::displayed_full_name`].
    pub full_name: Option<String>,
    /// The given name.
    pub first_name: Option<String>,
    /// The family name.
    pub last_name: Option<String>,
    /// What the user may do.
    pub role: Role,
    /// Whether the user may sign in.
    pub is_active: bool,
    /// Whether the address is known to be the person's.
    pub email_verified: bool,
    /// The user's name in another system.
    pub external_id: Option<String>,
    /// The language to speak to the person in.
    pub locale: Option<String>,
    /// The application's data that the person may change.
    pub user_metadata: Metadata,
    /// The application's data that only `users:update` may change.
    pub app_metadata: Metadata,
    /// When a deactivation ends by itself.
    pub suspended_until: Option<DateTime<Utc>>,
    /// When the account was made.
    pub created_at: DateTime<Utc>,
    /// When anything here but `last_login_at` last changed.
    pub updated_at: DateTime<Utc>,
    /// When the person last signed in; not part of the version.
    pub last_login_at: Option<DateTime<Utc>>,
    /// When the user was deleted, softly.
    pub deleted_at: Option<DateTime<Utc>>,
    /// Grows by one with each change.
    pub version: i64,
}

impl UserView {
    /// The name to show: the stored one, else first and last name joined by a space.
    pub fn displayed_full_name(&self) -> Option<Cow<'_, str>> {
        match &self.full_name {
            Some(name) => Some(Cow::Borrowed(name)),
            None => join_names(self.first_name.as_deref(), self.last_name.as_deref()).map(Cow::Owned),
        }
    }
}

impl From<&User> for UserView {
    fn from(user: &User) -> Self {
        let record = user.record();
        Self {
            id: user.id(),
            uuid: record.uuid,
            username: record.username.as_str().to_owned(),
            email: record.email.as_str().to_owned(),
            full_name: record.full_name.as_ref().map(|name| name.as_str().to_owned()),
            first_name: record.first_name.as_ref().map(|name| name.as_str().to_owned()),
            last_name: record.last_name.as_ref().map(|name| name.as_str().to_owned()),
            role: record.role,
            is_active: record.is_active,
            email_verified: record.email_verified_at.is_some(),
            external_id: record.external_id.as_ref().map(|id| id.as_str().to_owned()),
            locale: record.locale.as_ref().map(|locale| locale.as_str().to_owned()),
            user_metadata: record.user_metadata.clone(),
            app_metadata: record.app_metadata.clone(),
            suspended_until: record.suspended_until,
            created_at: record.created_at,
            updated_at: record.updated_at,
            last_login_at: None,
            deleted_at: record.deleted_at,
            version: record.version,
        }
    }
}
