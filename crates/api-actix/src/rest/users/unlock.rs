//! `POST /users/{id}/unlock`.

use actix_web::{HttpResponse, post};

use super::schema::UserResponse;
use super::show;
use crate::error_code::ErrorCode;
use crate::problem::Problem;
use crate::rest::call::Call;

pub(super) const ERRORS: &[ErrorCode] = &[ErrorCode::ValidationFailed, ErrorCode::Forbidden, ErrorCode::UserNotFound];

/// Let a user try again who failed to sign in too often.
///
/// Their failures are forgotten, so that nobody has to wait any more, whoever failed. Unlocking a user who is not locked
/// changes nothing.
#[utoipa::path(
    tag = "users",
    operation_id = "unlockUser",
    params(("id" = String, Path, description = "The user's number or UUID.", example = "42")),
    responses((
        status = 200, description = "The user as they are now.", body = UserResponse,
        headers(("ETag" = String, description = "The version, for `If-Match` and `If-None-Match`."))
    ))
)]
#[post("/{id}/unlock")]
pub(super) async fn unlock_user(call: Call) -> Result<HttpResponse, Problem> {
    let id = call.user()?;
    let work = call.write(async move |users, context| users.unlock(&context, id).await);
    call.once(work, |user| show(&call, user)).await
}
