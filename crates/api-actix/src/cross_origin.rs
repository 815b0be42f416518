//! Pages of other origins that may call the service (CORS).
//!
//! The edge applies it, so that every answer says who may read it: also one that refuses a request before it is routed,
//! which a page would otherwise see as a network error without a reason.

use actix_web::HttpResponse;
use actix_web::http::Method;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, HeaderMap, HeaderName, HeaderValue, ORIGIN, VARY,
};

use crate::error_code::ErrorCode;
use crate::problem::Problem;

/// How long a browser may keep the answer to a preflight, in seconds.
const PREFLIGHT_SECONDS: HeaderValue = HeaderValue::from_static("3600");

/// Headers of answers that pages may read.
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "ETag, Idempotency-Replayed, Link, Location, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id",
);

/// Methods that pages may use.
const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE";

/// Headers that pages may send, besides those that browsers always let them send.
const HEADERS: &str = "accept, authorization, content-type, if-match, if-none-match, idempotency-key, x-request-id";

/// Which pages may call the service. No credentials: the service knows no cookies.
#[derive(Debug, Clone)]
pub(crate) struct CrossOrigin {
    any: bool,
    origins: Vec<String>,
}

impl CrossOrigin {
    /// Pages of these origins; `*` among them means any.
    pub(crate) fn new(origins: &[String]) -> Self {
        Self { any: origins.iter().any(|origin| origin == "*"), origins: origins.to_vec() }
    }

    /// Whether pages of this origin may call. Schemes and hosts have no case.
    pub(crate) fn allows(&self, origin: &str) -> bool {
        self.any || self.origins.iter().any(|allowed| allowed.eq_ignore_ascii_case(origin))
    }

    /// What the answer to a request says about pages; `None` if it says nothing, as no page of another origin may call.
    pub(crate) fn grant(&self, headers: &HeaderMap) -> Option<Grant> {
        if !self.any && self.origins.is_empty() {
            return None;
        }
        let origin = headers.get(ORIGIN).filter(|origin| origin.to_str().is_ok_and(|origin| self.allows(origin)));
        let any = HeaderValue::from_static("*");
        Some(Grant(origin.map(|origin| if self.any { any } else { origin.clone() })))
    }

    /// Answers a preflight, in which a browser asks what a page may send; `None` if this is none.
    pub(crate) fn preflight(&self, method: &Method, headers: &HeaderMap) -> Option<Result<HttpResponse, Problem>> {
        let wanted = headers.get(ACCESS_CONTROL_REQUEST_METHOD).filter(|_| *method == Method::OPTIONS)?;
        let origin = headers.get(ORIGIN)?;
        self.grant(headers)?;
        Some(self.check(origin, wanted, headers.get_all(ACCESS_CONTROL_REQUEST_HEADERS)).map(|()| permission()))
    }

    fn check<'a>(
        &self,
        origin: &HeaderValue,
        method: &HeaderValue,
        headers: impl Iterator<Item = &'a HeaderValue>,
    ) -> Result<(), Problem> {
        let origin = text(origin);
        if !self.allows(&origin) {
            return Err(refused(format!("Pages of the origin {origin} may not call the service")));
        }
        let method = text(method);
        if !lists(METHODS, |known| known == method) {
            return Err(refused(format!("Pages may not use the method {method}; they may use {METHODS}")));
        }
        for line in headers {
            let line = text(line);
            let mut names = line.split(',').map(str::trim).filter(|name| !name.is_empty());
            if let Some(name) = names.find(|name| !lists(HEADERS, |known| known.eq_ignore_ascii_case(name))) {
                return Err(refused(format!("Pages may not send the header {name}; they may send {HEADERS}")));
            }
        }
        Ok(())
    }
}

/// What an answer tells the browser of the page that asked.
#[derive(Debug)]
pub(crate) struct Grant(Option<HeaderValue>);

impl Grant {
    /// Lets the page read the answer, if it may. Caches must know that other pages get another one.
    pub(crate) fn write(self, headers: &mut HeaderMap) {
        if let Some(origin) = self.0 {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
        }
        headers.append(VARY, HeaderValue::from_static("origin"));
    }
}

fn permission() -> HttpResponse {
    let asked: [HeaderName; 2] = [ACCESS_CONTROL_REQUEST_METHOD, ACCESS_CONTROL_REQUEST_HEADERS];
    HttpResponse::Ok()
        .insert_header((ACCESS_CONTROL_ALLOW_METHODS, METHODS))
        .insert_header((ACCESS_CONTROL_ALLOW_HEADERS, HEADERS))
        .insert_header((ACCESS_CONTROL_MAX_AGE, PREFLIGHT_SECONDS))
        .append_header((VARY, asked.map(|name| name.as_str().to_owned()).join(", ")))
        .finish()
}

fn refused(detail: String) -> Problem {
    Problem::new(ErrorCode::MalformedRequest, detail)
}

fn text(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}

fn lists(list: &str, fits: impl Fn(&str) -> bool) -> bool {
    list.split(", ").any(fits)
}
