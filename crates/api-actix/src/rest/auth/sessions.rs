//! `/auth/sessions`: where one is signed in.

use actix_web::{HttpResponse, delete, get};

use super::schema::SessionListResponse;
use super::show_sessions;
use crate::error_code::ErrorCode;
use crate::problem::Problem;
use crate::rest::entrance::SignedIn;

pub(super) const LIST_ERRORS: &[ErrorCode] = &[ErrorCode::UserNotFound];
pub(super) const REVOKE_ERRORS: &[ErrorCode] =
    &[ErrorCode::ValidationFailed, ErrorCode::UserNotFound, ErrorCode::SessionNotFound];

/// List one's own sessions.
///
/// The live ones, the newest first; `current` marks the one that asks.
#[utoipa::path(
    tag = "auth",
    operation_id = "listSessions",
    responses((status = 200, description = "The sessions.", body = SessionListResponse))
)]
#[get("/sessions")]
pub(super) async fn list_sessions(caller: SignedIn) -> Result<HttpResponse, Problem> {
    let SignedIn { call, user, .. } = caller;
    let sessions = call.api().authentication.list_sessions(&call.reader(), user.into()).await?;
    Ok(show_sessions(&sessions))
}

/// Sign out everywhere else.
///
/// Every session of the caller ends but the one that asks.
#[utoipa::path(
    tag = "auth",
    operation_id = "revokeSessions",
    responses((status = 204, description = "The other sessions have ended."))
)]
#[delete("/sessions")]
pub(super) async fn revoke_sessions(caller: SignedIn) -> Result<HttpResponse, Problem> {
    let SignedIn { call, user, .. } = caller;
    call.write_access(async move |access, context| access.revoke_sessions(&context, user.into()).await).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Sign out somewhere else.
///
/// One session of the caller ends; it may be the one that asks.
#[utoipa::path(
    tag = "auth",
    operation_id = "revokeSession",
    params(("sid" = Uuid, Path, description = "The session's id.", example = "019aa5b0-7c1e-7000-8000-00000000005e")),
    responses((status = 204, description = "The session has ended."))
)]
#[delete("/sessions/{sid}")]
pub(super) async fn revoke_session(caller: SignedIn) -> Result<HttpResponse, Problem> {
    let SignedIn { call, user, .. } = caller;
    let session = call.session_in_path()?;
    let change = async move |access: application::Authentication, context| {
        access.revoke_session(&context, user.into(), session).await
    };
    call.write_access(change).await?;
    Ok(HttpResponse::NoContent().finish())
}
