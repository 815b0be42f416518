//! Changes to a user that exists.

use garde::Validate;

use super::change::Change;
use super::report::violations;
use super::rules::{at, clearable, metadata, settable, settable_flag, settable_password, to_set};
use crate::values::{
    EmailAddress, ExternalId, Locale, Metadata, PasswordPolicy, PasswordText, PersonName, PlainPassword, Role, Username,
};
use crate::violation::{FieldViolation, Violation};

/// What a caller sends to change a user, member by member. Username, email, password, role and whether the user is
/// active cannot be cleared.
#[derive(Debug, Clone, Default, Validate)]
#[garde(context(PasswordPolicy))]
pub struct UserChangesInput {
    /// The name to sign in with.
    #[garde(custom(settable(Username::parse)))]
    pub username: Change<String>,
    /// The mail address.
    #[garde(custom(settable(EmailAddress::parse)))]
    pub email: Change<String>,
    /// The password.
    #[garde(custom(settable_password))]
    pub password: Change<PasswordText>,
    /// The whole name, where it is not first and last name joined.
    #[garde(custom(clearable(PersonName::parse)))]
    pub full_name: Change<String>,
    /// The given name.
    #[garde(custom(clearable(PersonName::parse)))]
    pub first_name: Change<String>,
    /// The family name.
    #[garde(custom(clearable(PersonName::parse)))]
    pub last_name: Change<String>,
    /// What the user may do.
    #[garde(custom(settable(Role::parse)))]
    pub role: Change<String>,
    /// Whether the user may sign in.
    #[garde(custom(settable_flag))]
    pub is_active: Change<bool>,
    /// Whether the person must choose another password before doing anything else.
    #[garde(custom(settable_flag))]
    pub must_change_password: Change<bool>,
    /// The id in another system.
    #[garde(custom(clearable(ExternalId::parse)))]
    pub external_id: Change<String>,
    /// A language tag.
    #[garde(custom(clearable(Locale::parse)))]
    pub locale: Change<String>,
    /// Compact JSON text of an object; cleared, it is `{}` again.
    #[garde(custom(clearable(metadata)))]
    pub user_metadata: Change<String>,
    /// Compact JSON text of an object; cleared, it is `{}` again.
    #[garde(custom(clearable(metadata)))]
    pub app_metadata: Change<String>,
}

/// Changes to a user, with every value checked; `None` and [`Change::Keep`] leave things as they are.
#[derive(Debug, Clone, Default)]
pub struct UserChanges {
    /// The new name to sign in with.
    pub username: Option<Username>,
    /// The new mail address.
    pub email: Option<EmailAddress>,
    /// The new password, to be hashed.
    pub password: Option<PlainPassword>,
    /// The whole name.
    pub full_name: Change<PersonName>,
    /// The given name.
    pub first_name: Change<PersonName>,
    /// The family name.
    pub last_name: Change<PersonName>,
    /// What the user may do from now on.
    pub role: Option<Role>,
    /// Whether the user may sign in.
    pub is_active: Option<bool>,
    /// Whether the person must choose another password before doing anything else.
    pub must_change_password: Option<bool>,
    /// The id in another system.
    pub external_id: Change<ExternalId>,
    /// The preferred language.
    pub locale: Change<Locale>,
    /// What the user keeps with the application.
    pub user_metadata: Change<Metadata>,
    /// What the application keeps about the user.
    pub app_metadata: Change<Metadata>,
}

impl UserChangesInput {
    /// Checks every member.
    ///
    /// # Errors
    ///
    /// Every wrong member, ordered by pointer: `null_not_allowed` where one cannot be cleared, else the code of
    /// its value.
    pub fn parse(self, policy: &PasswordPolicy) -> Result<UserChanges, Vec<FieldViolation>> {
        self.validate_with(policy).map_err(violations)?;
        let password = |text: PasswordText| PlainPassword::parse(text.expose(), policy);
        let name = |text: String| PersonName::parse(&text);
        Ok(UserChanges {
            username: at("/username", set(self.username, |text| Username::parse(&text)))?,
            email: at("/email", set(self.email, |text| EmailAddress::parse(&text)))?,
            password: at("/password", set(self.password, password))?,
            full_name: at("/full_name", self.full_name.try_map(name))?,
            first_name: at("/first_name", self.first_name.try_map(name))?,
            last_name: at("/last_name", self.last_name.try_map(name))?,
            role: at("/role", set(self.role, |text| Role::parse(&text)))?,
            is_active: at("/is_active", to_set(self.is_active))?,
            must_change_password: at("/must_change_password", to_set(self.must_change_password))?,
            external_id: at("/external_id", self.external_id.try_map(|text| ExternalId::parse(&text)))?,
            locale: at("/locale", self.locale.try_map(|text| Locale::parse(&text)))?,
            user_metadata: at("/user_metadata", self.user_metadata.try_map(Metadata::from_json_object))?,
            app_metadata: at("/app_metadata", self.app_metadata.try_map(Metadata::from_json_object))?,
        })
    }
}

fn set<T, U>(change: Change<T>, parse: impl FnOnce(T) -> Result<U, Violation>) -> Result<Option<U>, Violation> {
    to_set(change)?.map(parse).transpose()
}

impl UserChanges {
    /// Whether no member was mentioned.
    pub fn is_empty(&self) -> bool {
        let Self {
            username,
            email,
            password,
            full_name,
            first_name,
            last_name,
            role,
            is_active,
            must_change_password,
            external_id,
            locale,
            user_metadata,
            app_metadata,
        } = self;
        username.is_none()
            && email.is_none()
            && password.is_none()
            && [full_name, first_name, last_name].into_iter().all(Change::is_keep)
            && role.is_none()
            && is_active.is_none()
            && must_change_password.is_none()
            && external_id.is_keep()
            && locale.is_keep()
            && user_metadata.is_keep()
            && app_metadata.is_keep()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Input = UserChangesInput;

    fn parse(input: Input) -> Result<UserChanges, Vec<FieldViolation>> {
        input.parse(&PasswordPolicy::default())
    }

    fn found(input: Input) -> Vec<(String, &'static str)> {
        let violations = parse(input).unwrap_err();
        violations.into_iter().map(|found| (found.pointer, found.violation.code())).collect()
    }

    fn everything() -> Input {
        let text = |text: &str| Change::Set(text.to_owned());
        Input {
            username: text("Bob"),
            email: text("bob@example.org"),
            password: Change::Set("correct horse".into()),
            full_name: text("Bob B. Dole"),
            first_name: text("Bob"),
            last_name: text("Dole"),
            role: text("admin"),
            is_active: Change::Set(false),
            must_change_password: Change::Set(true),
            external_id: text("hr-2"),
            locale: text("fr"),
            user_metadata: text(r#"{"theme":1}"#),
            app_metadata: text(r#"{"plan":2}"#),
        }
    }

    #[test]
    fn what_is_not_mentioned_is_no_change() {
        assert!(parse(Input::default()).unwrap().is_empty());
    }

    #[test]
    fn every_member_alone_is_a_change() {
        let all = everything;
        let each = [
            Input { username: all().username, ..Input::default() },
            Input { email: all().email, ..Input::default() },
            Input { password: all().password, ..Input::default() },
            Input { full_name: Change::Clear, ..Input::default() },
            Input { first_name: all().first_name, ..Input::default() },
            Input { last_name: Change::Clear, ..Input::default() },
            Input { role: all().role, ..Input::default() },
            Input { is_active: all().is_active, ..Input::default() },
            Input { must_change_password: all().must_change_password, ..Input::default() },
            Input { external_id: Change::Clear, ..Input::default() },
            Input { locale: all().locale, ..Input::default() },
            Input { user_metadata: all().user_metadata, ..Input::default() },
            Input { app_metadata: all().app_metadata, ..Input::default() },
        ];
        for input in each {
            assert!(!parse(input.clone()).unwrap().is_empty(), "{input:?}");
        }
    }

    #[test]
    fn every_member_arrives_where_it_belongs() {
        let changes = parse(everything()).unwrap();
        assert_eq!(changes.username, Some(Username::from_stored("Bob".into())));
        assert_eq!(changes.email, Some(EmailAddress::from_stored("bob@example.org".into())));
        assert_eq!(changes.password.unwrap().expose_typed(), "correct horse");
        assert_eq!(changes.full_name, Change::Set(PersonName::from_stored("Bob B. Dole".into())));
        assert_eq!(changes.first_name, Change::Set(PersonName::from_stored("Bob".into())));
        assert_eq!(changes.last_name, Change::Set(PersonName::from_stored("Dole".into())));
        assert_eq!((changes.role, changes.is_active), (Some(Role::Admin), Some(false)));
        assert_eq!(changes.must_change_password, Some(true));
        assert_eq!(changes.external_id, Change::Set(ExternalId::from_stored("hr-2".into())));
        assert_eq!(changes.locale, Change::Set(Locale::from_stored("fr".into())));
        assert_eq!(changes.user_metadata, Change::Set(Metadata::from_stored(r#"{"theme":1}"#.into())));
        assert_eq!(changes.app_metadata, Change::Set(Metadata::from_stored(r#"{"plan":2}"#.into())));
    }

    #[test]
    fn what_every_user_has_cannot_be_cleared() {
        let cleared = Input {
            username: Change::Clear,
            email: Change::Clear,
            password: Change::Clear,
            full_name: Change::Clear,
            first_name: Change::Clear,
            last_name: Change::Clear,
            role: Change::Clear,
            is_active: Change::Clear,
            must_change_password: Change::Clear,
            external_id: Change::Clear,
            locale: Change::Clear,
            user_metadata: Change::Clear,
            app_metadata: Change::Clear,
        };
        let expected = ["/email", "/is_active", "/must_change_password", "/password", "/role", "/username"]
            .map(|pointer| (pointer.to_owned(), "null_not_allowed"));
        assert_eq!(found(cleared), expected);
    }

    #[test]
    fn the_rest_can_be_cleared() {
        let cleared = Input {
            full_name: Change::Clear,
            first_name: Change::Clear,
            last_name: Change::Clear,
            external_id: Change::Clear,
            locale: Change::Clear,
            user_metadata: Change::Clear,
            app_metadata: Change::Clear,
            ..Input::default()
        };
        let changes = parse(cleared).unwrap();
        for name in [changes.full_name, changes.first_name, changes.last_name] {
            assert_eq!(name, Change::Clear);
        }
        assert_eq!((changes.external_id, changes.locale), (Change::Clear, Change::Clear));
        assert_eq!((changes.user_metadata, changes.app_metadata), (Change::Clear, Change::Clear));
    }

    #[test]
    fn every_wrong_member_is_named() {
        let text = |text: &str| Change::Set(text.to_owned());
        let wrong = Input {
            username: text("ab"),
            email: text("bob@localhost"),
            password: Change::Set("secret\0secret".into()),
            full_name: text("\u{1b}"),
            first_name: text("\0"),
            last_name: text(&"x".repeat(101)),
            role: text("Admin"),
            is_active: Change::Set(true),
            must_change_password: Change::Set(true),
            external_id: text(""),
            locale: text("x"),
            user_metadata: text("null"),
            app_metadata: text("1"),
        };
        let expected = [
            ("/app_metadata", "not_an_object"),
            ("/email", "invalid_email"),
            ("/external_id", "too_short"),
            ("/first_name", "control_character"),
            ("/full_name", "control_character"),
            ("/last_name", "too_long"),
            ("/locale", "invalid_locale"),
            ("/password", "forbidden_character"),
            ("/role", "invalid_role"),
            ("/user_metadata", "not_an_object"),
            ("/username", "too_short"),
        ]
        .map(|(pointer, code)| (pointer.to_owned(), code));
        assert_eq!(found(wrong), expected);
    }

    #[test]
    fn the_password_never_prints() {
        assert!(!format!("{:?}", everything()).contains("horse"));
        assert!(!format!("{:?}", parse(everything()).unwrap()).contains("horse"));
    }
}
