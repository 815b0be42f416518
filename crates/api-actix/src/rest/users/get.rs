//! `GET /users/{id}`.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get};

use super::json::UserJson;
use super::schema::UserResponse;
use super::{PRIVATE, show};
use crate::error_code::ErrorCode;
use crate::problem::Problem;
use crate::query::Query;
use crate::rest::call::Call;
use crate::rest::preconditions::{etag, if_none_match};

pub(super) const ERRORS: &[ErrorCode] = &[ErrorCode::ValidationFailed, ErrorCode::Forbidden, ErrorCode::UserNotFound];

/// Read a user.
///
/// The `ETag` names the version. Sent back in `If-None-Match`, it saves the body where nothing changed (304); sent back
/// in `If-Match` with a change, it makes sure that nobody else's change is overwritten.
#[utoipa::path(
    tag = "users",
    operation_id = "getUser",
    params(
        ("id" = String, Path, description = "The user's number or UUID.", example = "42"),
        ("deleted" = Option<bool>, Query, description = "Whether to show a deleted user, too.", example = false),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of a version that the client has, such as `\"1\"`."),
    ),
    responses(
        (status = 200, description = "The user.", body = UserResponse,
         headers(("ETag" = String, description = "The version, for `If-Match` and `If-None-Match`."))),
        (status = 304, description = "The client has this version already."),
    )
)]
#[get("/{id}")]
pub(super) async fn get_user(call: Call) -> Result<HttpResponse, Problem> {
    let id = call.user()?;
    let shows_deletion = shows_deletion(call.request().query_string())?;
    let known = if_none_match(call.request().headers())?;
    let user = call.api().users.get(&call.reader(), id, shows_deletion).await?;
    if known.include(user.version) {
        return Ok(HttpResponse::build(StatusCode::NOT_MODIFIED)
            .insert_header(PRIVATE)
            .insert_header((actix_web::http::header::ETAG, etag(user.version)))
            .finish());
    }
    if !shows_deletion {
        return Ok(show(&call, &user));
    }
    let json = UserJson::new(call.api().user_id_format).showing_deletion(true);
    Ok(show(&call, &user).set_body(json.one(&user)).map_into_boxed_body())
}

fn shows_deletion(query: &str) -> Result<bool, Problem> {
    if query.is_empty() {
        return Ok(false);
    }
    let mut query = Query::parse(query)?;
    let shows = query.flag("deleted").unwrap_or(false);
    query.finish()?;
    Ok(shows)
}
