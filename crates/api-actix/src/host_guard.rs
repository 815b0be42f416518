//! Who may knock while authentication is off: pages and names that are ours.
//!
//! Without authentication the only thing between a web page somebody visits and this service is the browser. A foreign
//! `Origin` is such a page; a foreign `Host` is a name that was made to point here (DNS rebinding).

use std::net::IpAddr;

use actix_web::http::header::{HOST, HeaderMap, HeaderValue, ORIGIN};

use crate::config::ApiConfig;
use crate::error_code::ErrorCode;
use crate::problem::Problem;

/// Paths that orchestrators ask by address; they show nothing and change nothing.
const UNGUARDED: [&str; 2] = ["/health", "/ready"];

/// Refuses foreign origins and hosts; lets everything pass where callers must authenticate.
#[derive(Debug, Clone)]
pub(crate) struct HostGuard {
    on: bool,
    hosts: Vec<String>,
    origins: Vec<String>,
}

impl HostGuard {
    pub(crate) fn new(config: &ApiConfig) -> Self {
        let (hosts, origins) = (config.allowed_hosts.clone(), config.cors_origins.clone());
        Self { on: !config.auth_required, hosts, origins }
    }

    /// Lets the request pass or says why not. `authority` is that of an absolute request target.
    pub(crate) fn admit(&self, path: &str, authority: Option<&str>, headers: &HeaderMap) -> Result<(), Problem> {
        if !self.on || UNGUARDED.contains(&path) {
            return Ok(());
        }
        let host = headers.get(HOST).and_then(text).unwrap_or_default();
        if [Some(host), authority].into_iter().flatten().any(|host| !self.knows_host(host)) {
            return Err(Problem::of(ErrorCode::ForbiddenHost));
        }
        match headers.get(ORIGIN) {
            Some(origin) if !text(origin).is_some_and(|origin| self.knows_origin(origin, host)) => {
                Err(Problem::of(ErrorCode::ForbiddenOrigin))
            }
            _ => Ok(()),
        }
    }

    fn knows_host(&self, host: &str) -> bool {
        let name = without_port(host);
        is_loopback(name) || self.hosts.iter().any(|allowed| fits(allowed, name))
    }

    fn knows_origin(&self, origin: &str, host: &str) -> bool {
        let Some((_, authority)) = origin.split_once("://") else {
            return false;
        };
        is_loopback(without_port(authority))
            || authority.eq_ignore_ascii_case(host)
            || self.origins.iter().any(|allowed| allowed == "*" || origin.eq_ignore_ascii_case(allowed))
    }
}

fn text(value: &HeaderValue) -> Option<&str> {
    value.to_str().ok()
}

/// The host of an authority, without its port and without the brackets of IPv6.
fn without_port(authority: &str) -> &str {
    match authority.strip_prefix('[') {
        Some(rest) => rest.split_once(']').map_or(rest, |(address, _)| address),
        None => authority.split_once(':').map_or(authority, |(host, _)| host),
    }
}

/// Whether a host name is this one, or stands below it where that begins with `*.`; `*` alone is any.
fn fits(allowed: &str, name: &str) -> bool {
    match allowed.strip_prefix('*') {
        Some(suffix) => ends_with(name, suffix),
        None => name.eq_ignore_ascii_case(allowed),
    }
}

fn ends_with(name: &str, suffix: &str) -> bool {
    let end = name.len().checked_sub(suffix.len()).and_then(|start| name.get(start..));
    end.is_some_and(|end| end.eq_ignore_ascii_case(suffix))
}

fn is_loopback(name: &str) -> bool {
    name.eq_ignore_ascii_case("localhost")
        || ends_with(name, ".localhost")
        || name.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderName;

    use super::*;

    fn admit(config: &ApiConfig, path: &str, lines: &[(HeaderName, &'static str)]) -> Result<(), &'static str> {
        let headers = lines.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect();
        HostGuard::new(config).admit(path, None, &headers).map_err(|problem| problem.code().as_str())
    }

    fn open(hosts: &[&str], origins: &[&str]) -> ApiConfig {
        let own = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        ApiConfig { allowed_hosts: own(hosts), cors_origins: own(origins), ..ApiConfig::default() }
    }

    #[test]
    fn loopback_names_are_ours_with_any_port() {
        for host in ["localhost", "localhost:8000", "127.0.0.1:8000", "127.8.8.8", "[::1]:8000", "api.LocalHost"] {
            assert_eq!(admit(&open(&[], &[]), "/v1/users", &[(HOST, host)]), Ok(()), "{host}");
        }
    }

    #[test]
    fn a_foreign_host_is_refused_until_it_is_allowed() {
        for host in ["evil.example", "localhost.evil.example", "169.254.169.254", "", "localhost@evil.example"] {
            assert_eq!(admit(&open(&[], &[]), "/v1/users", &[(HOST, host)]), Err("forbidden_host"), "{host}");
        }
        assert_eq!(admit(&open(&["API.example.com"], &[]), "/", &[(HOST, "api.example.com:443")]), Ok(()));
        assert_eq!(admit(&open(&["*.example.com"], &[]), "/", &[(HOST, "a.example.com")]), Ok(()));
        assert_eq!(admit(&open(&["*.example.com"], &[]), "/", &[(HOST, "badexample.com")]), Err("forbidden_host"));
    }

    #[test]
    fn a_page_of_a_foreign_origin_is_refused() {
        for origin in ["https://evil.example", "null", "http://localhost.evil.example"] {
            let lines = [(HOST, "localhost:8000"), (ORIGIN, origin)];
            assert_eq!(admit(&open(&[], &[]), "/v1/users", &lines), Err("forbidden_origin"), "{origin}");
        }
    }

    #[test]
    fn pages_of_this_machine_of_the_service_and_of_allowed_origins_pass() {
        let config = open(&["api.example.com"], &["https://app.example.com"]);
        for origin in ["http://localhost:3000", "http://api.example.com", "https://app.example.com"] {
            let lines = [(HOST, "api.example.com"), (ORIGIN, origin)];
            assert_eq!(admit(&config, "/v1/users", &lines), Ok(()), "{origin}");
        }
    }

    #[test]
    fn probes_may_ask_by_address() {
        assert_eq!(admit(&open(&[], &[]), "/ready", &[(HOST, "10.2.3.4:8000")]), Ok(()));
    }

    #[test]
    fn with_authentication_the_guard_is_off() {
        let config = ApiConfig { auth_required: true, ..ApiConfig::default() };
        assert_eq!(admit(&config, "/v1/users", &[(HOST, "evil.example")]), Ok(()));
    }
}
