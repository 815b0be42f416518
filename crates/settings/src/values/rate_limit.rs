//! How many requests in how long.

use std::fmt;
use std::time::Duration;

use crate::kind::{FromText, Wrong};

/// So many requests within a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RateLimit {
    /// Requests, from 1 to 1,000,000.
    pub quota: u32,
    /// A second, a minute, an hour or a day.
    pub window: Duration,
}

/// Beyond that a limit limits nothing, and in a window of a second the time between two requests becomes immeasurable.
const MOST: u32 = 1_000_000;

const SECOND: u64 = 1;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

impl fmt::Display for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.window.as_secs() {
            SECOND => "s",
            MINUTE => "min",
            HOUR => "h",
            DAY => "d",
            seconds => return write!(f, "{}/{seconds}s", self.quota),
        };
        write!(f, "{}/{unit}", self.quota)
    }
}

impl FromText for RateLimit {
    const WHAT: &'static str = "a rate limit";

    fn hint() -> String {
        format!("N/s, N/min, N/h or N/d with N from 1 to {MOST}")
    }

    fn from_text(text: &str) -> Result<Self, Wrong> {
        let limit = text.split_once('/').and_then(|(quota, unit)| {
            let quota = quota.trim();
            // `parse` takes a sign too.
            let quota = quota.starts_with(|c: char| c.is_ascii_digit()).then(|| quota.parse::<u32>().ok()).flatten()?;
            Some(Self { quota, window: window(unit.trim())? })
        });
        limit.filter(|limit| (1..=MOST).contains(&limit.quota)).ok_or_else(|| Wrong::Value { shown: text.to_owned() })
    }
}

fn window(unit: &str) -> Option<Duration> {
    let seconds = match unit.to_ascii_lowercase().as_str() {
        "s" | "sec" | "second" => SECOND,
        "min" | "minute" => MINUTE,
        "h" | "hour" => HOUR,
        "d" | "day" => DAY,
        _ => return None,
    };
    Some(Duration::from_secs(seconds))
}
