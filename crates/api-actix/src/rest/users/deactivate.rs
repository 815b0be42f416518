//! `POST /users/{id}/deactivate`.

use actix_web::{HttpResponse, post, web};
use chrono::{DateTime, Utc};
use domain::input::{Deactivation, DeactivationInput};

use super::schema::{DeactivateUserRequest, UserResponse};
use super::show;
use crate::body::{BodyKind, WrongMembers, read};
use crate::error_code::ErrorCode;
use crate::problem::Problem;
use crate::rest::call::Call;
use crate::rest::preconditions::if_match;

pub(super) const ERRORS: &[ErrorCode] = &[
    ErrorCode::MalformedJson,
    ErrorCode::Forbidden,
    ErrorCode::UserNotFound,
    ErrorCode::LastAdministrator,
    ErrorCode::PreconditionFailed,
    ErrorCode::PayloadTooLarge,
    ErrorCode::UnsupportedMediaType,
    ErrorCode::ValidationFailed,
];

/// Keep a user from signing in.
///
/// For good, or until a time: then the user is activated again by itself, within a minute.
#[utoipa::path(
    tag = "users",
    operation_id = "deactivateUser",
    params(
        ("id" = String, Path, description = "The user's number or UUID.", example = "42"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version that shall be deactivated.", example = "\"1\""),
    ),
    request_body(content = DeactivateUserRequest, content_type = "application/json",
                 example = json!({"reason": "left the company", "until": "2027-01-01T00:00:00Z"})),
    responses((
        status = 200, description = "The user as they are now.", body = UserResponse,
        headers(("ETag" = String, description = "The version, for `If-Match` and `If-None-Match`."))
    ))
)]
#[post("/{id}/deactivate")]
pub(super) async fn deactivate_user(call: Call, payload: web::Payload) -> Result<HttpResponse, Problem> {
    let members = call.members(payload, BodyKind::Json).await?;
    let precondition = if_match(call.request().headers(), false)?;
    let id = call.user()?;
    let deactivation = parse(read(members), call.now())?;
    let change = async move |users: application::Users, context| {
        users.deactivate(&context, id, deactivation, precondition).await
    };
    call.once(call.write(change), |user| show(&call, user)).await
}

fn parse(body: DeactivateUserRequest, now: DateTime<Utc>) -> Result<Deactivation, Problem> {
    let mut wrong = WrongMembers::default();
    let reason = wrong.nullable("reason", body.reason);
    let until = wrong.nullable("until", body.until).and_then(|text| {
        let time = DateTime::parse_from_rfc3339(&text).map(|time| time.to_utc());
        if time.is_err() {
            wrong.wrong("until", "not_a_time", "It must be a time such as 2027-01-01T00:00:00Z (RFC 3339)");
        }
        time.ok()
    });
    wrong.and(DeactivationInput { reason, until }.parse(now))
}
