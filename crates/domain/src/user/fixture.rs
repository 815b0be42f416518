//! A user for the tests of this module.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{User, UserDraft};
use crate::input::NewUser;
use crate::values::{
    EmailAddress, Metadata, PasswordHash, PasswordPolicy, PersonName, PlainPassword, Role, UserId, UserUuid, Username,
};

pub(super) const NOW: DateTime<Utc> = DateTime::from_timestamp_micros(1_790_000_000_000_000).expect("in range");

pub(super) fn new_ann() -> NewUser {
    NewUser {
        username: Username::parse("ann").unwrap(),
        email: EmailAddress::parse("ann@example.com").unwrap(),
        password: PlainPassword::parse("correct horse", &PasswordPolicy::default()).unwrap(),
        full_name: None,
        first_name: Some(PersonName::parse("Ann").unwrap()),
        last_name: Some(PersonName::parse("Lee").unwrap()),
        role: Role::User,
        is_active: true,
        must_change_password: false,
        external_id: None,
        locale: None,
        user_metadata: Metadata::empty(),
        app_metadata: Metadata::empty(),
    }
}

pub(super) fn draft() -> UserDraft {
    UserDraft::new(new_ann(), hash("first"), uuid(1), None, NOW).0
}

pub(super) fn ann() -> User {
    draft().stored_as(UserId::new(1))
}

pub(super) fn hash(text: &str) -> PasswordHash {
    PasswordHash::from_stored(text.to_owned())
}

pub(super) fn uuid(number: u128) -> UserUuid {
    UserUuid::new(Uuid::from_u128(number))
}
