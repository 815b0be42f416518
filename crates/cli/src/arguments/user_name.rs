//! How a user is named on the command line.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use domain::values::UserRef;

const USERNAME: &str = "username:";

/// A user, by number, UUID, email address or username. What is written decides, and never who there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum UserName {
    Ref {
        user: UserRef,
        /// A number that no database can hold is still the one that was asked for.
        written: String,
    },
    Email(String),
    Username(String),
}

impl FromStr for UserName {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        if let Some(username) = text.strip_prefix(USERNAME) {
            return Ok(Self::Username(username.to_owned()));
        }
        if let Ok(user) = UserRef::parse(text) {
            return Ok(Self::Ref { user, written: text.to_owned() });
        }
        // No username holds one.
        let is_email = text.contains('@');
        Ok(if is_email { Self::Email(text.to_owned()) } else { Self::Username(text.to_owned()) })
    }
}

impl fmt::Display for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ref { user: UserRef::Id(_), written } => write!(f, "the id {written}"),
            Self::Ref { user: UserRef::Uuid(uuid), .. } => write!(f, "the UUID {uuid}"),
            Self::Email(email) => write!(f, "the email address {email}"),
            Self::Username(username) => write!(f, "the username {username}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const UUID: &str = "0198a5b0-7c1e-7000-8000-000000000001";

    #[rstest]
    #[case("42", "the id 42")]
    #[case("99999999999999999999999", "the id 99999999999999999999999")]
    #[case("01", "the username 01")]
    #[case(UUID, "the UUID 0198a5b0-7c1e-7000-8000-000000000001")]
    #[case("ann@example.com", "the email address ann@example.com")]
    #[case("ann", "the username ann")]
    #[case("42nd", "the username 42nd")]
    #[case("username:42", "the username 42")]
    #[case("username:username:42", "the username username:42")]
    #[case("username:a@b", "the username a@b")]
    #[case("username:-ann", "the username -ann")]
    fn the_form_decides_what_a_name_is(#[case] text: &str, #[case] named: &str) {
        assert_eq!(text.parse::<UserName>().unwrap().to_string(), named);
    }
}
