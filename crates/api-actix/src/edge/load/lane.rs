//! Which bound a request is under, by its method and path alone: nothing has been routed yet.

use actix_web::http::Method;

/// The bound that a request is under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lane {
    /// None: what an operator asks in trouble, and what a browser asks before it asks.
    Free,
    /// The measured one.
    Work,
    /// What hashes a password nearly always: that has a queue with a bound of its own, and takes so long that it says nothing
    /// about the rest.
    Hashing,
    /// What waits on purpose, or takes as long as there is much to tell.
    Long,
}

/// What is answered whatever there is to do.
const FREE: [&str; 3] = ["/health", "/ready", "/metrics"];

const LONG_GET: [&str; 4] = ["/events", "/export", "/audit/verify", "/data"];

const HASHING_POST: [&str; 5] =
    ["/auth/login", "/users", "/auth/register", "/auth/change-password", "/auth/reset-password"];

impl Lane {
    /// Anything that is not known is work.
    pub(crate) fn of(method: &Method, path: &str) -> Self {
        let path = path.strip_suffix('/').unwrap_or(path);
        let ends_with = |ends: &[&str]| ends.iter().any(|end| path.ends_with(end));
        match *method {
            Method::OPTIONS => Self::Free,
            Method::GET | Method::HEAD if FREE.contains(&path) => Self::Free,
            Method::GET | Method::HEAD if ends_with(&LONG_GET) => Self::Long,
            Method::POST if path.ends_with("/users/bulk") => Self::Long,
            Method::POST if ends_with(&HASHING_POST) => Self::Hashing,
            _ => Self::Work,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_on_purpose_or_for_a_password_is_not_counted_as_work() {
        for (method, path, lane) in [
            (Method::GET, "/health", Lane::Free),
            (Method::HEAD, "/ready/", Lane::Free),
            (Method::GET, "/metrics", Lane::Free),
            (Method::POST, "/health", Lane::Work),
            (Method::OPTIONS, "/api/v1/users", Lane::Free),
            (Method::GET, "/api/v1/users", Lane::Work),
            (Method::GET, "/v1/users/42", Lane::Work),
            (Method::PATCH, "/v1/users/42", Lane::Work),
            (Method::GET, "/v1/events", Lane::Long),
            (Method::HEAD, "/v1/users/export", Lane::Long),
            (Method::GET, "/api/v1/users/export", Lane::Long),
            (Method::GET, "/api/v1/audit/export", Lane::Long),
            (Method::GET, "/api/v1/users/42/data", Lane::Long),
            (Method::POST, "/api/v1/users/bulk", Lane::Long),
            (Method::POST, "/api/v1/users", Lane::Hashing),
            (Method::POST, "/v1/auth/login/", Lane::Hashing),
            (Method::POST, "/v1/auth/refresh", Lane::Work),
        ] {
            assert_eq!(Lane::of(&method, path), lane, "{method} {path}");
        }
    }
}
