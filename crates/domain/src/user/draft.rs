//! A user who is not stored yet.

use chrono::{DateTime, Utc};

use super::record::join_names;
use super::{FieldChange, FieldValue, User, UserAction, UserEvent, UserRecord};
use crate::input::{Change, ImportedUser, NewUser};
use crate::values::{ExternalId, Locale, Metadata, PasswordHash, PersonName, UserId, UserUuid};

/// A new user, complete but for the number that the database will give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserDraft {
    record: UserRecord,
}

impl UserDraft {
    /// A new user of version 1, and the event that says so.
    ///
    /// The password in `new` is not looked at: `password_hash` is its hash.
    pub fn new(
        new: NewUser,
        password_hash: PasswordHash,
        uuid: UserUuid,
        created_by: Option<UserUuid>,
        now: DateTime<Utc>,
    ) -> (Self, Vec<UserEvent>) {
        let record = UserRecord {
            uuid,
            username: new.username,
            email: new.email,
            holds_names: true,
            password_hash,
            password_changed_at: now,
            must_change_password: new.must_change_password,
            full_name: own_full_name(new.full_name, new.first_name.as_ref(), new.last_name.as_ref()),
            first_name: new.first_name,
            last_name: new.last_name,
            role: new.role,
            is_active: new.is_active,
            suspended_until: None,
            status_reason: None,
            email_verified_at: None,
            external_id: new.external_id,
            locale: new.locale,
            user_metadata: new.user_metadata,
            app_metadata: new.app_metadata,
            created_by,
            version: 1,
            auth_epoch: 0,
            created_at: now,
            updated_at: now,
            deleted_at: None,
        };
        let event = UserEvent { action: UserAction::Created, user: uuid, changes: first_values(&record) };
        (Self { record }, vec![event])
    }

    /// A user who comes from elsewhere, of version 1, and the event that says so.
    ///
    /// What is not told is as for a new user. An account that was made elsewhere keeps that time, unless it lies ahead. The
    /// credential in `user` is not looked at: `password_hash` is what is stored.
    pub fn imported(
        user: ImportedUser,
        password_hash: PasswordHash,
        uuid: UserUuid,
        created_by: Option<UserUuid>,
        now: DateTime<Utc>,
    ) -> (Self, Vec<UserEvent>) {
        let ImportedUser { username, email, full_name, first_name, last_name, external_id, locale, .. } = user;
        let (first_name, last_name) = (set(first_name), set(last_name));
        let is_active = user.is_active.unwrap_or(true);
        let created_at = user.created_at.map_or(now, |at| at.min(now));
        let record = UserRecord {
            uuid,
            username,
            email,
            holds_names: true,
            password_hash,
            password_changed_at: now,
            must_change_password: user.must_change_password.unwrap_or(false),
            full_name: own_full_name(set(full_name), first_name.as_ref(), last_name.as_ref()),
            first_name,
            last_name,
            role: user.role.unwrap_or_default(),
            is_active,
            suspended_until: user.suspended_until.filter(|_| !is_active),
            status_reason: None,
            email_verified_at: user.email_verified.unwrap_or(false).then_some(now),
            external_id: set(external_id),
            locale: set(locale),
            user_metadata: set(user.user_metadata).unwrap_or_else(Metadata::empty),
            app_metadata: set(user.app_metadata).unwrap_or_else(Metadata::empty),
            created_by,
            version: 1,
            auth_epoch: 0,
            created_at,
            updated_at: now,
            deleted_at: None,
        };
        let mut changes = first_values(&record);
        let told = [
            ("created_at", Some(record.created_at)),
            ("email_verified_at", record.email_verified_at),
            ("suspended_until", record.suspended_until),
        ];
        let time = |(field, at)| Some(FieldChange { field, old: FieldValue::Null, new: FieldValue::Time(at?) });
        changes.extend(told.into_iter().filter_map(time));
        let event = UserEvent { action: UserAction::Imported, user: uuid, changes };
        (Self { record }, vec![event])
    }

    /// Everything there is to store.
    pub fn record(&self) -> &UserRecord {
        &self.record
    }

    /// The stored user, under the number the database gave.
    pub fn stored_as(self, id: UserId) -> User {
        User::from_stored(id, self.record)
    }
}

/// The whole name, where it is more than the other two joined.
fn own_full_name(
    full_name: Option<PersonName>,
    first: Option<&PersonName>,
    last: Option<&PersonName>,
) -> Option<PersonName> {
    let derived = join_names(first.map(PersonName::as_str), last.map(PersonName::as_str));
    full_name.filter(|name| ![Some(""), derived.as_deref()].contains(&Some(name.as_str())))
}

fn set<T>(change: Change<T>) -> Option<T> {
    match change {
        Change::Set(value) => Some(value),
        Change::Keep | Change::Clear => None,
    }
}

fn first_values(record: &UserRecord) -> Vec<FieldChange> {
    let values = [
        ("username", FieldValue::Text(record.username.as_str().to_owned())),
        ("email", FieldValue::Text(record.email.as_str().to_owned())),
        ("password", FieldValue::Secret),
        ("full_name", FieldValue::text(record.full_name.as_ref().map(PersonName::as_str))),
        ("first_name", FieldValue::text(record.first_name.as_ref().map(PersonName::as_str))),
        ("last_name", FieldValue::text(record.last_name.as_ref().map(PersonName::as_str))),
        ("role", FieldValue::Text(record.role.as_str().to_owned())),
        ("is_active", FieldValue::Bool(record.is_active)),
        ("external_id", FieldValue::text(record.external_id.as_ref().map(ExternalId::as_str))),
        ("locale", FieldValue::text(record.locale.as_ref().map(Locale::as_str))),
        ("user_metadata", FieldValue::Json(record.user_metadata.as_json().to_owned())),
        ("app_metadata", FieldValue::Json(record.app_metadata.as_json().to_owned())),
    ];
    values
        .into_iter()
        .filter(|(_, value)| *value != FieldValue::Null)
        .map(|(field, new)| FieldChange { field, old: FieldValue::Null, new })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{NOW, hash, new_ann, uuid};
    use super::*;

    #[test]
    fn the_event_names_every_value_but_the_password() {
        let (_, events) = UserDraft::new(new_ann(), hash("first"), uuid(1), None, NOW);
        let [event] = events.as_slice() else { panic!("one event, not {events:?}") };
        assert_eq!(event.action, UserAction::Created);
        let fields: Vec<_> = event.changes.iter().map(|change| change.field).collect();
        let expected = [
            "username",
            "email",
            "password",
            "first_name",
            "last_name",
            "role",
            "is_active",
            "user_metadata",
            "app_metadata",
        ];
        assert_eq!(fields, expected);
        assert!(!format!("{events:?}").contains("correct horse"));
        assert!(!format!("{events:?}").contains("first\""), "the hash is in the event");
    }

    #[test]
    fn a_full_name_that_is_only_the_other_two_joined_is_not_stored() {
        let full_name = Some(PersonName::parse("Ann Lee").unwrap());
        let (draft, _) = UserDraft::new(NewUser { full_name, ..new_ann() }, hash("h"), uuid(1), None, NOW);
        assert_eq!(draft.record().full_name, None);
        assert_eq!(draft.record().displayed_full_name().as_deref(), Some("Ann Lee"));
    }

    #[test]
    fn an_empty_full_name_is_none() {
        let full_name = Some(PersonName::parse("").unwrap());
        let (draft, _) = UserDraft::new(NewUser { full_name, ..new_ann() }, hash("h"), uuid(1), None, NOW);
        assert_eq!(draft.record().displayed_full_name().as_deref(), Some("Ann Lee"));
    }

    #[test]
    fn a_full_name_of_its_own_is_stored_and_shown() {
        let full_name = Some(PersonName::parse("Dr. Ann Lee").unwrap());
        let (draft, _) = UserDraft::new(NewUser { full_name, ..new_ann() }, hash("h"), uuid(1), None, NOW);
        assert_eq!(draft.record().displayed_full_name().as_deref(), Some("Dr. Ann Lee"));
    }
}
