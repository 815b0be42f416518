//! `PUT /users/{id}`.

use actix_web::{HttpResponse, put, web};
use application::users::MetadataMode;

use super::changes::change_named;
use super::schema::{ChangeUserRequest, UserResponse};
use crate::body::BodyKind;
use crate::problem::Problem;
use crate::rest::call::Call;

/// Change a user.
///
/// A missing member stays as it is, null clears an optional one. Metadata are replaced. With `If-Match` the change is
/// made only to the version that it names; without it, the last one to write wins.
#[utoipa::path(
    tag = "users",
    operation_id = "replaceUser",
    params(
        ("id" = String, Path, description = "The user's number or UUID.", example = "42"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version that the change is based on.", example = "\"1\""),
    ),
    request_body(content = ChangeUserRequest, content_type = "application/json",
                 example = json!({"full_name": "Ann B. Archer", "role": "moderator"})),
    responses((
        status = 200, description = "The user as they are now.", body = UserResponse,
        headers(("ETag" = String, description = "The version, for `If-Match` and `If-None-Match`."))
    ))
)]
#[put("/{id}")]
pub(super) async fn replace_user(call: Call, payload: web::Payload) -> Result<HttpResponse, Problem> {
    change_named(call, payload, BodyKind::Json, MetadataMode::Replace).await
}
