//! Values that the standard library and `ipnet` have types for.

use std::net::IpAddr;
use std::path::PathBuf;

use ipnet::IpNet;

use crate::kind::{FromText, Wrong};

impl FromText for String {
    const WHAT: &'static str = "a text";

    fn hint() -> String {
        "a text".to_owned()
    }

    fn from_text(text: &str) -> Result<Self, Wrong> {
        // Names go into headers and log lines.
        if text.trim().is_empty() || text.chars().any(char::is_control) {
            return Err(Wrong::Because(format!("{text:?} is not a text; use one line of visible characters")));
        }
        Ok(text.trim().to_owned())
    }
}

impl FromText for PathBuf {
    const WHAT: &'static str = "a path";

    fn hint() -> String {
        "a path".to_owned()
    }

    fn hint_for_list() -> String {
        "paths separated by commas".to_owned()
    }

    fn from_text(text: &str) -> Result<Self, Wrong> {
        if text.contains('\0') {
            return Err(Wrong::Value { shown: text.to_owned() });
        }
        Ok(Self::from(text))
    }
}

impl FromText for bool {
    const WHAT: &'static str = "a yes or no";

    fn hint() -> String {
        "true or false".to_owned()
    }

    fn from_text(text: &str) -> Result<Self, Wrong> {
        match text.trim().to_ascii_lowercase().as_str() {
            "true" | "t" | "yes" | "y" | "on" | "1" | "enabled" => Ok(true),
            "false" | "f" | "no" | "n" | "off" | "0" | "disabled" => Ok(false),
            _ => Err(Wrong::Value { shown: text.to_owned() }),
        }
    }
}

/// The address to listen on; names other than `localhost` may mean another address tomorrow.
impl FromText for IpAddr {
    const WHAT: &'static str = "an address";

    fn hint() -> String {
        "an IP address such as 127.0.0.1, 0.0.0.0 or ::, or localhost".to_owned()
    }

    fn from_text(text: &str) -> Result<Self, Wrong> {
        let bare = text.trim();
        if bare.eq_ignore_ascii_case("localhost") {
            return Ok(Self::from([127, 0, 0, 1]));
        }
        let bare = bare.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(bare);
        bare.parse().map_err(|_| Wrong::Value { shown: text.to_owned() })
    }
}

impl FromText for IpNet {
    const WHAT: &'static str = "a network";

    fn hint() -> String {
        "CIDRs such as 10.0.0.0/8 or fd00::/8, or single addresses, separated by commas".to_owned()
    }

    fn from_text(text: &str) -> Result<Self, Wrong> {
        let network = text.parse::<Self>().or_else(|_| text.parse::<IpAddr>().map(Self::from));
        network.map(|network| network.trunc()).map_err(|_| Wrong::Value { shown: text.to_owned() })
    }
}
