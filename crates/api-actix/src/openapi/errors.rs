//! Every error of every operation, from the table of codes.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::schema::{Object, Type};
use utoipa::openapi::{ContentBuilder, Header, OpenApi, Ref, RefOr, Response, ResponseBuilder};

use super::{operations, repeated, security};
use crate::error_code::ErrorCode;
use crate::problem::{FieldProblem, PROBLEM_JSON, Problem};
use crate::rest::{self, auth};

/// What any operation may answer: the edge refuses before anything is routed.
const COMMON: [ErrorCode; 8] = [
    ErrorCode::MalformedRequest,
    ErrorCode::ForbiddenHost,
    ErrorCode::ForbiddenOrigin,
    ErrorCode::RequestTimeout,
    ErrorCode::UriTooLong,
    ErrorCode::HeadersTooLarge,
    ErrorCode::Internal,
    ErrorCode::Unavailable,
];

/// What any operation may answer that asks for a token.
const SIGNED_IN: [ErrorCode; 4] =
    [ErrorCode::Unauthenticated, ErrorCode::TokenExpired, ErrorCode::TokenInvalid, ErrorCode::TooManyRequests];

/// What any operation may answer that is carried out once.
/// Its answer is gone where it described somebody who was erased.
const ONCE: [ErrorCode; 3] = [ErrorCode::RequestInProgress, ErrorCode::IdempotencyKeyReused, ErrorCode::UserNotFound];

/// What operations outside the base path answer besides.
const SYSTEM: &[(&str, &[ErrorCode])] = &[("getProblemPage", &[ErrorCode::NotFound])];

/// Adds the error answers and the headers that every answer has.
pub(super) fn add(document: &mut OpenApi) {
    for operation in document.paths.paths.values_mut().flat_map(operations) {
        let id = operation.operation_id.as_deref().unwrap_or_default();
        let own = rest::errors().chain(SYSTEM).find(|(known, _)| *known == id);
        let own = own.map_or(&[][..], |(_, codes)| codes);
        let signed_in = if security::asks(operation) { &SIGNED_IN[..] } else { &[] };
        let waits = security::asks(operation) && !auth::BEFORE_PASSWORD_CHANGE.contains(&id);
        let waits = waits.then_some(ErrorCode::PasswordChangeRequired);
        let once = if repeated::is_repeatable(operation) { &ONCE[..] } else { &[] };
        let is_limited = signed_in.iter().chain(own).any(|code| *code == ErrorCode::TooManyRequests);
        let mut by_status = BTreeMap::<u16, Vec<ErrorCode>>::new();
        for code in COMMON.iter().chain(signed_in).chain(&waits).chain(own).chain(once) {
            let codes = by_status.entry(code.status().as_u16()).or_default();
            if !codes.contains(code) {
                codes.push(*code);
            }
        }
        for (status, codes) in by_status {
            operation.responses.responses.insert(status.to_string(), RefOr::T(response(&codes)));
        }
        for response in operation.responses.responses.values_mut() {
            if let RefOr::T(response) = response {
                response.headers.insert(
                    "X-Request-Id".into(),
                    RefOr::T(header("The id of the request: the caller's, or a new one.")),
                );
                if is_limited {
                    response.headers.extend(rate_limit_headers());
                }
            }
        }
    }
}

/// One answer for all codes of a status, with an example of each.
fn response(codes: &[ErrorCode]) -> Response {
    let titles: Vec<_> = codes.iter().map(|code| format!("{} (`{}`).", code.title(), code.as_str())).collect();
    let examples = codes.iter().map(|code| (code.as_str(), ExampleBuilder::new().value(Some(example(*code))).build()));
    let content =
        ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).examples_from_iter(examples).build();
    let response = ResponseBuilder::new().description(titles.join(" ")).content(PROBLEM_JSON, content);
    match codes.first().map(|code| code.status()) {
        Some(StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS) => {
            response.header("Retry-After", header("Seconds until it is worth trying again.")).build()
        }
        Some(StatusCode::UNAUTHORIZED) => {
            response.header("WWW-Authenticate", header("How to authenticate (RFC 6750 §3).")).build()
        }
        _ => response.build(),
    }
}

fn rate_limit_headers() -> [(String, RefOr<Header>); 2] {
    let policy = "The limit, where there is one: its name, `q` requests in `w` seconds.";
    let standing = "Where the caller stands: `r` requests are left, all are free again in `t` seconds.";
    [("RateLimit-Policy", policy), ("RateLimit", standing)]
        .map(|(name, text)| (name.to_owned(), RefOr::T(header(text))))
}

/// A problem as it is really written.
fn example(code: ErrorCode) -> serde_json::Value {
    let problem = match code {
        ErrorCode::ValidationFailed => {
            let detail = "An email address looks like name@example.org";
            Problem::validation(vec![FieldProblem::new("/email", "invalid_email", detail)])
        }
        _ => Problem::of(code),
    };
    let written = problem.render("/api/v1/users", "5f2b8c9d01e700000001");
    serde_json::from_slice(&written).expect("a problem is JSON")
}

fn header(description: &str) -> Header {
    let mut header = Header::new(Object::with_type(Type::String));
    header.description = Some(description.into());
    header
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ApiConfig;

    #[test]
    fn every_operation_under_the_base_path_says_how_it_fails() {
        let mut document = super::super::openapi(&ApiConfig::default());
        let resources = document.paths.paths.iter_mut().filter(|(path, _)| path.starts_with("/api/v1"));
        let ids: Vec<_> =
            resources.flat_map(|(_, item)| operations(item)).filter_map(|it| it.operation_id.clone()).collect();
        assert_eq!(ids.len(), rest::errors().count());
        for id in ids {
            assert!(rest::errors().any(|(known, _)| *known == id), "{id} has no errors");
        }
    }
}
