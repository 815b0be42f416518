//! Users, with nothing written down but what the test is about.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use domain::input::NewUser;
use domain::ports::IdGenerator;
use domain::user::UserDraft;
use domain::values::{
    EmailAddress, ExternalId, Locale, Metadata, PasswordHash, PasswordPolicy, PersonName, PlainPassword, Role,
    UserUuid, Username,
};

use crate::{FakeHasher, FixedClock, SequentialIds};

/// An active user of role `user` whose name, address and uuid nobody else in this process has.
pub fn user() -> UserBuilder {
    static NUMBER: AtomicU64 = AtomicU64::new(1);
    let name = format!("user-{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    UserBuilder {
        email: format!("{name}@example.org"),
        username: name,
        password: "correct horse battery staple".to_owned(),
        full_name: None,
        first_name: None,
        last_name: None,
        role: Role::User,
        is_active: true,
        must_change_password: false,
        hash: None,
        external_id: None,
        locale: None,
        user_metadata: None,
        app_metadata: None,
        uuid: None,
        created_by: None,
        created_at: FixedClock::START,
    }
}

/// A user to be. Texts are taken as they are, without the rules for what people type: storage has none either.
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until `build` or `new_user`"]
pub struct UserBuilder {
    username: String,
    email: String,
    password: String,
    full_name: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    role: Role,
    is_active: bool,
    must_change_password: bool,
    hash: Option<PasswordHash>,
    external_id: Option<String>,
    locale: Option<String>,
    user_metadata: Option<String>,
    app_metadata: Option<String>,
    uuid: Option<UserUuid>,
    created_by: Option<UserUuid>,
    created_at: DateTime<Utc>,
}

impl UserBuilder {
    /// With this username, and an address at example.org that goes with it where the name is plain ASCII.
    pub fn named(mut self, username: &str) -> Self {
        if username.is_ascii() {
            self.email = format!("{username}@example.org");
        }
        username.clone_into(&mut self.username);
        self
    }

    /// With this username, leaving the address alone.
    pub fn username(mut self, username: &str) -> Self {
        username.clone_into(&mut self.username);
        self
    }

    /// With this address.
    pub fn email(mut self, email: &str) -> Self {
        email.clone_into(&mut self.email);
        self
    }

    /// With this password, which [`FakeHasher`] "hashes".
    pub fn password(mut self, password: &str) -> Self {
        password.clone_into(&mut self.password);
        self
    }

    /// With this whole name.
    pub fn full_name(mut self, name: &str) -> Self {
        self.full_name = Some(name.to_owned());
        self
    }

    /// With this given name.
    pub fn first_name(mut self, name: &str) -> Self {
        self.first_name = Some(name.to_owned());
        self
    }

    /// With this family name.
    pub fn last_name(mut self, name: &str) -> Self {
        self.last_name = Some(name.to_owned());
        self
    }

    /// In this role.
    pub fn role(mut self, role: Role) -> Self {
        self.role = role;
        self
    }

    /// An administrator.
    pub fn admin(self) -> Self {
        self.role(Role::Admin)
    }

    /// A moderator.
    pub fn moderator(self) -> Self {
        self.role(Role::Moderator)
    }

    /// Not allowed to sign in.
    pub fn inactive(mut self) -> Self {
        self.is_active = false;
        self
    }

    /// With this hash, whatever the password is.
    pub fn hash(mut self, hash: PasswordHash) -> Self {
        self.hash = Some(hash);
        self
    }

    /// Who must choose another password first.
    pub fn must_change_password(mut self) -> Self {
        self.must_change_password = true;
        self
    }

    /// With this id in another system.
    pub fn external_id(mut self, id: &str) -> Self {
        self.external_id = Some(id.to_owned());
        self
    }

    /// With this language.
    pub fn locale(mut self, locale: &str) -> Self {
        self.locale = Some(locale.to_owned());
        self
    }

    /// With this JSON text as the metadata that the person may change.
    pub fn user_metadata(mut self, json: &str) -> Self {
        self.user_metadata = Some(json.to_owned());
        self
    }

    /// With this JSON text as the application's metadata.
    pub fn app_metadata(mut self, json: &str) -> Self {
        self.app_metadata = Some(json.to_owned());
        self
    }

    /// Under this uuid.
    pub fn uuid(mut self, uuid: UserUuid) -> Self {
        self.uuid = Some(uuid);
        self
    }

    /// Made by this user.
    pub fn created_by(mut self, by: UserUuid) -> Self {
        self.created_by = Some(by);
        self
    }

    /// Made at this moment.
    pub fn created_at(mut self, at: DateTime<Utc>) -> Self {
        self.created_at = at;
        self
    }

    /// What the application gets when somebody asks for this user to be made.
    pub fn new_user(self) -> NewUser {
        NewUser {
            username: Username::from_stored(self.username),
            email: EmailAddress::from_stored(self.email),
            password: PlainPassword::parse(&self.password, &PasswordPolicy { min_length: 0 })
                .expect("a test's password has at most 100 characters and no NUL"),
            full_name: self.full_name.map(PersonName::from_stored),
            first_name: self.first_name.map(PersonName::from_stored),
            last_name: self.last_name.map(PersonName::from_stored),
            role: self.role,
            is_active: self.is_active,
            must_change_password: self.must_change_password,
            external_id: self.external_id.map(ExternalId::from_stored),
            locale: self.locale.map(Locale::from_stored),
            user_metadata: self.user_metadata.map_or_else(Metadata::empty, Metadata::from_stored),
            app_metadata: self.app_metadata.map_or_else(Metadata::empty, Metadata::from_stored),
        }
    }

    /// The user, ready to be stored.
    pub fn build(self) -> UserDraft {
        static IDS: LazyLock<SequentialIds> = LazyLock::new(SequentialIds::new);
        let (created_at, created_by) = (self.created_at, self.created_by);
        // A day earlier than whatever a service under test makes with ids of its own.
        let uuid = self.uuid.unwrap_or_else(|| UserUuid::new(IDS.uuid(created_at - TimeDelta::days(1))));
        let hash = self.hash.clone().unwrap_or_else(|| FakeHasher::hash_of(&self.password));
        UserDraft::new(self.new_user(), hash, uuid, created_by, created_at).0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_like_anybody_else() {
        let (one, other) = (user().build(), user().build());
        assert_ne!(one.record().username, other.record().username);
        assert_ne!(one.record().email, other.record().email);
        assert_ne!(one.record().uuid, other.record().uuid);
    }

    #[test]
    fn an_ordinary_user_obeys_the_rules_for_what_people_type() {
        let record = user().build().record().clone();
        assert!(Username::parse(record.username.as_str()).is_ok());
        assert!(EmailAddress::parse(record.email.as_str()).is_ok());
        assert_eq!((record.role, record.is_active, record.version), (Role::User, true, 1));
    }

    #[test]
    fn what_the_test_says_is_what_the_user_has() {
        let made = user().named("ann").admin().inactive().full_name("Ann Ø").external_id("x").build();
        let record = made.record();
        assert_eq!((record.username.as_str(), record.email.as_str()), ("ann", "ann@example.org"));
        assert_eq!((record.role, record.is_active), (Role::Admin, false));
        assert_eq!(record.displayed_full_name().as_deref(), Some("Ann Ø"));
        assert_eq!(record.external_id.as_ref().map(ExternalId::as_str), Some("x"));
    }
}
