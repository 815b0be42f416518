//! Names of this service in `Host`.

use std::fmt;
use std::net::Ipv6Addr;

use url::Host;

use crate::kind::{FromText, Wrong};

/// A host without a port as it stands in `Host`: lower case, an international name as A-label, IPv6 in brackets.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HostName(String);

impl HostName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromText for HostName {
    const WHAT: &'static str = "a host";

    fn hint() -> String {
        "host names or addresses without scheme and port, such as users.example.com, separated by commas".to_owned()
    }

    fn from_text(text: &str) -> Result<Self, Wrong> {
        let wrong = || Wrong::Value { shown: text.to_owned() };
        if let Ok(address) = text.parse::<Ipv6Addr>() {
            return Ok(Self(format!("[{address}]")));
        }
        // The URL standard lets a star through; here it would look like a pattern and match nothing.
        if text.contains('*') {
            return Err(wrong());
        }
        Host::parse(text).map(|host| Self(host.to_string())).map_err(|_| wrong())
    }
}
