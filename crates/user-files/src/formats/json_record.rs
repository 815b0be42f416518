//! What the records of all formats in JSON have in common.

use domain::violation::{FieldViolation, Violation};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::error::Category;

use super::raw::RawUser;
use super::{auth0, django, firebase, keycloak, ndjson};
use crate::broken::{BrokenFile, Trouble};
use crate::format::ImportFormat;
use crate::options::ReadOptions;
use crate::user::ImportedUser;

/// What a record of a file is.
pub(crate) enum Read<T> {
    /// A user, or what is wrong with one.
    User(T),
    /// Something else that such files hold.
    PassedOver,
}

/// What is wrong with a record.
pub(crate) enum Wrong {
    /// It is JSON, and not a user.
    Record(FieldViolation),
    /// It is not JSON.
    Json(serde_json::Error),
}

impl From<serde_json::Error> for Wrong {
    /// The reader's own sentence would repeat values, which may be passwords.
    fn from(error: serde_json::Error) -> Self {
        match error.classify() {
            Category::Data => {
                let detail = format!("A member near column {} is of another type than it should be", error.column());
                Self::Record(Violation::new("wrong_type", detail).at(""))
            }
            Category::Syntax | Category::Eof | Category::Io => Self::Json(error),
        }
    }
}

/// Reads a record that begins in `line`.
///
/// # Errors
///
/// [`Trouble::Json`] if it is not JSON.
pub(crate) fn read(
    json: &str,
    line: u64,
    options: &ReadOptions,
) -> Result<Read<Result<ImportedUser, Vec<FieldViolation>>>, BrokenFile> {
    if !json.starts_with('{') {
        return match serde_json::from_str::<IgnoredAny>(json) {
            Ok(_) => {
                let violation = Violation::new("not_an_object", "A record is a JSON object");
                Ok(Read::User(Err(vec![violation.at("")])))
            }
            Err(error) => Err(broken(&error, line)),
        };
    }
    let raw: Result<Read<RawUser<'_>>, Wrong> = match options.format {
        ImportFormat::Csv | ImportFormat::Ndjson => ndjson::read(json, &options.columns).map(Read::User),
        ImportFormat::Keycloak => parse(json).map(keycloak::User::into_raw),
        ImportFormat::Auth0 => parse(json).map(auth0::User::into_raw).map(Read::User),
        ImportFormat::Firebase => {
            parse(json).map(|user: firebase::User| Read::User(user.into_raw(options.firebase.as_ref())))
        }
        ImportFormat::Django => parse(json).map(django::Entry::into_raw),
    };
    match raw {
        Ok(Read::User(raw)) => Ok(Read::User(raw.check(options))),
        Ok(Read::PassedOver) => Ok(Read::PassedOver),
        Err(Wrong::Record(violation)) => {
            // A record of the wrong shape may be broken further on.
            serde_json::from_str::<IgnoredAny>(json).map_err(|error| broken(&error, line))?;
            Ok(Read::User(Err(vec![violation])))
        }
        Err(Wrong::Json(error)) => Err(broken(&error, line)),
    }
}

fn parse<'a, T: Deserialize<'a>>(json: &'a str) -> Result<T, Wrong> {
    serde_json::from_str(json).map_err(Wrong::from)
}

fn broken(error: &serde_json::Error, line: u64) -> BrokenFile {
    let problem = match error.classify() {
        Category::Eof => "it ends too early",
        Category::Data | Category::Syntax | Category::Io if error.to_string().starts_with("recursion") => {
            "it nests too deep"
        }
        Category::Data | Category::Syntax | Category::Io => "there is something that cannot stand there",
    };
    let column = (error.column() > 0).then(|| error.column());
    Trouble::Json { problem, column }.at(line + (error.line() as u64).saturating_sub(1))
}

/// The other system's own name for somebody, if it is a username here, else the id in that system: people who signed in
/// with their address there can do so here, but their username is something else.
pub(crate) fn username(name: Option<String>, id: impl FnOnce() -> Option<String>) -> Option<String> {
    name.filter(|name| !name.is_empty() && !name.contains('@')).or_else(id)
}

/// A language tag as Java and C write it.
pub(crate) fn language_tag(text: &str) -> String {
    text.replace('_', "-")
}
