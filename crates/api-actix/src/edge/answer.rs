//! The last look at every answer: errors become problems, fixed headers are set, HEAD loses its body.

use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::task::{Context, Poll};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderName,
    HeaderValue, REFERRER_POLICY, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use actix_web::web::Bytes;
use actix_web::{Error, HttpResponse};

use super::request_id::{RequestId, X_REQUEST_ID};
use crate::error_code::ErrorCode;
use crate::problem::{PROBLEM_JSON, Problem};

static CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Nothing may be loaded by, or framed around, an answer that is data. Pages set a policy of their own.
const DATA_POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

/// The longest path that a problem repeats as its `instance`.
const MAX_INSTANCE: usize = 1024;

/// An answer to `problem` made from nothing: for failures after which no request is left to answer.
pub(super) fn from_problem(problem: &Problem, path: &str, id: &RequestId) -> HttpResponse {
    let mut response = HttpResponse::new(problem.code().status());
    for (name, value) in problem.headers() {
        response.headers_mut().insert(name, value);
    }
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
    response.set_body(BoxBody::new(problem.render(instance(path), id.as_str())))
}

/// The answer to a request that is one too many: written without a detour, as there may be many of them. Those who are
/// refused are told different times to come back after, so that they do not come back all at once.
pub(super) fn too_much(path: &str, id: &RequestId) -> HttpResponse {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let seconds = COUNT.fetch_add(1, Relaxed) % 3 + 1;
    let mut body = Vec::with_capacity(TOO_MUCH.len() + path.len() + 80);
    body.extend_from_slice(TOO_MUCH.as_bytes());
    serde_json::to_writer(&mut body, instance(path)).expect("writing text into memory does not fail");
    body.extend_from_slice(b",\"request_id\":\"");
    body.extend_from_slice(id.as_str().as_bytes());
    body.extend_from_slice(b"\"}");
    let mut response = HttpResponse::new(StatusCode::SERVICE_UNAVAILABLE);
    response.headers_mut().insert(RETRY_AFTER, seconds.into());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
    response.set_body(BoxBody::new(body))
}

/// A problem up to its instance.
const TOO_MUCH: &str = concat!(
    r#"{"type":"/problems/unavailable","title":"The service cannot answer now","status":503,"#,
    r#""detail":"There is more to do than can be done soon: try again in some seconds","code":"unavailable","instance":"#,
);

/// Turns every error answer that is not a problem yet into one, so that no text of a framework gets out.
pub(super) fn with_problem(response: HttpResponse, path: &str, id: &RequestId) -> HttpResponse {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let rendered = match response.error().and_then(Error::as_error::<Problem>) {
        Some(problem) => from_problem(problem, path, id),
        None if is_problem(&response) => return response,
        None => from_problem(&Problem::of(ErrorCode::of_framework(status)), path, id),
    };
    overlay(response, rendered)
}

/// Puts the rendered problem in the place of an error answer, whose other headers stay (CORS, `Vary`, `Allow`).
fn overlay(mut response: HttpResponse, rendered: HttpResponse) -> HttpResponse {
    *response.status_mut() = rendered.status();
    for stale in [CONTENT_ENCODING, ETAG] {
        response.headers_mut().remove(stale);
    }
    for (name, value) in rendered.headers() {
        response.headers_mut().insert(name.clone(), value.clone());
    }
    response.set_body(rendered.into_body())
}

fn is_problem(response: &HttpResponse) -> bool {
    response.headers().get(CONTENT_TYPE).is_some_and(|value| value.as_bytes() == PROBLEM_JSON.as_bytes())
}

fn instance(path: &str) -> &str {
    path.get(..MAX_INSTANCE).unwrap_or(path)
}

/// Sets the headers that every answer has. As each costs time on every request, they are few.
pub(super) fn set_fixed_headers(response: &mut HttpResponse, id: &RequestId) {
    let headers = response.headers_mut();
    headers.insert(X_REQUEST_ID.clone(), id.header());
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(CROSS_ORIGIN_RESOURCE_POLICY.clone(), HeaderValue::from_static("same-origin"));
    if !headers.contains_key(CONTENT_SECURITY_POLICY) {
        headers.insert(CONTENT_SECURITY_POLICY, DATA_POLICY);
    }
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// The answer to HEAD: the head of the answer to GET, its length included, and no body.
///
/// The server leaves the body out by itself, but of the answer to whichever request it read last, which with pipelining
/// need not be this one. So the answer is made such that there is nothing to leave out: a stream of no bytes whose
/// length is only told. A GET that is still unanswered when a HEAD arrives behind it cannot be helped from here: its
/// body is lost inside of actix-http. No browser pipelines, and proxies do not either.
pub(super) fn without_body(mut response: HttpResponse) -> HttpResponse {
    match response.body().size() {
        BodySize::None | BodySize::Sized(0) => return response,
        BodySize::Sized(length) => {
            response.headers_mut().insert(CONTENT_LENGTH, length.into());
        }
        BodySize::Stream => {}
    }
    response.head_mut().no_chunking(true);
    response.set_body(BoxBody::new(Unsent))
}

struct Unsent;

impl MessageBody for Unsent {
    type Error = std::convert::Infallible;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Poll::Ready(None)
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::ALLOW;

    use super::*;

    #[test]
    fn an_error_of_the_framework_becomes_a_problem_and_keeps_allow() {
        let response = HttpResponse::MethodNotAllowed().insert_header((ALLOW, "GET")).body("text of the framework");
        let response = with_problem(response, "/v1/users", &RequestId::next());
        assert_eq!(response.headers().get(ALLOW).unwrap(), "GET");
        assert!(is_problem(&response));
    }

    #[test]
    fn a_refusal_is_the_problem_that_would_be_rendered() {
        let id = RequestId::next();
        let written = too_much("/v1/\"users\"", &id).into_body().try_into_bytes().expect("it is in memory");
        let written: serde_json::Value = serde_json::from_slice(&written).unwrap();
        let detail = written["detail"].as_str().unwrap().to_owned();
        let rendered = Problem::new(ErrorCode::Unavailable, detail).render("/v1/\"users\"", id.as_str());
        assert_eq!(written, serde_json::from_slice::<serde_json::Value>(&rendered).unwrap());
    }

    #[test]
    fn a_success_is_left_alone() {
        let response = with_problem(HttpResponse::Ok().body("fine"), "/", &RequestId::next());
        assert!(!is_problem(&response));
        assert_eq!(response.body().size(), BodySize::Sized(4));
    }

    #[test]
    fn a_page_keeps_its_own_policy() {
        let mut response = HttpResponse::Ok().insert_header((CONTENT_SECURITY_POLICY, "default-src 'self'")).finish();
        set_fixed_headers(&mut response, &RequestId::next());
        assert_eq!(response.headers().get(CONTENT_SECURITY_POLICY).unwrap(), "default-src 'self'");
    }
}
