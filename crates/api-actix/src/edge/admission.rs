//! What is asked of a request before anything is routed: its size, its path, its host.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::dev::{ServiceRequest, Url};
use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use actix_web::http::{Method, Uri};
use domain::values::network;

use super::load::{CallerKey, caller_key};
use super::path_rules;
use crate::client_address::ClientAddresses;
use crate::config::ApiConfig;
use crate::cross_origin::CrossOrigin;
use crate::error_code::ErrorCode;
use crate::host_guard::HostGuard;
use crate::problem::Problem;

pub(super) struct Admission {
    guard: HostGuard,
    pages: CrossOrigin,
    addresses: ClientAddresses,
    url: usize,
    head: usize,
    request_time: Duration,
}

impl Admission {
    pub(super) fn new(config: &ApiConfig) -> Self {
        let limits = &config.limits;
        Self {
            guard: HostGuard::new(config),
            pages: CrossOrigin::new(&config.cors_origins),
            addresses: ClientAddresses::new(config.trusted_proxies.clone(), config.trusted_proxy_header),
            url: limits.url,
            head: limits.head,
            request_time: limits.request_time,
        }
    }

    pub(super) fn request_time(&self) -> Duration {
        self.request_time
    }

    pub(super) fn pages(&self) -> &CrossOrigin {
        &self.pages
    }

    /// Who sends the request, as far as can be told before anything is looked into.
    pub(super) fn caller(&self, request: &ServiceRequest) -> CallerKey {
        let network = || network(self.addresses.find(request.request().peer_addr(), request.headers()));
        let shown = request.headers().get(AUTHORIZATION).filter(|_| reads_tokens(request.uri().path()));
        caller_key(shown, network)
    }

    /// Lets the request in, with the path and the method to route by; or answers it, if a browser asks for permission.
    pub(super) fn admit(&self, request: &mut ServiceRequest) -> Result<Option<HttpResponse>, Problem> {
        let uri_length = length_of(request.uri());
        if uri_length > self.url {
            return Err(Problem::of(ErrorCode::UriTooLong));
        }
        if uri_length + length_of_headers(request.headers()) > self.head {
            return Err(Problem::of(ErrorCode::HeadersTooLarge));
        }
        if let Some(path) = path_rules::normalise(request.uri().path())? {
            route_by(request, &path)?;
        }
        let authority = request.uri().authority().map(|authority| authority.as_str().to_owned());
        self.guard.admit(request.uri().path(), authority.as_deref(), request.headers())?;
        if *request.method() == Method::HEAD {
            request.head_mut().method = Method::GET;
        }
        self.pages.preflight(request.method(), request.headers()).transpose()
    }
}

/// What is asked by those who try to become somebody: a token that is shown there is not looked at, so anybody can make one up.
const TRIES: [&str; 4] = ["/auth/login", "/auth/refresh", "/auth/register", "/auth/reset-password"];

/// Whether a token that is not true would be refused there.
fn reads_tokens(path: &str) -> bool {
    let tries = |path: &str| TRIES.iter().any(|end| path.ends_with(end));
    match path_rules::normalise(path) {
        Ok(None) => !tries(path),
        Ok(Some(path)) => !tries(&path),
        Err(_) => false,
    }
}

/// Routes the request by another path. The router reads its own copy, so both are set.
fn route_by(request: &mut ServiceRequest, path: &str) -> Result<(), Problem> {
    let mut target = path.to_owned();
    if let Some(query) = request.uri().query() {
        target.push('?');
        target.push_str(query);
    }
    let mut parts = request.uri().clone().into_parts();
    let malformed = || Problem::new(ErrorCode::MalformedRequest, "The URL cannot be read");
    parts.path_and_query = Some(target.try_into().map_err(|_| malformed())?);
    let uri = Uri::from_parts(parts).map_err(|_| malformed())?;
    request.match_info_mut().set(Url::new(uri.clone()));
    request.head_mut().uri = uri;
    Ok(())
}

fn length_of(uri: &Uri) -> usize {
    let authority = uri.authority().map_or(0, |authority| authority.as_str().len());
    authority + uri.path_and_query().map_or(0, |target| target.as_str().len())
}

fn length_of_headers(headers: &HeaderMap) -> usize {
    // `: ` and the line's end count, as they do for every other server.
    headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_tells_who_calls_only_where_it_is_read() {
        for path in ["/api/v1/users", "/v1/auth/me", "/v1/auth/change-password", "/api/v1/users/42/reset-password", "/"]
        {
            assert!(reads_tokens(path), "{path}");
        }
        for path in [
            "/api/v1/auth/login",
            "/v1/auth/refresh/",
            "/v1/auth/ref%72esh",
            "/v1/auth/register",
            "/v1/auth/reset-password",
            "/v1//auth/me",
        ] {
            assert!(!reads_tokens(path), "{path}");
        }
    }
}
