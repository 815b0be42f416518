//! Tokens and sessions as clients see them: the shapes of the OpenAPI document.

use application::authentication::ListedSession;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::body::{FreeObject, Member};
use crate::rest::rfc3339;
use crate::rest::users::schema::UserResponse;

/// An access token, and the refresh token for the next one.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TokenResponse {
    /// What to send as `Authorization: Bearer …`.
    #[schema(example = "eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiIwMTlhYTViMCJ9.c2lnbmF0dXJl")]
    pub access_token: String,
    /// What to get the next pair with, once.
    #[schema(example = "u1Y0Dq9hV3cO7mX2pZ8sK5tR6wB4nE1fG0jL9aQ3xHs")]
    pub refresh_token: String,
    /// Always `bearer`.
    #[schema(example = "bearer")]
    pub token_type: String,
    /// Seconds until the access token expires.
    #[schema(example = 900)]
    pub expires_in: i64,
    /// Seconds until the refresh token expires.
    #[schema(example = 604_800)]
    pub refresh_expires_in: i64,
    /// The session that both belong to.
    #[schema(format = "uuid", example = "019aa5b0-7c1e-7000-8000-00000000005e")]
    pub session_id: String,
}

/// The caller's own account.
#[derive(Debug, Clone, PartialEq, Deserialize, ToSchema)]
pub struct MeResponse {
    /// What everybody sees of a user.
    #[serde(flatten)]
    pub user: UserResponse,
    /// What the caller may do to others; what one may do to oneself needs no permission.
    #[schema(example = json!(["users:read", "users:assist", "sessions:manage"]))]
    pub permissions: Vec<String>,
    /// Whether another password has to be chosen before anything else.
    #[schema(example = false)]
    pub must_change_password: bool,
}

/// Somebody's live sessions, the newest first.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SessionListResponse {
    /// The sessions.
    pub sessions: Vec<SessionResponse>,
}

/// Somebody's being signed in, on one device.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SessionResponse {
    /// Its name.
    #[schema(format = "uuid", example = "019aa5b0-7c1e-7000-8000-00000000005e")]
    pub id: String,
    /// When they signed in.
    #[schema(format = "date-time", example = "2026-11-21T09:30:00.000000Z")]
    pub created_at: String,
    /// When tokens were last given out.
    #[schema(format = "date-time", example = "2026-11-21T09:30:00.000000Z")]
    pub last_used_at: String,
    /// When it ends unless it is refreshed before.
    #[schema(format = "date-time", example = "2026-11-28T09:30:00.000000Z")]
    pub expires_at: String,
    /// Where they signed in from.
    #[schema(required, example = "203.0.113.7")]
    pub ip: Option<String>,
    /// What they signed in with, as it called itself.
    #[schema(required, example = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0")]
    pub user_agent: Option<String>,
    /// Whether it is the one that asks.
    #[schema(example = true)]
    pub current: bool,
}

impl From<&ListedSession> for SessionResponse {
    fn from(listed: &ListedSession) -> Self {
        let record = listed.session.record();
        Self {
            id: record.id.get().to_string(),
            created_at: rfc3339::text(record.created_at),
            last_used_at: rfc3339::text(record.last_used_at),
            expires_at: rfc3339::text(record.expires_at),
            ip: record.ip.map(|ip| ip.to_string()),
            user_agent: record.user_agent.clone(),
            current: listed.is_current,
        }
    }
}

/// A token with which a user chooses a new password.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ResetTokenResponse {
    /// What the person sends to `POST /auth/reset-password`. It is shown this once.
    #[schema(example = "u1Y0Dq9hV3cO7mX2pZ8sK5tR6wB4nE1fG0jL9aQ3xHs")]
    pub token: String,
    /// When it is no longer good.
    #[schema(format = "date-time", example = "2026-11-21T10:30:00.000000Z")]
    pub expires_at: String,
}

/// A name and a password. As a form, it is the password grant of OAuth 2 (RFC 6749 §4.3).
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct LoginRequest {
    /// A username or an email address.
    #[schema(value_type = String, required, example = "ann")]
    #[serde(default)]
    pub(super) username: Member<String>,
    /// The same by another name, which counts where `username` is missing.
    #[schema(value_type = Option<String>, required = false, example = json!(null))]
    #[serde(default)]
    pub(super) email: Member<String>,
    /// The password.
    #[schema(value_type = String, required, format = "password", example = "correct horse battery staple", write_only)]
    #[serde(default)]
    pub(super) password: Member<String>,
    /// `password`, where a client of OAuth 2 sends it.
    #[schema(value_type = Option<String>, required = false, example = "password")]
    #[serde(default)]
    pub(super) grant_type: Member<String>,
}

/// A refresh token. As a form, it is the refresh grant of OAuth 2 (RFC 6749 §6).
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct RefreshRequest {
    /// The one that came last; it is good once.
    #[schema(value_type = String, required, example = "u1Y0Dq9hV3cO7mX2pZ8sK5tR6wB4nE1fG0jL9aQ3xHs", write_only)]
    #[serde(default)]
    pub(super) refresh_token: Member<String>,
    /// `refresh_token`, where a client of OAuth 2 sends it.
    #[schema(value_type = Option<String>, required = false, example = "refresh_token")]
    #[serde(default)]
    pub(super) grant_type: Member<String>,
}

/// The password that somebody has, and the one that they want.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct ChangePasswordRequest {
    /// The one they have.
    #[schema(value_type = String, required, format = "password", example = "correct horse battery staple", write_only)]
    #[serde(default)]
    pub(super) current_password: Member<String>,
    /// The one they want: 8 to 100 characters (`PASSWORD_MIN_LENGTH`); any but NUL, never trimmed.
    #[schema(value_type = String, required, format = "password", min_length = 8, max_length = 100,
             example = "seven llamas in a canoe", write_only)]
    #[serde(default)]
    pub(super) new_password: Member<String>,
}

/// A reset token, and the password that its holder wants.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct ResetPasswordRequest {
    /// What the administrator handed over.
    #[schema(value_type = String, required, example = "u1Y0Dq9hV3cO7mX2pZ8sK5tR6wB4nE1fG0jL9aQ3xHs", write_only)]
    #[serde(default)]
    pub(super) token: Member<String>,
    /// 8 to 100 characters (`PASSWORD_MIN_LENGTH`); any but NUL, never trimmed.
    #[schema(value_type = String, required, format = "password", min_length = 8, max_length = 100,
             example = "seven llamas in a canoe", write_only)]
    #[serde(default)]
    pub(super) new_password: Member<String>,
}

/// An account for oneself. Unknown members are ignored, and so are those that only others may set.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct RegisterRequest {
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
    /// The language to speak to the person in (BCP 47).
    #[schema(value_type = Option<String>, required = false, example = "en-GB")]
    #[serde(default)]
    pub(super) locale: Member<String>,
    /// The application's data that the person may change; at most 16 KiB.
    #[schema(value_type = Option<Object>, required = false, example = json!({"theme": "dark"}))]
    #[serde(default)]
    pub(super) user_metadata: Member<FreeObject>,
}
