//! Identifiers of users and sessions.

use std::fmt;

use uuid::Uuid;

use crate::violation::Violation;

/// The number a database gave to a user; never given again, not even after the user was erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(i64);

impl UserId {
    /// Wraps a number that came from a database.
    pub const fn new(id: i64) -> Self {
        Self(id)
    }

    /// The number.
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The public, unguessable name of a user: a `UUIDv7` (RFC 9562).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserUuid(Uuid);

impl UserUuid {
    /// Wraps a UUID.
    pub const fn new(uuid: Uuid) -> Self {
        Self(uuid)
    }

    /// The UUID.
    pub const fn get(self) -> Uuid {
        self.0
    }
}

impl fmt::Display for UserUuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The name of a session: a `UUIDv7` (RFC 9562). It is no secret; whoever knows it can do nothing with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(Uuid);

impl SessionId {
    /// Wraps a UUID.
    pub const fn new(uuid: Uuid) -> Self {
        Self(uuid)
    }

    /// The UUID.
    pub const fn get(self) -> Uuid {
        self.0
    }

    /// Reads a hyphenated UUID.
    ///
    /// # Errors
    ///
    /// `invalid_id` for anything else.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        hyphenated(text).map(Self)
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How a caller names a user: by number or by UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UserRef {
    /// By the number of the database.
    Id(UserId),
    /// By the UUID.
    Uuid(UserUuid),
}

impl UserRef {
    /// Reads what a client wrote in a path: a decimal number without leading zeros, or a hyphenated UUID.
    ///
    /// # Errors
    ///
    /// `invalid_id` if it is neither. A number that no database can hold is still an id, of nobody: it is read as the
    /// largest one.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        // A user has one number, and one URL.
        if is_number && (text == "0" || !text.starts_with('0')) {
            let number = text.parse::<i64>().unwrap_or(i64::MAX);
            return Ok(Self::Id(UserId(number)));
        }
        Self::parse_uuid(text).map_err(|_| invalid_id())
    }

    /// Reads a UUID only, for services that do not show numbers.
    ///
    /// # Errors
    ///
    /// `invalid_id` if it is not a hyphenated UUID.
    pub fn parse_uuid(text: &str) -> Result<Self, Violation> {
        hyphenated(text).map(|uuid| Self::Uuid(UserUuid(uuid)))
    }
}

fn hyphenated(text: &str) -> Result<Uuid, Violation> {
    if text.len() != 36 {
        return Err(invalid_uuid());
    }
    Uuid::try_parse(text).map_err(|_| invalid_uuid())
}

impl From<UserId> for UserRef {
    fn from(id: UserId) -> Self {
        Self::Id(id)
    }
}

impl From<UserUuid> for UserRef {
    fn from(uuid: UserUuid) -> Self {
        Self::Uuid(uuid)
    }
}

impl fmt::Display for UserRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Uuid(uuid) => uuid.fmt(f),
        }
    }
}

fn invalid_id() -> Violation {
    Violation::new("invalid_id", "A user is named by an integer or by a UUID")
}

fn invalid_uuid() -> Violation {
    Violation::new("invalid_id", "A user is named by a UUID")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_and_a_uuid_name_a_user() {
        assert_eq!(UserRef::parse("42"), Ok(UserRef::Id(UserId(42))));
        let uuid = "0198a5b0-7c1e-7000-8000-000000000001";
        assert_eq!(UserRef::parse(uuid).unwrap().to_string(), uuid);
    }

    #[test]
    fn a_number_beyond_the_database_is_an_id_of_nobody() {
        for text in ["99999999999999999999", &"9".repeat(400)] {
            assert_eq!(UserRef::parse(text), Ok(UserRef::Id(UserId(i64::MAX))));
        }
    }

    #[test]
    fn anything_else_names_nobody() {
        for text in ["", "-1", "+1", "01", "00", "1.0", "abc", "0x10", "{0198a5b0-7c1e-7000-8000-000000000001}", "１"]
        {
            assert_eq!(UserRef::parse(text).unwrap_err().code(), "invalid_id", "{text:?}");
        }
    }

    #[test]
    fn where_numbers_are_hidden_they_name_nobody() {
        for text in ["42", "0198a5b0-7c1e-7000-8000-00000000000g"] {
            let violation = UserRef::parse_uuid(text).unwrap_err();
            assert_eq!((violation.code(), violation.detail()), ("invalid_id", "A user is named by a UUID"), "{text}");
        }
        assert_eq!(UserRef::parse("x").unwrap_err().detail(), "A user is named by an integer or by a UUID");
    }
}
