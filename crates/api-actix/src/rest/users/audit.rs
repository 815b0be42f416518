//! `GET /users/{id}/audit`.

use actix_web::{HttpResponse, get};

use crate::error_code::ErrorCode;
use crate::problem::Problem;
use crate::rest::audit::schema::EventListResponse;
use crate::rest::audit::{json, read_command, show};
use crate::rest::call::Call;

pub(super) const ERRORS: &[ErrorCode] = &[ErrorCode::ValidationFailed, ErrorCode::Forbidden, ErrorCode::UserNotFound];

/// List what happened to a user.
///
/// Events whose target the user or one of their sessions is, the newest first. Those who assist users read it of users, those
/// who read the trail of everybody: of deleted users too, and of erased ones by their UUID.
#[utoipa::path(
    tag = "users",
    operation_id = "listUserEvents",
    params(
        ("id" = String, Path, description = "The user's number or UUID.", example = "42"),
        ("actor" = Option<String>, Query, description = "This user did it: their number or UUID.", example = "42"),
        ("target" = Option<String>, Query, description = "It was done to this: the user's own number or UUID, or the UUID of a session.", example = "019aa5b0-7c1e-7000-8000-00000000005e"),
        ("action" = Option<String>, Query, description = "This happened.", example = "user.updated"),
        ("from" = Option<String>, Query, format = "date-time", description = "At this time or later (RFC 3339).", example = "2026-01-31T12:00:00Z"),
        ("to" = Option<String>, Query, format = "date-time", description = "Before this time (RFC 3339).", example = "2027-01-31T12:00:00Z"),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of a page with the same conditions.", example = "eyJpZCI6NDJ9"),
        ("limit" = Option<u32>, Query, minimum = 1, description = "How many events at most; 50 where it is missing, more than 500 is taken as 500.", example = 50),
    ),
    responses((status = 200, description = "A page of events.", body = EventListResponse))
)]
#[get("/{id}/audit")]
pub(super) async fn list_user_events(call: Call) -> Result<HttpResponse, Problem> {
    let id = call.user()?;
    let command = read_command(call.request().query_string(), call.api().user_id_format)?;
    let listing = call.api().trail.list_about(&call.reader(), id, command).await?;
    Ok(show(json::listing(&listing)))
}
