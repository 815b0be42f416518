//! `/users/{id}/sessions`: the sessions of somebody else, for those who help.

use actix_web::{HttpResponse, delete, get};

use crate::error_code::ErrorCode;
use crate::problem::Problem;
use crate::rest::auth::schema::SessionListResponse;
use crate::rest::auth::show_sessions;
use crate::rest::call::Call;

pub(super) const LIST_ERRORS: &[ErrorCode] =
    &[ErrorCode::ValidationFailed, ErrorCode::Forbidden, ErrorCode::UserNotFound];

pub(super) const REVOKE_ERRORS: &[ErrorCode] =
    &[ErrorCode::ValidationFailed, ErrorCode::Forbidden, ErrorCode::UserNotFound, ErrorCode::SessionNotFound];

/// List a user's sessions.
///
/// The live ones, the newest first.
#[utoipa::path(
    tag = "users",
    operation_id = "listUserSessions",
    params(("id" = String, Path, description = "The user's number or UUID.", example = "42")),
    responses((status = 200, description = "The sessions.", body = SessionListResponse))
)]
#[get("/{id}/sessions")]
pub(super) async fn list_user_sessions(call: Call) -> Result<HttpResponse, Problem> {
    let id = call.user()?;
    let sessions = call.api().authentication.list_sessions(&call.reader(), id).await?;
    Ok(show_sessions(&sessions))
}

/// End a user's sessions.
///
/// All of them, save the caller's own if it is one. Their access tokens are refused within a second.
#[utoipa::path(
    tag = "users",
    operation_id = "revokeUserSessions",
    params(("id" = String, Path, description = "The user's number or UUID.", example = "42")),
    responses((status = 204, description = "The sessions have ended."))
)]
#[delete("/{id}/sessions")]
pub(super) async fn revoke_user_sessions(call: Call) -> Result<HttpResponse, Problem> {
    let id = call.user()?;
    let work = call.write_access(async move |access, context| access.revoke_sessions(&context, id).await);
    call.once(work, |()| HttpResponse::NoContent().finish()).await
}

/// End one of a user's sessions.
///
/// Its access tokens are refused within a second.
#[utoipa::path(
    tag = "users",
    operation_id = "revokeUserSession",
    params(
        ("id" = String, Path, description = "The user's number or UUID.", example = "42"),
        ("sid" = Uuid, Path, description = "The session's id.", example = "019aa5b0-7c1e-7000-8000-00000000005e"),
    ),
    responses((status = 204, description = "The session has ended."))
)]
#[delete("/{id}/sessions/{sid}")]
pub(super) async fn revoke_user_session(call: Call) -> Result<HttpResponse, Problem> {
    let (id, session) = (call.user()?, call.session_in_path()?);
    let work = call.write_access(async move |access, context| access.revoke_session(&context, id, session).await);
    call.once(work, |()| HttpResponse::NoContent().finish()).await
}
