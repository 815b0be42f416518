//! Origins of web pages.

use std::fmt;

use url::Url;

use crate::kind::{FromText, Wrong};

/// An origin that may call the service, RFC 6454.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum CorsOrigin {
    /// `*`
    Any,
    /// As browsers write it in `Origin`: lower case, without a default port.
    Exact(String),
}

impl fmt::Display for CorsOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Any => "*",
            Self::Exact(origin) => origin,
        })
    }
}

impl FromText for CorsOrigin {
    const WHAT: &'static str = "an origin";

    fn hint() -> String {
        "scheme://host[:port] without a path, such as https://app.example.com, separated by commas, or *".to_owned()
    }

    fn from_text(text: &str) -> Result<Self, Wrong> {
        if text == "*" {
            return Ok(Self::Any);
        }
        let wrong = || Wrong::Value { shown: text.to_owned() };
        let (scheme, authority) = text.split_once("://").ok_or_else(wrong)?;
        // The parser would drop user names and read backslashes and `#`; none of them is part of an origin.
        if authority.is_empty() || authority.contains(['/', '\\', '?', '#', '@', '*']) {
            return Err(wrong());
        }
        let url = Url::parse(text).map_err(|_| wrong())?;
        if !url.has_host() {
            return Err(wrong());
        }
        let origin = url.origin();
        // Schemes of applications, such as `capacitor://localhost`, have no origin by the URL standard.
        let written = if origin.is_tuple() {
            origin.ascii_serialization()
        } else {
            format!("{}://{}", scheme.to_ascii_lowercase(), authority.to_ascii_lowercase())
        };
        Ok(Self::Exact(written))
    }
}
