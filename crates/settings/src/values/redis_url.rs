//! Which Redis, and where.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use url::{Host, Url};

use super::without_password;
use crate::kind::{FromText, Wrong};

/// A URL `redis://…` or `rediss://…` with a host; `Display` and `Debug` show no password.
#[derive(Clone)]
pub struct RedisUrl(SecretString);

impl RedisUrl {
    /// The URL, with its password.
    pub fn secret(&self) -> &SecretString {
        &self.0
    }
}

impl fmt::Display for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&without_password(self.0.expose_secret()))
    }
}

impl fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RedisUrl({self})")
    }
}

impl FromText for RedisUrl {
    const SECRET: bool = true;
    const WHAT: &'static str = "a Redis URL";

    fn hint() -> String {
        "redis://USER:PASSWORD@HOST:PORT/NUMBER, or rediss://… for TLS (all but the host may be left out; special \
         characters in user and password percent-encoded)"
            .to_owned()
    }

    fn from_text(text: &str) -> Result<Self, Wrong> {
        let wrong = || Wrong::Value { shown: String::new() };
        let url = Url::parse(text.trim()).map_err(|_| wrong())?;
        // Also `redis:host`, which has no authority.
        let host = url.host_str().filter(|host| !host.contains('*')).ok_or_else(wrong)?;
        let number = url.path().strip_prefix('/').unwrap_or_default();
        let is_number =
            number.is_empty() || (number.bytes().all(|b| b.is_ascii_digit()) && number.parse::<u16>().is_ok());
        if !matches!(url.scheme(), "redis" | "rediss")
            || Host::parse(host).is_err()
            || url.port() == Some(0)
            || !is_number
        {
            return Err(wrong());
        }
        // An unescaped `#` in the password ends up in the fragment; `#insecure` would have the driver trust anybody.
        if url.fragment().is_some() {
            return Err(wrong());
        }
        if url.query().is_some() {
            return Err(Wrong::Because("parameters are not supported; take out what begins with the ?".to_owned()));
        }
        Ok(Self(url.to_string().into()))
    }

    fn show(text: &str) -> String {
        Self::from_text(text).map_or_else(|_| "[redacted]".to_owned(), |url| url.to_string())
    }
}
