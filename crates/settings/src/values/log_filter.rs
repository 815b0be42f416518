//! What is logged.

use std::fmt;

use crate::kind::{FromText, Wrong};

/// A filter in the syntax of tracing's `EnvFilter`: `info`, or `info,sqlx=warn`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LogFilter(String);

const LEVELS: &[&str] = &["off", "error", "warn", "info", "debug", "trace"];

impl LogFilter {
    /// The filter.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LogFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromText for LogFilter {
    const WHAT: &'static str = "a log filter";

    fn hint() -> String {
        "off, error, warn, info, debug or trace, also by target: info,sqlx=warn".to_owned()
    }

    fn from_text(text: &str) -> Result<Self, Wrong> {
        let directives: Vec<_> = text.split(',').map(str::trim).collect();
        match directives.iter().find(|directive| !is_directive(directive)) {
            Some(directive) => Err(Wrong::Value { shown: (*directive).to_owned() }),
            None => Ok(Self(directives.join(","))),
        }
    }
}

/// A word without `=` must be a level: `EnvFilter` would take a misspelt one for a target, and log everything of it.
fn is_directive(directive: &str) -> bool {
    let (target, level) = directive.rsplit_once('=').unwrap_or(("", directive));
    let is_level = LEVELS.iter().any(|known| known.eq_ignore_ascii_case(level));
    let is_target = target.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-:.".contains(&byte));
    is_level && is_target && !directive.starts_with('=')
}
