//! What a database keeps about a user.

use chrono::{DateTime, Utc};

use crate::values::{
    EmailAddress, ExternalId, Locale, Metadata, PasswordHash, PersonName, Role, StatusReason, UserUuid, Username,
};

/// Every stored value of a user but the number, which the database gives.
///
/// The fields are public for adapters, which read and write all of them. Nobody else needs one: changing a record
/// changes no user, as [`User`](super::User) lends it read-only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserRecord {
    /// The public name.
    pub uuid: UserUuid,
    /// The name to sign in with.
    pub username: Username,
    /// The address to reach the person at.
    pub email: EmailAddress,
    /// Whether this user's name and address are taken for others. False once deleted, unless deleted names are reserved.
    pub holds_names: bool,
    /// The password's hash, in a format that names its algorithm.
    pub password_hash: PasswordHash,
    /// When the password was last set.
    pub password_changed_at: DateTime<Utc>,
    /// Whether the person must choose another password before doing anything else.
    pub must_change_password: bool,
    /// The whole name, where it is more than first and last name joined.
    pub full_name: Option<PersonName>,
    /// The given name.
    pub first_name: Option<PersonName>,
    /// The family name.
    pub last_name: Option<PersonName>,
    /// What the user may do.
    pub role: Role,
    /// Whether the user may sign in.
    pub is_active: bool,
    /// When a deactivation ends by itself.
    pub suspended_until: Option<DateTime<Utc>>,
    /// Why the user was deactivated.
    pub status_reason: Option<StatusReason>,
    /// When the address was last proven to be the person's.
    pub email_verified_at: Option<DateTime<Utc>>,
    /// The user's name in another system.
    pub external_id: Option<ExternalId>,
    /// The language to speak to the person in.
    pub locale: Option<Locale>,
    /// The application's data that the person may change.
    pub user_metadata: Metadata,
    /// The application's data that only `users:update` may change.
    pub app_metadata: Metadata,
    /// Who made the account.
    pub created_by: Option<UserUuid>,
    /// Grows by one with each change.
    pub version: i64,
    /// Grows when access tokens made before must stop working.
    pub auth_epoch: i64,
    /// When the account was made.
    pub created_at: DateTime<Utc>,
    /// When anything here but the sign-in times last changed.
    pub updated_at: DateTime<Utc>,
    /// When the user was deleted, softly.
    pub deleted_at: Option<DateTime<Utc>>,
}

impl UserRecord {
    /// The name to show: the stored one, else first and last name joined by a space.
    pub fn displayed_full_name(&self) -> Option<String> {
        match &self.full_name {
            Some(name) => Some(name.as_str().to_owned()),
            None => join_names(
                self.first_name.as_ref().map(PersonName::as_str),
                self.last_name.as_ref().map(PersonName::as_str),
            ),
        }
    }
}

/// First and last name joined by a space; the one that is there if the other is missing or empty.
pub(super) fn join_names(first: Option<&str>, last: Option<&str>) -> Option<String> {
    match (first.filter(|name| !name.is_empty()), last.filter(|name| !name.is_empty())) {
        (Some(first), Some(last)) => Some(format!("{first} {last}")),
        (Some(name), None) | (None, Some(name)) => Some(name.to_owned()),
        (None, None) => None,
    }
}
