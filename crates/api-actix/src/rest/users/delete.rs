//! `DELETE /users/{id}`.

use actix_web::{HttpResponse, delete};

use crate::error_code::ErrorCode;
use crate::problem::Problem;
use crate::rest::call::Call;
use crate::rest::preconditions::if_match;

pub(super) const ERRORS: &[ErrorCode] = &[
    ErrorCode::ValidationFailed,
    ErrorCode::Forbidden,
    ErrorCode::UserNotFound,
    ErrorCode::LastAdministrator,
    ErrorCode::PreconditionFailed,
    ErrorCode::PreconditionRequired,
];

/// Delete a user, softly.
///
/// Nobody finds them any more, and their username and email are free at once (unless `RESERVE_DELETED_NAMES=true`).
/// `POST /users/{id}/restore` brings them back.
#[utoipa::path(
    tag = "users",
    operation_id = "deleteUser",
    params(
        ("id" = String, Path, description = "The user's number or UUID.", example = "42"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version that shall be deleted.", example = "\"1\""),
    ),
    responses((status = 204, description = "The user was deleted."))
)]
#[delete("/{id}")]
pub(super) async fn delete_user(call: Call) -> Result<HttpResponse, Problem> {
    let id = call.user()?;
    let precondition = if_match(call.request().headers(), call.api().require_if_match)?;
    call.write(async move |users, context| users.delete(&context, id, precondition).await).await?;
    Ok(HttpResponse::NoContent().finish())
}
