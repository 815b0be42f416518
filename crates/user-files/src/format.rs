//! The kinds of files that are read.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use crate::detect;

/// A kind of file that users can be imported from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ImportFormat {
    /// Comma-separated values with a header (RFC 4180); semicolons and tabs separate as well.
    Csv,
    /// One JSON object in each line, or an array of them.
    Ndjson,
    /// A realm's export, a file of its users, or the users that the admin API lists.
    Keycloak,
    /// Users as Auth0 exports them, a JSON object in each line, or as it imports them, an array.
    Auth0,
    /// What `firebase auth:export` writes: JSON or CSV.
    Firebase,
    /// What Django's `dumpdata` writes as JSON.
    Django,
}

impl ImportFormat {
    /// Every format.
    pub const ALL: [Self; 6] = [Self::Csv, Self::Ndjson, Self::Keycloak, Self::Auth0, Self::Firebase, Self::Django];

    /// How many bytes of a file are enough for [`detect`](Self::detect).
    pub const BEGINNING: usize = 64 * 1024;

    /// The name that [`from_str`](Self::from_str) reads.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
            Self::Keycloak => "keycloak",
            Self::Auth0 => "auth0",
            Self::Firebase => "firebase",
            Self::Django => "django",
        }
    }

    /// The format of a file by its name, if it has one, and the [beginning](Self::BEGINNING) of its contents.
    ///
    /// Formats in JSON are told apart by the members of the first record, not by the name. `None` where that tells nothing,
    /// and for CSV of Firebase, which has no header to know it by.
    pub fn detect(path: Option<&Path>, beginning: &[u8]) -> Option<Self> {
        detect::detect(path, beginning)
    }
}

impl fmt::Display for ImportFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ImportFormat {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        let known = Self::ALL.into_iter().find(|format| format.as_str() == text);
        known.ok_or_else(|| UnknownFormat(text.to_owned()))
    }
}

/// A name that no format has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no format; there are csv, ndjson, keycloak, auth0, firebase and django")]
pub struct UnknownFormat(String);
