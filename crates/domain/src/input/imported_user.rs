//! A user out of a file or another system, checked.

use chrono::{DateTime, Utc};

use super::Change;
use crate::values::{
    EmailAddress, ExternalId, Locale, Metadata, PasswordHash, PersonName, PlainPassword, Role, UserUuid, Username,
};

/// A user out of a file, with every value checked.
///
/// What the file does not mention is told apart from what it says is not there, so that an import can update users
/// without clearing what the file has no column for. `None` and [`Change::Keep`] are: not mentioned.
#[derive(Debug, Clone)]
pub struct ImportedUser {
    /// The name to sign in with.
    pub username: Username,
    /// The mail address.
    pub email: EmailAddress,
    /// How they prove who they are; without it they exist, and sign in once a password was set.
    pub credential: Option<Credential>,
    /// The whole name; it may be no more than first and last name joined, which is not to be stored.
    pub full_name: Change<PersonName>,
    /// The given name.
    pub first_name: Change<PersonName>,
    /// The family name.
    pub last_name: Change<PersonName>,
    /// What the user may do. Only CSV and NDJSON tell: no other system gives rights here.
    pub role: Option<Role>,
    /// Whether the user may sign in.
    pub is_active: Option<bool>,
    /// When a deactivation ends by itself; it may have passed.
    pub suspended_until: Option<DateTime<Utc>>,
    /// Whether the address is known to be the person's.
    pub email_verified: Option<bool>,
    /// Whether the person must choose another password first.
    pub must_change_password: Option<bool>,
    /// The id in another system.
    pub external_id: Change<ExternalId>,
    /// The preferred language.
    pub locale: Change<Locale>,
    /// What the person keeps with the application.
    pub user_metadata: Change<Metadata>,
    /// What the application keeps about the person.
    pub app_metadata: Change<Metadata>,
    /// When the account was made, in whole microseconds.
    pub created_at: Option<DateTime<Utc>>,
    /// The public name; of any version, but neither the nil nor the max UUID.
    pub uuid: Option<UserUuid>,
}

/// How somebody proves who they are.
#[derive(Debug, Clone)]
pub enum Credential {
    /// A password, to be hashed.
    Password(PlainPassword),
    /// A hash, to be stored as it is.
    Hash(PasswordHash),
}
