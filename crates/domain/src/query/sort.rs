//! The order of a listing.

use crate::violation::Violation;

/// What a listing is sorted by. Ties are broken by id, in the same direction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct UserSort {
    /// The value that is compared.
    pub key: SortKey,
    /// Whether the greatest comes first.
    pub descending: bool,
}

/// The values users can be sorted by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum SortKey {
    /// The number of the database.
    #[default]
    Id,
    /// When the account was made.
    CreatedAt,
    /// When it last changed.
    UpdatedAt,
    /// The folded username, by code points.
    Username,
    /// The folded email address, by code points.
    Email,
    /// When they last signed in; those who never did come last, in both directions.
    LastLoginAt,
}

impl SortKey {
    /// Every key.
    pub const ALL: [Self; 6] =
        [Self::Id, Self::CreatedAt, Self::UpdatedAt, Self::Username, Self::Email, Self::LastLoginAt];

    /// The key's name in a query.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::CreatedAt => "created_at",
            Self::UpdatedAt => "updated_at",
            Self::Username => "username",
            Self::Email => "email",
            Self::LastLoginAt => "last_login_at",
        }
    }
}

impl UserSort {
    /// Reads `created_at`, or `-created_at` for the other direction.
    ///
    /// # Errors
    ///
    /// `invalid_sort` for an unknown key.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        let (name, descending) = text.strip_prefix('-').map_or((text, false), |name| (name, true));
        let key = SortKey::ALL.into_iter().find(|key| key.as_str() == name).ok_or_else(|| {
            let known = SortKey::ALL.map(SortKey::as_str).join(", ");
            Violation::new(
                "invalid_sort",
                format!("Sort by one of {known}, or with a leading minus for descending order"),
            )
        })?;
        Ok(Self { key, descending })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_sorts_in_both_directions() {
        for key in SortKey::ALL {
            assert_eq!(UserSort::parse(key.as_str()), Ok(UserSort { key, descending: false }));
            assert_eq!(UserSort::parse(&format!("-{}", key.as_str())), Ok(UserSort { key, descending: true }));
        }
    }

    #[test]
    fn an_unknown_key_is_refused_with_the_known_ones() {
        for text in ["", "-", "--id", "password_hash", "ID", "id "] {
            let violation = UserSort::parse(text).unwrap_err();
            assert_eq!(violation.code(), "invalid_sort", "{text:?}");
            assert!(violation.detail().contains("created_at"));
        }
    }
}
