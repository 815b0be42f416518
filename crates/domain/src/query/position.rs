//! A place in a sorted listing, from which the next page goes on whatever came or went.

use chrono::{DateTime, Utc};

use super::{ListUsers, SortKey, UserFilter, UserSort};
use crate::values::UserId;

/// A place in a sorted listing: the sort value of a user, and the id that breaks ties.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SortPosition {
    /// The value that the listing is sorted by.
    pub value: SortValue,
    /// The user's id.
    pub id: UserId,
}

/// The value that a listing is sorted by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SortValue {
    /// The id itself.
    Id,
    /// A moment.
    Time(DateTime<Utc>),
    /// A folded text.
    Text(String),
    /// No moment: behind all that have one, in both directions.
    Never,
}

impl SortPosition {
    /// The position as bytes, for a cursor.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.id.get().to_be_bytes().to_vec();
        match &self.value {
            SortValue::Id | SortValue::Never => {}
            SortValue::Time(at) => bytes.extend_from_slice(&at.timestamp_micros().to_be_bytes()),
            SortValue::Text(text) => bytes.extend_from_slice(text.as_bytes()),
        }
        bytes
    }

    /// Reads what [`to_bytes`](Self::to_bytes) wrote for a listing sorted by `key`; `None` if it cannot be that.
    pub fn from_bytes(bytes: &[u8], key: SortKey) -> Option<Self> {
        let (id, rest) = bytes.split_first_chunk::<8>()?;
        let value = match key {
            SortKey::Id => rest.is_empty().then_some(SortValue::Id)?,
            SortKey::LastLoginAt if rest.is_empty() => SortValue::Never,
            SortKey::CreatedAt | SortKey::UpdatedAt | SortKey::LastLoginAt => {
                let micros = i64::from_be_bytes(rest.try_into().ok()?);
                SortValue::Time(DateTime::from_timestamp_micros(micros)?)
            }
            SortKey::Username | SortKey::Email => SortValue::Text(String::from_utf8(rest.to_vec()).ok()?),
        };
        Some(Self { value, id: UserId::new(i64::from_be_bytes(*id)) })
    }
}

impl ListUsers {
    /// What a cursor is bound to: bytes that differ whenever filter or sort do.
    pub fn fingerprint(filter: &UserFilter, sort: UserSort) -> Vec<u8> {
        let mut bytes = vec![u8::from(sort.descending)];
        bytes.extend_from_slice(sort.key.as_str().as_bytes());
        bytes.push(0);
        filter.write_fingerprint(&mut bytes);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::DeletedScope;
    use crate::query::Search;
    use crate::values::Role;

    fn at(micros: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(micros).unwrap()
    }

    #[test]
    fn a_position_reads_back_for_its_own_key() {
        let text = SortValue::Text("änn".into());
        for (key, value) in [
            (SortKey::Id, SortValue::Id),
            (SortKey::CreatedAt, SortValue::Time(at(-1))),
            (SortKey::UpdatedAt, SortValue::Time(at(1_700_000_000_000_001))),
            (SortKey::Username, text.clone()),
            (SortKey::Email, SortValue::Text(String::new())),
            (SortKey::LastLoginAt, SortValue::Time(at(0))),
            (SortKey::LastLoginAt, SortValue::Never),
        ] {
            let position = SortPosition { value, id: UserId::new(7) };
            assert_eq!(SortPosition::from_bytes(&position.to_bytes(), key), Some(position));
        }
    }

    #[test]
    fn bytes_of_another_shape_are_no_position() {
        for (bytes, key) in [
            (&b""[..], SortKey::Id),
            (b"1234567", SortKey::Username),
            (b"123456789", SortKey::Id),
            (b"12345678", SortKey::CreatedAt),
            (b"12345678\xff", SortKey::Email),
            (b"123456789", SortKey::LastLoginAt),
        ] {
            assert_eq!(SortPosition::from_bytes(bytes, key), None, "{bytes:?}");
        }
    }

    #[test]
    fn every_condition_changes_the_fingerprint() {
        let none = UserFilter::default();
        let filters = [
            none.clone(),
            UserFilter { role: Some(Role::Admin), ..none.clone() },
            UserFilter { is_active: Some(true), ..none.clone() },
            UserFilter { is_active: Some(false), ..none.clone() },
            UserFilter { search: Some(Search::Beginning("a".into())), ..none.clone() },
            UserFilter { search: Some(Search::Within("a".into())), ..none.clone() },
            UserFilter { username: Some("a".into()), ..none.clone() },
            UserFilter { email: Some("a".into()), ..none.clone() },
            UserFilter { external_id: Some("a".into()), ..none.clone() },
            UserFilter { created_after: Some(at(1)), ..none.clone() },
            UserFilter { created_before: Some(at(1)), ..none.clone() },
            UserFilter { deleted: DeletedScope::All, ..none.clone() },
            UserFilter { deleted: DeletedScope::Only, ..none },
        ];
        let mut seen = std::collections::HashSet::new();
        for filter in &filters {
            for key in SortKey::ALL {
                for descending in [false, true] {
                    assert!(seen.insert(ListUsers::fingerprint(filter, UserSort { key, descending })), "{filter:?}");
                }
            }
        }
    }
}
