//! `GET /auth/me` and `PATCH /auth/me`.

use actix_web::http::StatusCode;
use actix_web::http::header::{ContentType, ETAG};
use actix_web::{HttpResponse, get, patch, web};
use application::users::MetadataMode;
use domain::user::UserView;

use super::VARIES;
use super::schema::MeResponse;
use crate::body::BodyKind;
use crate::error_code::ErrorCode;
use crate::problem::Problem;
use crate::rest::call::Call;
use crate::rest::entrance::{OwnPassword, SignedIn};
use crate::rest::preconditions::{etag, if_none_match};
use crate::rest::users::changes::{self, change, read_change};
use crate::rest::users::schema::ChangeUserRequest;
use crate::rest::users::{PRIVATE, UserJson};

pub(super) const GET_ERRORS: &[ErrorCode] = &[ErrorCode::UserNotFound];
pub(super) const PATCH_ERRORS: &[ErrorCode] = changes::ERRORS;

/// Read one's own account.
///
/// As everybody sees it who may, and what one may do to others.
#[utoipa::path(
    tag = "auth",
    operation_id = "getMe",
    params(("If-None-Match" = Option<String>, Header, description = "The `ETag` of a version that the client has.", example = "\"1\"")),
    responses(
        (status = 200, description = "The caller's account.", body = MeResponse,
         headers(("ETag" = String, description = "The version, for `If-Match` and `If-None-Match`."))),
        (status = 304, description = "The client has this version already."),
    )
)]
#[get("/me")]
pub(super) async fn get_me(caller: SignedIn<OwnPassword>) -> Result<HttpResponse, Problem> {
    let SignedIn { call, user, must_change_password, .. } = caller;
    let known = if_none_match(call.request().headers())?;
    let user = call.api().users.get(&call.reader(), user.into(), false).await?;
    if known.include(user.version) {
        let mut response = HttpResponse::build(StatusCode::NOT_MODIFIED);
        return Ok(response
            .insert_header(PRIVATE)
            .insert_header(VARIES)
            .insert_header((ETAG, etag(user.version)))
            .finish());
    }
    Ok(show_me(&call, &user, must_change_password))
}

/// Change one's own account in part (RFC 7396).
///
/// A missing member stays as it is, null clears an optional one, metadata are merged. A new password, email address or
/// username needs `current_password` beside it.
#[utoipa::path(
    tag = "auth",
    operation_id = "patchMe",
    params(("If-Match" = Option<String>, Header, description = "The `ETag` of the version that the change is based on.", example = "\"1\"")),
    request_body(
        content((ChangeUserRequest = "application/merge-patch+json",
                 example = json!({"locale": "de", "user_metadata": {"theme": null}})),
                (ChangeUserRequest = "application/json",
                 example = json!({"locale": "de", "user_metadata": {"theme": null}})))
    ),
    responses((
        status = 200, description = "The caller's account as it is now.", body = MeResponse,
        headers(("ETag" = String, description = "The version, for `If-Match` and `If-None-Match`."))
    ))
)]
#[patch("/me")]
pub(super) async fn patch_me(caller: SignedIn, payload: web::Payload) -> Result<HttpResponse, Problem> {
    let SignedIn { call, user, must_change_password, .. } = caller;
    let (user, command) =
        read_change(&call, Ok(user.into()), payload, BodyKind::MergePatch, MetadataMode::Merge).await?;
    let user = change(&call, user, command).await?;
    Ok(show_me(&call, &user, must_change_password))
}

fn show_me(call: &Call, user: &UserView, must_change_password: bool) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(ContentType::json())
        .insert_header(PRIVATE)
        .insert_header(VARIES)
        .insert_header((ETAG, etag(user.version)))
        .body(UserJson::new(call.api().user_id_format).own(user, must_change_password))
}
