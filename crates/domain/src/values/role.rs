//! The three roles.

use std::fmt;

use crate::violation::Violation;

/// What somebody is, and so what they may do (see [`crate::access`]).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// May read and change themself.
    #[default]
    User,
    /// May also read everybody and help users of role `user`.
    Moderator,
    /// May do everything.
    Admin,
}

impl Role {
    /// Every role, from the least to the most powerful.
    pub const ALL: [Self; 3] = [Self::User, Self::Moderator, Self::Admin];

    /// The name in requests, answers and the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Moderator => "moderator",
            Self::Admin => "admin",
        }
    }

    /// Reads a role's name, exactly as [`Role::as_str`] writes it.
    ///
    /// # Errors
    ///
    /// `invalid_role` for any other text.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| Violation::new("invalid_role", "A role is one of user, moderator and admin"))
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_reads_back() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.as_str()), Ok(role));
        }
    }

    #[test]
    fn roles_are_written_exactly() {
        for text in ["", "Admin", " admin", "root", "admin\0"] {
            assert_eq!(Role::parse(text).unwrap_err().code(), "invalid_role", "{text:?}");
        }
    }
}
