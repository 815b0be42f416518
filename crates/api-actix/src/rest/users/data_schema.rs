//! Everything that is kept about a person, as the OpenAPI document describes it.

use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::schema::UserResponse;
use crate::rest::audit::schema::EventResponse;

/// Everything that is kept about a person.
#[derive(Debug, Clone, PartialEq, Deserialize, ToSchema)]
pub struct UserDataResponse {
    /// When it was put together.
    #[schema(format = "date-time", example = "2026-11-21T09:08:07.006005Z")]
    pub generated_at: String,
    /// The user, with what is shown nowhere else.
    pub user: UserDataUser,
    /// What is known of their signing in.
    pub sign_ins: UserDataSignIns,
    /// Sessions that are still kept, live or not, the newest first.
    pub sessions: Vec<UserDataSession>,
    /// What happened to them, the newest first. Of others it tells neither who they are nor where they were.
    pub events_about: Vec<EventResponse>,
    /// What they did to others, the newest first, without the values.
    pub events_by: Vec<EventResponse>,
}

/// A user, with what is shown nowhere else.
#[derive(Debug, Clone, PartialEq, Deserialize, ToSchema)]
pub struct UserDataUser {
    /// What is shown elsewhere, too.
    #[serde(flatten)]
    pub user: UserResponse,
    /// When the address was last proven to be the person's.
    #[schema(required, format = "date-time", example = json!(null))]
    pub email_verified_at: Option<String>,
    /// Whether the person must choose another password before doing anything else.
    #[schema(example = false)]
    pub must_change_password: bool,
    /// When the password was last set.
    #[schema(format = "date-time", example = "2026-11-21T09:08:07.006005Z")]
    pub password_changed_at: String,
    /// Why the user was deactivated.
    #[schema(required, example = json!(null))]
    pub status_reason: Option<String>,
}

/// What is known of somebody's signing in.
#[derive(Debug, Clone, PartialEq, Deserialize, ToSchema)]
pub struct UserDataSignIns {
    /// When the person last signed in.
    #[schema(required, format = "date-time", example = "2026-11-21T09:08:07.006005Z")]
    pub last_login_at: Option<String>,
    /// How many networks they signed in from; which ones is not kept.
    #[schema(example = 2)]
    pub known_networks: u64,
    /// Failed tries under their names that are not forgotten yet.
    pub failures: Vec<UserDataFailures>,
}

/// Failed tries to sign in under a name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
pub struct UserDataFailures {
    /// `username` or `email`.
    #[schema(example = "username")]
    pub name: String,
    /// How many.
    #[schema(example = 1)]
    pub failures: u32,
    /// When the last one was.
    #[schema(format = "date-time", example = "2026-11-21T09:08:07.006005Z")]
    pub last_failed_at: String,
    /// Tries from unknown networks must wait until then.
    #[schema(required, format = "date-time", example = json!(null))]
    pub wait_until: Option<String>,
}

/// A session that is still kept.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
pub struct UserDataSession {
    /// Its id.
    #[schema(example = "019aa5b0-7c1e-7000-8000-00000000005e")]
    pub id: Uuid,
    /// How they proved who they are (RFC 8176).
    #[schema(example = "pwd")]
    pub method: String,
    /// When they signed in.
    #[schema(format = "date-time", example = "2026-11-21T09:08:07.006005Z")]
    pub created_at: String,
    /// When tokens were last given out.
    #[schema(format = "date-time", example = "2026-11-21T09:08:07.006005Z")]
    pub last_used_at: String,
    /// When it ends, or ended, unless it is refreshed before.
    #[schema(format = "date-time", example = "2026-11-28T09:08:07.006005Z")]
    pub expires_at: String,
    /// When it ends in any case.
    #[schema(format = "date-time", example = "2027-02-19T09:08:07.006005Z")]
    pub ends_at: String,
    /// When it was ended before its time.
    #[schema(required, format = "date-time", example = json!(null))]
    pub revoked_at: Option<String>,
    /// Where they signed in from.
    #[schema(required, example = "203.0.113.7")]
    pub ip: Option<String>,
    /// With what.
    #[schema(required, example = "curl/8.5.0")]
    pub user_agent: Option<String>,
}
