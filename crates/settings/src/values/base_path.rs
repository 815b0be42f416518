//! Paths that the routes are mounted under.

use std::fmt;

use crate::kind::{FromText, Wrong};

/// A path such as `/api/v1`: begins with a slash, ends without one, of unreserved characters only.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BasePath(String);

/// First segments that the routes outside the base path have.
const RESERVED: &[&str] = &["health", "ready", "metrics", "openapi.json", "docs", "problems", ".well-known"];

impl BasePath {
    /// The path.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn contains(&self, other: &Self) -> bool {
        other.0.strip_prefix(&self.0).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

impl fmt::Display for BasePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromText for BasePath {
    const WHAT: &'static str = "a base path";

    fn hint() -> String {
        "paths such as /api/v1, separated by commas, each beginning with a slash and not ending with one".to_owned()
    }

    fn from_text(text: &str) -> Result<Self, Wrong> {
        let Some(segments) = text.strip_prefix('/') else {
            return Err(Wrong::Value { shown: text.to_owned() });
        };
        if !segments.split('/').all(is_plain) {
            return Err(Wrong::Value { shown: text.to_owned() });
        }
        match segments.split('/').next() {
            Some(first) if RESERVED.contains(&first) => Err(Wrong::Because(format!(
                "{text:?} clashes with /{first}, which the service has for itself; use a path such as /api/v1"
            ))),
            _ => Ok(Self(text.to_owned())),
        }
    }
}

/// Says what is wrong with these paths together, if anything.
pub(crate) fn check_mounts(paths: &[BasePath]) -> Result<(), String> {
    if paths.is_empty() {
        return Err("no path is left to mount the routes under; use one such as /api/v1".to_owned());
    }
    for (index, path) in paths.iter().enumerate() {
        // Requests below the inner path would reach the routes of the outer one.
        let clash = paths.iter().enumerate().find(|(other, inner)| *other != index && path.contains(inner));
        if let Some((_, inner)) = clash {
            return Err(format!("{inner} lies within {path}; use paths that are apart, such as /api/v1,/v1"));
        }
    }
    Ok(())
}

/// RFC 3986 §2.3, and no dot segments.
fn is_plain(segment: &str) -> bool {
    !matches!(segment, "" | "." | "..")
        && segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}
