//! `POST /users/{id}/restore`.

use actix_web::{HttpResponse, post};

use super::schema::UserResponse;
use super::show;
use crate::error_code::ErrorCode;
use crate::problem::Problem;
use crate::rest::call::Call;
use crate::rest::preconditions::if_match;

pub(super) const ERRORS: &[ErrorCode] = &[
    ErrorCode::ValidationFailed,
    ErrorCode::Forbidden,
    ErrorCode::UserNotFound,
    ErrorCode::UsernameTaken,
    ErrorCode::EmailTaken,
    ErrorCode::ExternalIdTaken,
    ErrorCode::PreconditionFailed,
];

/// Bring a deleted user back.
///
/// With the names and the role they had. 409 if somebody else has the username or the email by now. Restoring a living
/// user changes nothing.
#[utoipa::path(
    tag = "users",
    operation_id = "restoreUser",
    params(
        ("id" = String, Path, description = "The user's number or UUID.", example = "42"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version that shall be restored.", example = "\"2\""),
    ),
    responses((
        status = 200, description = "The user as they are now.", body = UserResponse,
        headers(("ETag" = String, description = "The version, for `If-Match` and `If-None-Match`."))
    ))
)]
#[post("/{id}/restore")]
pub(super) async fn restore_user(call: Call) -> Result<HttpResponse, Problem> {
    let id = call.user()?;
    let precondition = if_match(call.request().headers(), false)?;
    let work = call.write(async move |users, context| users.restore(&context, id, precondition).await);
    call.once(work, |user| show(&call, user)).await
}
