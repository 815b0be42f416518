//! Pages of other origins that may call the service (CORS).

use actix_cors::Cors;
use actix_web::http::Method;
use actix_web::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, IF_MATCH, IF_NONE_MATCH};

/// How long a browser may keep the answer to a preflight, in seconds.
const PREFLIGHT_SECONDS: usize = 3600;

/// Headers of answers that pages may read.
const EXPOSED: [&str; 7] = ["ETag", "Location", "Link", "RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-Id"];

/// The CORS layer for these origins; `*` among them means any. No credentials: the service knows no cookies.
pub(crate) fn layer(origins: &[String]) -> Cors {
    let any = origins.iter().any(|origin| origin == "*");
    let base = if any { Cors::default().allow_any_origin().send_wildcard() } else { Cors::default() };
    let known = if any { &[][..] } else { origins };
    known
        .iter()
        .fold(base, |cors, origin| cors.allowed_origin(origin))
        .allowed_methods([Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allowed_headers([ACCEPT, AUTHORIZATION, CONTENT_TYPE, IF_MATCH, IF_NONE_MATCH])
        .allowed_headers(["idempotency-key", "x-request-id"])
        .expose_headers(EXPOSED)
        .max_age(PREFLIGHT_SECONDS)
}
