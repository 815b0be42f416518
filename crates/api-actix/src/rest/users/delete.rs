//! `DELETE /users/{id}`.

use actix_web::{HttpResponse, delete};
use application::Users;

use crate::error_code::ErrorCode;
use crate::problem::Problem;
use crate::query::flag;
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

/// Delete a user, softly, or erase the person for good.
///
/// Nobody finds them any more, and their username and email are free at once (unless `RESERVE_DELETED_NAMES=true`).
/// `POST /users/{id}/restore` brings them back.
///
/// With `purge=true` a living or deleted user is erased: nothing that is kept about the person can be read any more, not in
/// the audit trail either, where `[erased]` stands for it. What stays is a tombstone of number, UUID and time.
#[utoipa::path(
    tag = "users",
    operation_id = "deleteUser",
    params(
        ("id" = String, Path, description = "The user's number or UUID.", example = "42"),
        ("purge" = Option<bool>, Query, description = "Whether to erase the person for good (`users:purge`).", example = false),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version that shall be deleted.", example = "\"1\""),
    ),
    responses((status = 204, description = "The user was deleted, or erased."))
)]
#[delete("/{id}")]
pub(super) async fn delete_user(call: Call) -> Result<HttpResponse, Problem> {
    let id = call.user()?;
    let precondition = if_match(call.request().headers(), call.api().require_if_match)?;
    let purges = flag(call.request().query_string(), "purge")?;
    let change = async move |users: Users, context| {
        if purges {
            users.purge(&context, id, precondition).await
        } else {
            users.delete(&context, id, precondition).await
        }
    };
    call.once(call.write(change), |()| HttpResponse::NoContent().finish()).await
}
