//! Problems: the one shape of every error answer (RFC 9457).

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, CACHE_CONTROL, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use chrono::TimeDelta;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::error_code::ErrorCode;

/// The media type of a problem.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// Seconds after which a client may try again when nothing better is known.
const RETRY_AFTER_SECONDS: u32 = 1;

/// An error on its way to the client.
///
/// Handlers and extractors return it; the edge renders it, since only the edge knows the request id and sees every
/// answer. A source is logged under the request id and never shown.
#[derive(Debug)]
pub struct Problem(Box<Content>);

#[derive(Debug)]
struct Content {
    code: ErrorCode,
    detail: Cow<'static, str>,
    errors: Vec<FieldProblem>,
    headers: Vec<(HeaderName, HeaderValue)>,
    member: Option<(&'static str, Value)>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// One wrong value of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldProblem {
    /// Where: a JSON pointer into the body (RFC 6901), which begins with a slash and is empty for the body as a whole; or
    /// the bare name of a parameter of the query or the path (`limit`, `id`).
    #[schema(example = "/email")]
    pub pointer: String,
    /// Which rule, for programs.
    #[schema(value_type = String, example = "invalid_email")]
    pub code: Cow<'static, str>,
    /// One sentence for a person.
    #[schema(value_type = String, example = "An email address looks like name@example.org")]
    pub detail: Cow<'static, str>,
}

impl FieldProblem {
    /// A wrong value at `pointer`.
    pub fn new(
        pointer: impl Into<String>,
        code: impl Into<Cow<'static, str>>,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { pointer: pointer.into(), code: code.into(), detail: detail.into() }
    }
}

impl Problem {
    /// A problem with a sentence about this occurrence.
    pub fn new(code: ErrorCode, detail: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Content {
            code,
            detail: detail.into(),
            errors: Vec::new(),
            headers: Vec::new(),
            member: None,
            source: None,
        }))
    }

    /// A problem that says no more than its code.
    pub fn of(code: ErrorCode) -> Self {
        Self::new(code, code.title())
    }

    /// Wrong values, all that were found.
    pub fn validation(errors: Vec<FieldProblem>) -> Self {
        let mut problem = Self::new(ErrorCode::ValidationFailed, detail_of(&errors));
        problem.0.errors = errors;
        problem
    }

    /// A fault of the service; the cause goes to the log alone.
    pub fn internal(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::of(ErrorCode::Internal).caused_by(source)
    }

    /// Something the service needs is away; the cause goes to the log alone.
    pub fn unavailable(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::of(ErrorCode::Unavailable).caused_by(source)
    }

    /// The database went away while it stored a change: it happened or not, so nobody may try again blindly.
    pub fn outcome_unknown(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        let detail =
            "The database went away while it stored the change, which may have happened: read before trying again";
        Self::new(ErrorCode::Unavailable, detail).caused_by(source)
    }

    /// The path exists, the method does not; `allowed` is the value of `Allow`.
    pub fn method_not_allowed(allowed: HeaderValue) -> Self {
        Self::of(ErrorCode::MethodNotAllowed).with_header(ALLOW, allowed)
    }

    /// The same problem with a header that belongs to it.
    #[must_use]
    pub(crate) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    /// The same problem with an extension member (RFC 9457 §3.2).
    #[must_use]
    pub fn with_member(mut self, name: &'static str, value: Value) -> Self {
        self.0.member = Some((name, value));
        self
    }

    /// The same problem with a cause for the log.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Too soon, by this code: worth trying again after `wait`.
    pub fn too_soon(code: ErrorCode, wait: Duration) -> Self {
        // Rounded up, as whoever comes early is refused again.
        let seconds = wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0)).max(1);
        let unit = if seconds == 1 { "second" } else { "seconds" };
        Self::new(code, format!("{}: try again in {seconds} {unit}", code.title())).retry_after(seconds)
    }

    /// Too many wrong passwords came before this try.
    pub fn too_many_attempts(wait: TimeDelta) -> Self {
        Self::too_soon(ErrorCode::TooManyAttempts, wait.to_std().unwrap_or_default())
    }

    /// The same problem, worth trying again after so many seconds rather than after the usual one.
    #[must_use]
    pub fn retry_after(self, seconds: u64) -> Self {
        self.with_header(RETRY_AFTER, seconds.into())
    }

    /// Its code.
    pub fn code(&self) -> ErrorCode {
        self.0.code
    }

    /// The sentence about this occurrence.
    pub fn detail(&self) -> &str {
        &self.0.detail
    }

    /// The wrong values it names.
    pub fn errors(&self) -> &[FieldProblem] {
        &self.0.errors
    }

    /// Its causes in one line, the nearest first, for the log.
    pub(crate) fn causes(&self) -> String {
        let mut causes = Vec::new();
        let mut next = self.source();
        while let Some(cause) = next {
            causes.push(cause.to_string());
            next = cause.source();
        }
        if causes.is_empty() { self.to_string() } else { causes.join(": ") }
    }

    /// The same problem with what is wrong standing inside of `parent`, a JSON pointer.
    #[must_use]
    pub(crate) fn inside(mut self, parent: &str) -> Self {
        if self.0.errors.is_empty() {
            return self;
        }
        let moved = |wrong: FieldProblem| FieldProblem { pointer: format!("{parent}{}", wrong.pointer), ..wrong };
        self.0.errors = self.0.errors.into_iter().map(moved).collect();
        self.0.detail = detail_of(&self.0.errors);
        self
    }

    /// The same problem of the value at `pointer`, if it is the caller's and does not say yet what is wrong.
    #[must_use]
    pub(crate) fn at(mut self, pointer: &str) -> Self {
        if self.0.errors.is_empty() && self.0.code.status().is_client_error() {
            self.0.errors.push(FieldProblem::new(pointer, self.0.code.as_str(), self.0.detail.clone()));
        }
        self
    }

    /// The headers that belong to it: `Cache-Control`, and `Allow`, `Retry-After` or `WWW-Authenticate` where they are due.
    pub(crate) fn headers(&self) -> impl Iterator<Item = (HeaderName, HeaderValue)> + '_ {
        let retry = (self.0.code == ErrorCode::Unavailable).then(|| (RETRY_AFTER, RETRY_AFTER_SECONDS.into()));
        let fixed = (CACHE_CONTROL, HeaderValue::from_static("no-store"));
        // Later ones of a name replace earlier ones.
        let challenge = challenge(self.0.code).map(|challenge| (WWW_AUTHENTICATE, HeaderValue::from_static(challenge)));
        retry.into_iter().chain(challenge).chain([fixed]).chain(self.0.headers.iter().cloned())
    }

    /// The body of the answer.
    pub(crate) fn render(&self, instance: &str, request_id: &str) -> Vec<u8> {
        let Content { code, detail, errors, member, .. } = self.0.as_ref();
        let body = ProblemBody {
            r#type: format!("/problems/{}", code.as_str()),
            title: code.title(),
            status: code.status().as_u16(),
            detail,
            instance,
            code: code.as_str(),
            request_id,
            errors,
            member: member.iter().map(|(name, value)| (*name, value)).collect(),
        };
        serde_json::to_vec(&body).expect("a problem holds nothing that JSON cannot say")
    }
}

/// What wrong values come to in a sentence.
fn detail_of(errors: &[FieldProblem]) -> Cow<'static, str> {
    match errors {
        // The body itself, which the sentence names.
        [only] if only.pointer.is_empty() => only.detail.clone(),
        [only] => format!("{}: {}", only.pointer, only.detail).into(),
        several => format!("{} values are wrong, see errors", several.len()).into(),
    }
}

/// How to authenticate (RFC 6750 §3). Whoever showed no token is not told of an error in one.
fn challenge(code: ErrorCode) -> Option<&'static str> {
    match code {
        ErrorCode::Unauthenticated | ErrorCode::InvalidCredentials => Some(r#"Bearer realm="usermgmt""#),
        ErrorCode::TokenExpired => {
            Some(r#"Bearer realm="usermgmt", error="invalid_token", error_description="The access token has expired""#)
        }
        ErrorCode::TokenInvalid => {
            Some(r#"Bearer realm="usermgmt", error="invalid_token", error_description="The token is invalid""#)
        }
        _ => None,
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.code.as_str(), self.0.detail)
    }
}

impl Error for Problem {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source.as_ref().map(|source| source.as_ref() as &(dyn Error + 'static))
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.0.code.status()
    }

    fn error_response(&self) -> HttpResponse {
        // The edge fills it in.
        HttpResponse::new(self.0.code.status())
    }
}

/// A problem as it is written (RFC 9457). The page at `type` explains the code.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemBody<'a> {
    /// The page that explains this kind of problem.
    #[schema(example = "/problems/validation_failed")]
    r#type: String,
    /// What this kind of problem is called.
    #[schema(example = "A value is wrong")]
    title: &'a str,
    /// The status of the answer.
    #[schema(example = 422)]
    status: u16,
    /// One sentence about this occurrence, for a person.
    #[schema(example = "/email: An email address looks like name@example.org")]
    detail: &'a str,
    /// The path of the request.
    #[schema(example = "/api/v1/users")]
    instance: &'a str,
    /// The kind of problem, for programs.
    #[schema(example = "validation_failed")]
    code: &'a str,
    /// The id under which the log speaks of this request; also in `X-Request-Id`.
    #[schema(example = "5f2b8c9d01e700000001")]
    request_id: &'a str,
    /// Each wrong value, where values are wrong.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[schema(required = false)]
    errors: &'a [FieldProblem],
    #[serde(flatten)]
    #[schema(ignore)]
    member: std::collections::BTreeMap<&'static str, &'a Value>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_has_the_members_of_the_contract_and_hides_its_cause() {
        let problem = Problem::internal("the password is hunter2");
        let body: Value = serde_json::from_slice(&problem.render("/api/v1/users", "id-1")).unwrap();
        insta::assert_snapshot!(body, @r#"{"code":"internal","detail":"Something went wrong","instance":"/api/v1/users","request_id":"id-1","status":500,"title":"Something went wrong","type":"/problems/internal"}"#);
        assert_eq!(problem.source().unwrap().to_string(), "the password is hunter2");
    }

    #[test]
    fn several_wrong_values_are_all_named() {
        let problem = Problem::validation(vec![
            FieldProblem::new("/email", "invalid", "must be an address"),
            FieldProblem::new("/username", "required", "is required"),
        ]);
        let body: Value = serde_json::from_slice(&problem.render("/", "1")).unwrap();
        assert_eq!(body["errors"][1]["pointer"], "/username");
        assert_eq!(body["detail"], "2 values are wrong, see errors");
    }

    #[test]
    fn what_is_wrong_with_the_whole_body_is_said_once() {
        let problem = Problem::validation(vec![FieldProblem::new("", "not_an_object", "The body must be an object")]);
        assert_eq!(problem.detail(), "The body must be an object");
    }

    #[test]
    fn whoever_comes_too_soon_is_told_to_wait_long_enough() {
        for (milliseconds, told) in [(0, "1"), (1, "1"), (1000, "1"), (1001, "2"), (899_999, "900")] {
            let problem = Problem::too_soon(ErrorCode::TooManyRequests, Duration::from_millis(milliseconds));
            let wait = problem.headers().find(|(name, _)| *name == RETRY_AFTER).map(|(_, value)| value);
            assert_eq!(wait.unwrap(), told, "{milliseconds} ms");
        }
    }

    #[test]
    fn every_401_says_how_to_authenticate_and_nothing_else_does() {
        for code in ErrorCode::ALL {
            let asks = Problem::of(*code).headers().any(|(name, _)| name == WWW_AUTHENTICATE);
            assert_eq!(asks, code.status() == StatusCode::UNAUTHORIZED, "{code:?}");
        }
    }

    #[test]
    fn only_an_unavailable_service_says_when_to_come_back() {
        let names = |code| Problem::of(code).headers().map(|(name, _)| name).collect::<Vec<_>>();
        assert!(names(ErrorCode::Unavailable).contains(&RETRY_AFTER));
        assert!(!names(ErrorCode::Internal).contains(&RETRY_AFTER));
    }
}
