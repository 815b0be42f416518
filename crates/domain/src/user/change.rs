//! Changing what is known about a user.

use chrono::{DateTime, Utc};

use super::{FieldChange, FieldValue, User, UserAction, UserEvent};
use crate::input::Change;
use crate::values::{EmailAddress, ExternalId, Locale, Metadata, PasswordHash, PersonName, Role, UserUuid, Username};

/// What to change about a user; what is not named stays as it is.
///
/// Unlike [`UserChanges`](crate::input::UserChanges), the password is hashed and metadata are merged already.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserPatch {
    /// Another name to sign in with.
    pub username: Option<Username>,
    /// Another address; clears the proof that the old one was the person's.
    pub email: Option<EmailAddress>,
    /// Another password, hashed.
    pub password_hash: Option<PasswordHash>,
    /// Another whole name.
    pub full_name: Change<PersonName>,
    /// Another given name.
    pub first_name: Change<PersonName>,
    /// Another family name.
    pub last_name: Change<PersonName>,
    /// Another role.
    pub role: Option<Role>,
    /// Whether the user may sign in.
    pub is_active: Option<bool>,
    /// Whether the person must choose another password before doing anything else.
    pub must_change_password: Option<bool>,
    /// Another name in another system.
    pub external_id: Change<ExternalId>,
    /// Another language.
    pub locale: Change<Locale>,
    /// Other data of the application that the person may change.
    pub user_metadata: Option<Metadata>,
    /// Other data of the application.
    pub app_metadata: Option<Metadata>,
}

impl User {
    /// Changes what the patch names. `by` is who does it, where it is a known user.
    ///
    /// Returns at most one event of each kind: profile, password, role, active or not. A password always counts as
    /// changed; one that somebody else sets, and another role, make earlier access tokens stale.
    pub fn update(&mut self, patch: UserPatch, by: Option<UserUuid>, now: DateTime<Utc>) -> Vec<UserEvent> {
        let mut events = Vec::new();
        let (password_hash, role, is_active) = (patch.password_hash.clone(), patch.role, patch.is_active);
        let must_change_password = patch.must_change_password;
        events.extend(self.change_profile(patch, now));
        events.extend(password_hash.map(|hash| self.change_password(hash, by, now)));
        events.extend(must_change_password.and_then(|must| self.require_password_change(must, now)));
        events.extend(role.and_then(|role| self.change_role(role, now)));
        match is_active {
            Some(true) => events.extend(self.activate(now)),
            Some(false) if self.is_active() => events.extend(self.deactivate(None, None, now)),
            Some(false) | None => {}
        }
        events
    }

    fn change_profile(&mut self, patch: UserPatch, now: DateTime<Utc>) -> Option<UserEvent> {
        let shown = self.record.displayed_full_name();
        let mut changes = Vec::new();
        let record = &mut self.record;
        if let Some(username) = patch.username {
            note(&mut changes, "username", Some(record.username.as_str()), Some(username.as_str()));
            record.username = username;
        }
        if let Some(email) = patch.email {
            if record.email.key() != email.key() {
                record.email_verified_at = None;
            }
            note(&mut changes, "email", Some(record.email.as_str()), Some(email.as_str()));
            record.email = email;
        }
        let full_name = match patch.full_name {
            // A client that sends back the name it was shown does not mean to store what was derived.
            Change::Set(name) if record.full_name.is_none() && Some(name.as_str()) == shown.as_deref() => Change::Keep,
            // A form sends its empty field; that is no name to hide first and last name behind.
            Change::Set(name) if name.as_str().is_empty() => Change::Clear,
            change => change,
        };
        set(&mut changes, "full_name", &mut record.full_name, full_name, PersonName::as_str);
        set(&mut changes, "first_name", &mut record.first_name, patch.first_name, PersonName::as_str);
        set(&mut changes, "last_name", &mut record.last_name, patch.last_name, PersonName::as_str);
        set(&mut changes, "external_id", &mut record.external_id, patch.external_id, ExternalId::as_str);
        set(&mut changes, "locale", &mut record.locale, patch.locale, Locale::as_str);
        replace(&mut changes, "user_metadata", &mut record.user_metadata, patch.user_metadata);
        replace(&mut changes, "app_metadata", &mut record.app_metadata, patch.app_metadata);
        if changes.is_empty() {
            return None;
        }
        self.touch(now);
        Some(self.event(UserAction::Updated, changes))
    }

    fn change_password(&mut self, hash: PasswordHash, by: Option<UserUuid>, now: DateTime<Utc>) -> UserEvent {
        self.record.password_hash = hash;
        self.record.password_changed_at = now;
        self.record.must_change_password = false;
        if by != Some(self.record.uuid) {
            self.record.auth_epoch += 1;
        }
        self.touch(now);
        let change = FieldChange { field: "password", old: FieldValue::Secret, new: FieldValue::Secret };
        self.event(UserAction::PasswordChanged, vec![change])
    }

    /// After the password: setting one takes the demand back, unless it is made again.
    fn require_password_change(&mut self, must: bool, now: DateTime<Utc>) -> Option<UserEvent> {
        let old = std::mem::replace(&mut self.record.must_change_password, must);
        if old == must {
            return None;
        }
        self.touch(now);
        let (old, new) = (FieldValue::Bool(old), FieldValue::Bool(must));
        Some(self.event(UserAction::Updated, vec![FieldChange { field: "must_change_password", old, new }]))
    }

    fn change_role(&mut self, role: Role, now: DateTime<Utc>) -> Option<UserEvent> {
        let old = self.record.role;
        if old == role {
            return None;
        }
        self.record.role = role;
        self.record.auth_epoch += 1;
        self.touch(now);
        let (old, new) = (FieldValue::text(Some(old.as_str())), FieldValue::text(Some(role.as_str())));
        Some(self.event(UserAction::RoleChanged, vec![FieldChange { field: "role", old, new }]))
    }
}

fn note(changes: &mut Vec<FieldChange>, field: &'static str, old: Option<&str>, new: Option<&str>) {
    if old != new {
        changes.push(FieldChange { field, old: FieldValue::text(old), new: FieldValue::text(new) });
    }
}

fn set<T>(
    changes: &mut Vec<FieldChange>,
    field: &'static str,
    place: &mut Option<T>,
    change: Change<T>,
    text: impl Fn(&T) -> &str,
) {
    let new = match change {
        Change::Keep => return,
        Change::Clear => None,
        Change::Set(value) => Some(value),
    };
    note(changes, field, place.as_ref().map(&text), new.as_ref().map(&text));
    *place = new;
}

fn replace(changes: &mut Vec<FieldChange>, field: &'static str, place: &mut Metadata, new: Option<Metadata>) {
    let Some(new) = new else { return };
    if *place != new {
        let json = |metadata: &Metadata| FieldValue::Json(metadata.as_json().to_owned());
        changes.push(FieldChange { field, old: json(place), new: json(&new) });
        *place = new;
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{NOW, ann, hash, uuid};
    use super::*;

    fn name(text: &str) -> Change<PersonName> {
        Change::Set(PersonName::parse(text).unwrap())
    }

    fn actions(events: &[UserEvent]) -> Vec<UserAction> {
        events.iter().map(|event| event.action).collect()
    }

    #[test]
    fn a_patch_without_news_changes_nothing() {
        let mut user = ann();
        let same = UserPatch {
            username: Some(Username::parse("ann").unwrap()),
            email: Some(EmailAddress::parse("ann@example.com").unwrap()),
            full_name: name("Ann Lee"),
            first_name: name("Ann"),
            locale: Change::Clear,
            role: Some(Role::User),
            is_active: Some(true),
            user_metadata: Some(Metadata::empty()),
            ..UserPatch::default()
        };
        assert_eq!(user.update(same, None, NOW), []);
        assert!(!user.is_changed());
    }

    #[test]
    fn a_demand_for_another_password_is_met_by_the_next_one_unless_it_is_made_again() {
        let mut user = ann();
        let demand = UserPatch { must_change_password: Some(true), ..UserPatch::default() };
        let events = user.update(demand.clone(), None, NOW);
        assert_eq!(actions(&events), [UserAction::Updated]);
        assert_eq!((events[0].changes[0].field, user.record().must_change_password), ("must_change_password", true));
        assert_eq!(user.update(demand.clone(), None, NOW), []);
        let password = UserPatch { password_hash: Some(hash("second")), ..UserPatch::default() };
        user.update(password.clone(), None, NOW);
        assert!(!user.record().must_change_password);
        user.update(UserPatch { password_hash: Some(hash("third")), ..demand }, None, NOW);
        assert!(user.record().must_change_password);
    }

    #[test]
    fn each_kind_of_change_is_an_event_of_its_own() {
        let mut user = ann();
        let patch = UserPatch {
            username: Some(Username::parse("anna").unwrap()),
            password_hash: Some(hash("second")),
            role: Some(Role::Moderator),
            is_active: Some(false),
            ..UserPatch::default()
        };
        let events = user.update(patch, None, NOW);
        let expected =
            [UserAction::Updated, UserAction::PasswordChanged, UserAction::RoleChanged, UserAction::Deactivated];
        assert_eq!(actions(&events), expected);
        assert!(!format!("{events:?}").contains("second"), "the hash is in an event");
        assert_eq!(user.version(), 2);
    }

    #[test]
    fn another_address_is_not_proven_yet() {
        let mut user = ann();
        user.record.email_verified_at = Some(NOW);
        let email = |text| UserPatch { email: Some(EmailAddress::parse(text).unwrap()), ..UserPatch::default() };
        user.update(email("Ann@Example.com"), None, NOW);
        assert!(user.record().email_verified_at.is_some(), "the same address in other letters");
        user.update(email("ann@example.org"), None, NOW);
        assert_eq!(user.record().email_verified_at, None);
    }

    #[test]
    fn a_derived_full_name_that_is_sent_back_is_not_stored() {
        let mut user = ann();
        user.update(
            UserPatch { full_name: name("Ann Lee"), first_name: name("Anna"), ..UserPatch::default() },
            None,
            NOW,
        );
        assert_eq!(user.record().displayed_full_name().as_deref(), Some("Anna Lee"));
    }

    #[test]
    fn a_full_name_can_be_set_and_cleared() {
        let mut user = ann();
        user.update(UserPatch { full_name: name("A. Lee"), ..UserPatch::default() }, None, NOW);
        assert_eq!(user.record().displayed_full_name().as_deref(), Some("A. Lee"));
        user.update(UserPatch { full_name: Change::Clear, ..UserPatch::default() }, None, NOW);
        assert_eq!(user.record().displayed_full_name().as_deref(), Some("Ann Lee"));
    }

    #[test]
    fn an_empty_full_name_clears_it() {
        let mut user = ann();
        user.update(UserPatch { full_name: name("A. Lee"), ..UserPatch::default() }, None, NOW);
        user.update(UserPatch { full_name: name(""), ..UserPatch::default() }, None, NOW);
        assert_eq!(user.record().displayed_full_name().as_deref(), Some("Ann Lee"));
    }

    #[test]
    fn only_a_password_that_somebody_else_sets_ends_access() {
        let patch = || UserPatch { password_hash: Some(hash("second")), ..UserPatch::default() };
        let mut user = ann();
        user.update(patch(), Some(user.uuid()), NOW);
        assert_eq!(user.record().auth_epoch, 0);
        user.update(patch(), Some(uuid(9)), NOW);
        user.update(patch(), None, NOW);
        assert_eq!(user.record().auth_epoch, 2);
    }

    #[test]
    fn deactivating_by_a_patch_keeps_the_reason_of_an_earlier_deactivation() {
        let mut user = ann();
        let reason = crate::values::StatusReason::parse("abuse").unwrap();
        user.deactivate(Some(reason.clone()), None, NOW);
        let events = user.update(UserPatch { is_active: Some(false), ..UserPatch::default() }, None, NOW);
        assert_eq!(events, []);
        assert_eq!(user.record().status_reason, Some(reason));
    }
}
