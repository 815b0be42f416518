//! `GET /users/{id}`.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get};
use chrono::{DateTime, Utc};

use super::json::UserJson;
use super::schema::UserResponse;
use super::{PRIVATE, show};
use crate::error_code::ErrorCode;
use crate::problem::Problem;
use crate::query::Query;
use crate::rest::audit;
use crate::rest::call::Call;
use crate::rest::preconditions::{etag, if_none_match};

pub(super) const ERRORS: &[ErrorCode] = &[ErrorCode::ValidationFailed, ErrorCode::Forbidden, ErrorCode::UserNotFound];

/// Read a user.
///
/// The `ETag` names the version. Sent back in `If-None-Match`, it saves the body where nothing changed (304); sent back
/// in `If-Match` with a change, it makes sure that nobody else's change is overwritten. With `as_of` the answer is what it was
/// then, from the audit trail: for those who may read that, without an `ETag`.
#[utoipa::path(
    tag = "users",
    operation_id = "getUser",
    params(
        ("id" = String, Path, description = "The user's number or UUID.", example = "42"),
        ("deleted" = Option<bool>, Query, description = "Whether to show a deleted user, too.", example = false),
        ("as_of" = Option<String>, Query, format = "date-time", description = "The user as they were then (RFC 3339); nobody where they were not made yet, or were deleted then and `deleted` is not true.", example = "2026-01-31T12:00:00Z"),
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
    let (shows_deletion, as_of) = asked(call.request().query_string())?;
    if let Some(at) = as_of {
        let user = call.api().users.get_as_of(&call.reader(), id, at, shows_deletion).await?;
        let json = UserJson::new(call.api().user_id_format).showing_deletion(shows_deletion);
        return Ok(audit::show(json.one(&user)));
    }
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

/// Whether to show a deleted user, and as of when.
fn asked(query: &str) -> Result<(bool, Option<DateTime<Utc>>), Problem> {
    if query.is_empty() {
        return Ok((false, None));
    }
    let mut query = Query::parse(query)?;
    let asked = (query.flag("deleted").unwrap_or(false), query.time("as_of"));
    query.finish()?;
    Ok(asked)
}
