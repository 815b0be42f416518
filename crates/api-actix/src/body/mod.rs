//! Bodies of requests: read whole, read strictly, and told apart by what is wrong with them.
//!
//! What is not JSON at all is 400; JSON that breaks a rule is 422 with every wrong member named. `web::Json` will not do:
//! it takes any charset, decompresses (bombs included), and stops at the first wrong member.

mod form;
mod integers;
mod malformed;
mod media_type;
mod member;
mod metadata;
mod strict;
mod unusable;

pub(crate) use self::media_type::{ACCEPT_PATCH, BodyKind};
pub(crate) use self::member::{FreeObject, Member, WrongMembers, read};
pub use self::metadata::metadata_text;

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_LENGTH;
use futures_util::StreamExt;
use serde_json::{Map, Value};

use self::media_type::Format;
use crate::error_code::ErrorCode;
use crate::problem::{FieldProblem, Problem};

/// Reads the body as a JSON object, or a form as one of strings; no body at all is `{}`. Its bytes are shown to `look`.
///
/// # Errors
///
/// - [`ErrorCode::UnsupportedMediaType`] if it is of another type or encoded.
/// - [`ErrorCode::PayloadTooLarge`] if it is longer than `limit`.
/// - [`ErrorCode::MalformedJson`] if it is not strictly JSON, or [`ErrorCode::MalformedRequest`] if it is no form.
/// - [`ErrorCode::ValidationFailed`] if it is not an object.
pub(crate) async fn read_object(
    request: &HttpRequest,
    payload: Payload,
    kind: BodyKind,
    limit: usize,
    look: impl FnOnce(&[u8]),
) -> Result<Map<String, Value>, Problem> {
    if declared_length(request).is_some_and(|length| length > limit as u64) {
        return Err(Problem::of(ErrorCode::PayloadTooLarge));
    }
    let bytes = read_bytes(payload, limit, || media_type::check(request.headers(), kind).map(drop)).await?;
    look(&bytes);
    if bytes.is_empty() {
        return Ok(Map::new());
    }
    if media_type::check(request.headers(), kind)? == Format::Form {
        return form::parse(&bytes);
    }
    match strict::parse(&bytes)? {
        Value::Object(members) => Ok(members),
        _ => Err(Problem::validation(vec![FieldProblem::new("", "not_an_object", "The body must be a JSON object")])),
    }
}

fn declared_length(request: &HttpRequest) -> Option<u64> {
    request.headers().get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Reads the whole body. Its type only matters once there is something to read.
async fn read_bytes(
    mut payload: Payload,
    limit: usize,
    check_type: impl Fn() -> Result<(), Problem>,
) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| broken())?;
        if bytes.is_empty() && !chunk.is_empty() {
            check_type()?;
        }
        if bytes.len() + chunk.len() > limit {
            return Err(Problem::of(ErrorCode::PayloadTooLarge));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// The client broke off or sent chunks that are none: nobody will read this answer, but the log shall not call it ours.
fn broken() -> Problem {
    Problem::new(ErrorCode::MalformedRequest, "The body could not be received whole")
}
