//! `GET /audit`.

use actix_web::{HttpResponse, get};

use super::schema::EventListResponse;
use super::{json, read_command, show};
use crate::error_code::ErrorCode;
use crate::problem::Problem;
use crate::rest::call::Call;

pub(super) const ERRORS: &[ErrorCode] = &[ErrorCode::ValidationFailed, ErrorCode::Forbidden];

/// List what happened.
///
/// The newest event first. Conditions combine with AND. An event is there as soon as its change is; its `position` and `hash`
/// follow within a second. What cannot be read any more, because the person it describes was erased, reads `[erased]`.
#[utoipa::path(
    tag = "audit",
    operation_id = "listAuditEvents",
    params(
        ("actor" = Option<String>, Query, description = "This user did it: their number or UUID.", example = "42"),
        ("target" = Option<String>, Query, description = "It was done to this: a user's number or UUID, or the UUID of a session.", example = "019aa5b0-7c1e-7000-8000-000000000042"),
        ("action" = Option<String>, Query, description = "This happened.", example = "user.updated"),
        ("from" = Option<String>, Query, format = "date-time", description = "At this time or later (RFC 3339).", example = "2026-01-31T12:00:00Z"),
        ("to" = Option<String>, Query, format = "date-time", description = "Before this time (RFC 3339).", example = "2027-01-31T12:00:00Z"),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of a page with the same conditions.", example = "eyJpZCI6NDJ9"),
        ("limit" = Option<u32>, Query, minimum = 1, description = "How many events at most; 50 where it is missing, more than 500 is taken as 500.", example = 50),
    ),
    responses((status = 200, description = "A page of events.", body = EventListResponse))
)]
#[get("")]
pub(super) async fn list_audit_events(call: Call) -> Result<HttpResponse, Problem> {
    let command = read_command(call.request().query_string(), call.api().user_id_format)?;
    let listing = call.api().trail.list(&call.reader(), command).await?;
    Ok(show(json::listing(&listing)))
}
