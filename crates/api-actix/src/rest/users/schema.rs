//! Users as clients see them: the shapes of the OpenAPI document.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::body::{FreeObject, Member};

/// The id of a user: the number, or the UUID where the service hides numbers (`USER_ID_FORMAT=uuid`).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum UserIdValue {
    /// The number that the database gave; never given again.
    Number(i64),
    /// The UUID.
    Uuid(String),
}

/// A user. No password, no hash, nothing derived from one.
#[derive(Debug, Clone, PartialEq, Deserialize, ToSchema)]
pub struct UserResponse {
    /// The number, or the UUID again where the service hides numbers.
    #[schema(value_type = i64, example = 42)]
    pub id: UserIdValue,
    /// The public name of the user, a UUID of version 7.
    #[schema(format = "uuid", example = "019aa5b0-7c1e-7000-8000-000000000042")]
    pub uuid: String,
    /// The name to sign in with, as it was typed.
    #[schema(example = "ann")]
    pub username: String,
    /// The address to reach the person at, as it was typed.
    #[schema(format = "email", example = "ann@example.com")]
    pub email: String,
    /// The stored full name, else first and last name joined by a space.
    #[schema(required, example = "Ann Archer")]
    pub full_name: Option<String>,
    /// The given name.
    #[schema(required, example = "Ann")]
    pub first_name: Option<String>,
    /// The family name.
    #[schema(required, example = "Archer")]
    pub last_name: Option<String>,
    /// What the user may do.
    #[schema(value_type = RoleName, example = "user")]
    pub role: String,
    /// Whether the user may sign in.
    #[schema(example = true)]
    pub is_active: bool,
    /// Whether the address is known to be the person's.
    #[schema(example = false)]
    pub email_verified: bool,
    /// The user's name in another system.
    #[schema(required, example = "hr-1042")]
    pub external_id: Option<String>,
    /// The language to speak to the person in (BCP 47).
    #[schema(required, example = "en-GB")]
    pub locale: Option<String>,
    /// The application's data that the person may change.
    #[schema(value_type = Object, example = json!({"theme": "dark"}))]
    pub user_metadata: BTreeMap<String, Value>,
    /// The application's data that only `users:update` may change.
    #[schema(value_type = Object, example = json!({"plan": "free"}))]
    pub app_metadata: BTreeMap<String, Value>,
    /// When a deactivation ends by itself.
    #[schema(required, format = "date-time", example = json!(null))]
    pub suspended_until: Option<String>,
    /// When the account was made.
    #[schema(format = "date-time", example = "2026-11-21T09:30:00.000000Z")]
    pub created_at: String,
    /// When anything here but `last_login_at` last changed.
    #[schema(format = "date-time", example = "2026-11-21T09:30:00.000000Z")]
    pub updated_at: String,
    /// When the person last signed in; not part of the `ETag`.
    #[schema(required, format = "date-time", example = json!(null))]
    pub last_login_at: Option<String>,
    /// When the user was deleted; only there where deleted users are asked for.
    #[serde(default)]
    #[schema(required = false, format = "date-time")]
    pub deleted_at: Option<String>,
}

/// What a user may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum RoleName {
    /// Change themself.
    User,
    /// Read everybody, assist users.
    Moderator,
    /// Everything.
    Admin,
}

/// Which users are listed: living ones, deleted ones too, or only deleted ones.
#[derive(Debug, Clone, Copy, ToSchema)]
#[schema(rename_all = "lowercase")]
pub enum DeletedParameter {
    /// Living ones (the default).
    False,
    /// Living and deleted ones.
    True,
    /// Only deleted ones.
    Only,
}

/// The order of a listing; a leading `-` means descending. Ties are broken by id.
#[derive(Debug, Clone, Copy, ToSchema)]
pub enum SortParameter {
    /// By id (the default).
    #[schema(rename = "id")]
    Id,
    /// By id, descending.
    #[schema(rename = "-id")]
    IdDescending,
    /// By the time the account was made.
    #[schema(rename = "created_at")]
    CreatedAt,
    /// By the time the account was made, descending.
    #[schema(rename = "-created_at")]
    CreatedAtDescending,
    /// By the time of the last change.
    #[schema(rename = "updated_at")]
    UpdatedAt,
    /// By the time of the last change, descending.
    #[schema(rename = "-updated_at")]
    UpdatedAtDescending,
    /// By username.
    #[schema(rename = "username")]
    Username,
    /// By username, descending.
    #[schema(rename = "-username")]
    UsernameDescending,
    /// By email address.
    #[schema(rename = "email")]
    Email,
    /// By email address, descending.
    #[schema(rename = "-email")]
    EmailDescending,
    /// By the time of the last sign-in; who never signed in comes last.
    #[schema(rename = "last_login_at")]
    LastLoginAt,
    /// By the time of the last sign-in, descending; who never signed in comes last.
    #[schema(rename = "-last_login_at")]
    LastLoginAtDescending,
}

/// Whether a listing is counted.
#[derive(Debug, Clone, Copy, ToSchema)]
#[schema(rename_all = "lowercase")]
pub enum CountParameter {
    /// Exactly (the default), save that a search stops at 10,000.
    Exact,
    /// Not at all.
    None,
}

/// A page of users.
#[derive(Debug, Clone, PartialEq, Deserialize, ToSchema)]
pub struct UserListResponse {
    /// The users, in order.
    pub users: Vec<UserResponse>,
    /// How many users match in all, as of a second ago at most; null where `count=none`.
    #[schema(required, example = 1)]
    pub total: Option<u64>,
    /// That counting a search stopped, at 10,000 or after looking at 20,000 users, so that there may be more; only there if it
    /// did.
    #[serde(default)]
    #[schema(required = false)]
    pub total_capped: bool,
    /// `skip / limit + 1`, and 1 where the limit is 0; null for a page asked for by cursor, whose number is not known.
    #[schema(required, example = 1)]
    pub page: Option<u64>,
    /// The limit in force.
    #[schema(example = 10)]
    pub page_size: u32,
    /// What to send as `cursor` for the next page; null on the last one.
    #[schema(required, example = json!(null))]
    pub next_cursor: Option<String>,
}

/// A user to be made. Unknown and read-only members are ignored.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct CreateUserRequest {
    /// 3 to 50 characters: no white space, control characters or `@`. Compared without regard to case and width.
    #[schema(value_type = String, required, min_length = 3, max_length = 50, example = "ann")]
    #[serde(default)]
    pub(super) username: Member<String>,
    /// An address as browsers accept it, with a dot in the domain. Compared without regard to case.
    #[schema(value_type = String, required, format = "email", max_length = 254, example = "ann@example.com")]
    #[serde(default)]
    pub(super) email: Member<String>,
    /// 8 to 100 characters (`PASSWORD_MIN_LENGTH`); any but NUL, never trimmed.
    #[schema(value_type = String, required, format = "password", min_length = 8, max_length = 100,
             example = "correct horse battery staple", write_only)]
    #[serde(default)]
    pub(super) password: Member<String>,
    /// At most 100 characters; derived from first and last name where it is missing.
    #[schema(value_type = Option<String>, required = false, max_length = 100, example = "Ann Archer")]
    #[serde(default)]
    pub(super) full_name: Member<String>,
    /// At most 100 characters.
    #[schema(value_type = Option<String>, required = false, max_length = 100, example = "Ann")]
    #[serde(default)]
    pub(super) first_name: Member<String>,
    /// At most 100 characters.
    #[schema(value_type = Option<String>, required = false, max_length = 100, example = "Archer")]
    #[serde(default)]
    pub(super) last_name: Member<String>,
    /// `user` where it is missing.
    #[schema(value_type = RoleName, required = false, example = "user")]
    #[serde(default)]
    pub(super) role: Member<String>,
    /// True where it is missing.
    #[schema(value_type = bool, required = false, example = true)]
    #[serde(default)]
    pub(super) is_active: Member<bool>,
    /// Whether the person must choose another password before doing anything else; false where it is missing. Not shown.
    #[schema(value_type = bool, required = false, example = false, write_only)]
    #[serde(default)]
    pub(super) must_change_password: Member<bool>,
    /// The user's name in another system; one user each.
    #[schema(value_type = Option<String>, required = false, example = "hr-1042")]
    #[serde(default)]
    pub(super) external_id: Member<String>,
    /// The language to speak to the person in (BCP 47).
    #[schema(value_type = Option<String>, required = false, example = "en-GB")]
    #[serde(default)]
    pub(super) locale: Member<String>,
    /// The application's data that the person may change; at most 16 KiB.
    #[schema(value_type = Option<Object>, required = false, example = json!({"theme": "dark"}))]
    #[serde(default)]
    pub(super) user_metadata: Member<FreeObject>,
    /// The application's data that only `users:update` may change; at most 16 KiB.
    #[schema(value_type = Option<Object>, required = false, example = json!({"plan": "free"}))]
    #[serde(default)]
    pub(super) app_metadata: Member<FreeObject>,
}

/// Changes to a user: a missing member stays as it is, null clears an optional one. Unknown and read-only members are
/// ignored, so what was read may be sent back.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct ChangeUserRequest {
    /// 3 to 50 characters: no white space, control characters or `@`.
    #[schema(value_type = String, required = false, min_length = 3, max_length = 50, example = "ann")]
    #[serde(default)]
    pub(super) username: Member<String>,
    /// An address as browsers accept it, with a dot in the domain.
    #[schema(value_type = String, required = false, format = "email", max_length = 254, example = "ann@example.com")]
    #[serde(default)]
    pub(super) email: Member<String>,
    /// 8 to 100 characters (`PASSWORD_MIN_LENGTH`); any but NUL, never trimmed.
    #[schema(value_type = String, required = false, format = "password", min_length = 8, max_length = 100,
             example = "correct horse battery staple", write_only)]
    #[serde(default)]
    pub(super) password: Member<String>,
    /// The password that the user has now: needed beside their own new password, email address or username.
    #[schema(value_type = Option<String>, required = false, format = "password", example = json!(null), write_only)]
    #[serde(default)]
    pub(super) current_password: Member<String>,
    /// At most 100 characters; cleared, it is derived from first and last name.
    #[schema(value_type = Option<String>, required = false, max_length = 100, example = "Ann Archer")]
    #[serde(default)]
    pub(super) full_name: Member<String>,
    /// At most 100 characters.
    #[schema(value_type = Option<String>, required = false, max_length = 100, example = "Ann")]
    #[serde(default)]
    pub(super) first_name: Member<String>,
    /// At most 100 characters.
    #[schema(value_type = Option<String>, required = false, max_length = 100, example = "Archer")]
    #[serde(default)]
    pub(super) last_name: Member<String>,
    /// What the user may do.
    #[schema(value_type = RoleName, required = false, example = "moderator")]
    #[serde(default)]
    pub(super) role: Member<String>,
    /// Whether the user may sign in.
    #[schema(value_type = bool, required = false, example = true)]
    #[serde(default)]
    pub(super) is_active: Member<bool>,
    /// Whether the person must choose another password before doing anything else. Not shown.
    #[schema(value_type = bool, required = false, example = false, write_only)]
    #[serde(default)]
    pub(super) must_change_password: Member<bool>,
    /// The user's name in another system; one user each.
    #[schema(value_type = Option<String>, required = false, example = "hr-1042")]
    #[serde(default)]
    pub(super) external_id: Member<String>,
    /// The language to speak to the person in (BCP 47).
    #[schema(value_type = Option<String>, required = false, example = "en-GB")]
    #[serde(default)]
    pub(super) locale: Member<String>,
    /// The application's data that the person may change; PUT replaces it, PATCH merges it (RFC 7396).
    #[schema(value_type = Option<Object>, required = false, example = json!({"theme": "dark"}))]
    #[serde(default)]
    pub(super) user_metadata: Member<FreeObject>,
    /// The application's data that only `users:update` may change; PUT replaces it, PATCH merges it (RFC 7396).
    #[schema(value_type = Option<Object>, required = false, example = json!({"plan": "free"}))]
    #[serde(default)]
    pub(super) app_metadata: Member<FreeObject>,
}

/// Why and until when a user is deactivated; both may be left out.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct DeactivateUserRequest {
    /// Why, for those who look later.
    #[schema(value_type = Option<String>, required = false, example = "left the company")]
    #[serde(default)]
    pub(super) reason: Member<String>,
    /// When the user is activated again by itself, within a minute; for good where it is missing.
    #[schema(value_type = Option<String>, required = false, format = "date-time", example = "2027-01-01T00:00:00Z")]
    #[serde(default)]
    pub(super) until: Member<String>,
}
