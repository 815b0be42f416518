//! Who may knock while authentication is off: pages and names that are ours.
//!
//! Without authentication the only thing between a web page somebody visits and this service is the browser. A foreign
//! `Origin` is such a page; a foreign `Host` is a name that was made to point here (DNS rebinding).

use std::net::{IpAddr, Ipv6Addr};

use actix_web::http::header::{CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN};

use crate::config::ApiConfig;
use crate::cross_origin::CrossOrigin;
use crate::error_code::ErrorCode;
use crate::problem::Problem;

static SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Paths that orchestrators ask by address; they show nothing and change nothing.
const UNGUARDED: [&str; 2] = ["/health", "/ready"];

/// Refuses foreign origins and hosts; lets everything pass where callers must authenticate.
#[derive(Debug, Clone)]
pub(crate) struct HostGuard {
    on: bool,
    hosts: Vec<String>,
    pages: CrossOrigin,
}

impl HostGuard {
    pub(crate) fn new(config: &ApiConfig) -> Self {
        let pages = CrossOrigin::new(&config.cors_origins);
        Self { on: !config.auth_required, hosts: config.allowed_hosts.clone(), pages }
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
        let mut origins = headers.get_all(ORIGIN);
        let is_known = match (origins.next(), origins.next()) {
            (None, _) => true,
            (Some(origin), None) => text(origin).is_some_and(|origin| self.knows_origin(origin, host)),
            (Some(_), Some(_)) => false,
        };
        if is_known { Ok(()) } else { Err(Problem::of(ErrorCode::ForbiddenOrigin)) }
    }

    fn knows_host(&self, host: &str) -> bool {
        self.hosts.iter().any(|allowed| allowed == "*")
            || Authority::parse(host).is_some_and(|Authority { host, .. }| {
                is_loopback(host) || self.hosts.iter().any(|allowed| fits(allowed, host))
            })
    }

    /// Origins of other ports of this machine are foreign, too: whatever listens there is another program.
    fn knows_origin(&self, origin: &str, host: &str) -> bool {
        is_origin_of(origin, host) || self.pages.allows(origin)
    }
}

/// Refuses what a page that is not ours sends without asking. Browsers send forms and plain text to any service: a page could
/// have its visitors fail to sign in under somebody's name until that one has to wait. For anything else they ask before, and
/// CORS answers.
pub(crate) fn check_unasked(pages: &CrossOrigin, headers: &HeaderMap) -> Result<(), Problem> {
    let is_json = |media: &str| media.to_ascii_lowercase().contains("json");
    let is_asked_for = headers.get(CONTENT_TYPE).and_then(text).is_some_and(is_json);
    let Some(origin) = headers.get(ORIGIN).filter(|_| !is_asked_for) else { return Ok(()) };
    let is_allowed = text(origin).is_some_and(|origin| {
        let is_own = match headers.get(&SEC_FETCH_SITE).and_then(text) {
            // The browser knows, also where a proxy has changed the host.
            Some(site) => site == "same-origin",
            None => is_origin_of(origin, headers.get(HOST).and_then(text).unwrap_or_default()),
        };
        is_own || pages.allows(origin)
    });
    if is_allowed { Ok(()) } else { Err(Problem::of(ErrorCode::ForbiddenOrigin)) }
}

/// Whether a page of `origin` came from the server named by `Host`. Behind a proxy that ends TLS nobody here knows the
/// scheme, so that of the origin decides which port is meant where none is written.
fn is_origin_of(origin: &str, host: &str) -> bool {
    let Some((scheme, authority)) = origin.split_once("://") else { return false };
    let default_port = match scheme.to_ascii_lowercase().as_str() {
        "http" => 80,
        "https" => 443,
        _ => return false,
    };
    let (Some(page), Some(own)) = (Authority::parse(authority), Authority::parse(host)) else { return false };
    page.host.eq_ignore_ascii_case(own.host) && page.port.unwrap_or(default_port) == own.port.unwrap_or(default_port)
}

fn text(value: &HeaderValue) -> Option<&str> {
    value.to_str().ok()
}

/// A host and its port, and nothing besides: what one reader ignores, another one takes for the host.
#[derive(Debug, Clone, Copy)]
struct Authority<'a> {
    /// Without the brackets of IPv6.
    host: &'a str,
    port: Option<u16>,
}

impl<'a> Authority<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let (host, rest) = match text.strip_prefix('[') {
            Some(bracketed) => {
                let (address, rest) = bracketed.split_once(']')?;
                address.parse::<Ipv6Addr>().ok()?;
                (address, rest)
            }
            None => text.split_at(text.find(':').unwrap_or(text.len())),
        };
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:".contains(&byte);
        if host.is_empty() || !host.bytes().all(is_name) {
            return None;
        }
        let port = match rest.strip_prefix(':') {
            None if rest.is_empty() => None,
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => Some(digits.parse().ok()?),
            _ => return None,
        };
        Some(Self { host, port })
    }
}

/// Whether a host name is this one, or stands below it where that begins with `*.`.
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
        for host in [
            "evil.example",
            "localhost.evil.example",
            "169.254.169.254",
            "",
            "localhost@evil.example",
            "evil@a.localhost",
            "[::1]evil",
            "[::1",
            "[localhost]",
            "localhost:@evil",
            "localhost:evil",
            "localhost:80:80",
            "localhost:+80",
            "localhost:65536",
            "::1",
        ] {
            assert_eq!(admit(&open(&[], &[]), "/v1/users", &[(HOST, host)]), Err("forbidden_host"), "{host}");
        }
        assert_eq!(admit(&open(&["API.example.com"], &[]), "/", &[(HOST, "api.example.com:443")]), Ok(()));
        assert_eq!(admit(&open(&["*.example.com"], &[]), "/", &[(HOST, "a.example.com")]), Ok(()));
        assert_eq!(admit(&open(&["*.example.com"], &[]), "/", &[(HOST, "badexample.com")]), Err("forbidden_host"));
    }

    #[test]
    fn a_page_of_a_foreign_origin_is_refused() {
        for origin in [
            "https://evil.example",
            "null",
            "",
            "http://localhost.evil.example",
            "http://localhost",
            "http://localhost:3000",
            "http://127.0.0.1:8000",
            "http://localhost:8000@evil.example",
            "http://localhost:8000/path",
            "http://localhost:8000, http://localhost:8000",
            "chrome-extension://localhost:8000",
            "localhost:8000",
            "://localhost:8000",
        ] {
            let lines = [(HOST, "localhost:8000"), (ORIGIN, origin)];
            assert_eq!(admit(&open(&[], &[]), "/v1/users", &lines), Err("forbidden_origin"), "{origin}");
        }
        let two = [(HOST, "localhost"), (ORIGIN, "http://localhost"), (ORIGIN, "http://localhost")];
        assert_eq!(admit(&open(&[], &[]), "/v1/users", &two), Err("forbidden_origin"));
    }

    #[test]
    fn pages_of_the_service_itself_pass() {
        for (host, origin) in [
            ("localhost:8000", "http://localhost:8000"),
            ("localhost:8000", "HTTP://LocalHost:8000"),
            ("localhost", "http://localhost:80"),
            ("localhost", "https://localhost"),
            ("localhost:443", "https://localhost"),
            ("[::1]:8000", "http://[::1]:8000"),
        ] {
            let lines = [(HOST, host), (ORIGIN, origin)];
            assert_eq!(admit(&open(&[], &[]), "/v1/users", &lines), Ok(()), "{origin} at {host}");
        }
    }

    #[test]
    fn pages_of_allowed_origins_pass() {
        let lines = |origin| [(HOST, "localhost:8000"), (ORIGIN, origin)];
        let config = open(&[], &["https://app.example.com", "http://localhost:3000"]);
        for origin in ["https://app.example.com", "HTTPS://APP.example.com", "http://localhost:3000"] {
            assert_eq!(admit(&config, "/v1/users", &lines(origin)), Ok(()), "{origin}");
        }
        assert_eq!(admit(&open(&[], &["*"]), "/v1/users", &lines("null")), Ok(()));
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

    fn form(lines: &[(&'static str, &'static str)], pages: &[&str]) -> Result<(), &'static str> {
        let pages = CrossOrigin::new(&pages.iter().map(ToString::to_string).collect::<Vec<_>>());
        let lines = lines.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        check_unasked(&pages, &lines.collect()).map_err(|problem| problem.code().as_str())
    }

    #[test]
    fn a_form_of_a_foreign_page_is_refused_and_one_of_ours_or_of_no_page_is_not() {
        let form_type = ("content-type", "application/X-www-form-urlencoded; charset=utf-8");
        let host = ("host", "api.example.com");
        let (own, foreign) = (("origin", "https://api.example.com"), ("origin", "https://evil.example"));
        assert_eq!(form(&[form_type, host], &[]), Ok(()), "curl, or an application");
        assert_eq!(form(&[form_type, host, own], &[]), Ok(()));
        assert_eq!(form(&[form_type, ("host", "backend:8000"), own, ("sec-fetch-site", "same-origin")], &[]), Ok(()));
        assert_eq!(form(&[form_type, host, foreign], &["https://evil.example"]), Ok(()), "as CORS_ORIGINS says");
        assert_eq!(form(&[("content-type", "application/json"), host, foreign], &[]), Ok(()), "asked for before");
        for lines in [
            [form_type, host, foreign, ("sec-fetch-site", "cross-site")],
            [form_type, host, foreign, ("accept", "*/*")],
            [form_type, host, ("origin", "null"), ("accept", "*/*")],
            [form_type, host, own, ("sec-fetch-site", "same-site")],
            [("content-type", "text/plain"), host, foreign, ("accept", "*/*")],
            [("accept", "*/*"), host, foreign, ("user-agent", "a beacon")],
        ] {
            assert_eq!(form(&lines, &[]), Err("forbidden_origin"), "{lines:?}");
        }
    }
}
