//! The audit trail over HTTP, a file for each operation.

mod conditions;
mod export;
pub(super) mod json;
mod list;
mod problems;
pub mod schema;
mod verify;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, ContentType, HeaderName, HeaderValue};
use utoipa_actix_web::service_config::ServiceConfig;

use self::conditions::read_range;
pub(super) use self::conditions::{limit, read_command};
use crate::error_code::ErrorCode;

/// The routes, in the order in which the router tries them.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(list::list_audit_events).service(export::export_audit_trail).service(verify::verify_audit_trail);
}

/// The codes each operation may answer with, besides those that every operation may.
pub(crate) const ERRORS: &[(&str, &[ErrorCode])] =
    &[("listAuditEvents", list::ERRORS), ("exportAuditTrail", export::ERRORS), ("verifyAuditTrail", verify::ERRORS)];

/// What is told about people without their asking is kept by nobody.
pub(super) const UNSTORED: (HeaderName, HeaderValue) = (CACHE_CONTROL, HeaderValue::from_static("no-store"));

/// An answer that is kept by nobody.
pub(super) fn show(json: impl Into<Vec<u8>>) -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::json()).insert_header(UNSTORED).body(json.into())
}
