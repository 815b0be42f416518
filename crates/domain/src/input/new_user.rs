//! A user to be made.

use garde::Validate;

use super::report::violations;
use super::rules::{at, given, metadata, optional, required, required_password};
use crate::values::{
    EmailAddress, ExternalId, Locale, Metadata, PasswordPolicy, PasswordText, PersonName, PlainPassword, Role, Username,
};
use crate::violation::FieldViolation;

/// What a caller sends to make a user, member by member.
#[derive(Debug, Clone, Default, Validate)]
#[garde(context(PasswordPolicy))]
pub struct NewUserInput {
    /// Required.
    #[garde(custom(required(Username::parse)))]
    pub username: Option<String>,
    /// Required.
    #[garde(custom(required(EmailAddress::parse)))]
    pub email: Option<String>,
    /// Required.
    #[garde(custom(required_password))]
    pub password: Option<PasswordText>,
    /// The whole name, where it is not first and last name joined.
    #[garde(custom(optional(PersonName::parse)))]
    pub full_name: Option<String>,
    /// The given name.
    #[garde(custom(optional(PersonName::parse)))]
    pub first_name: Option<String>,
    /// The family name.
    #[garde(custom(optional(PersonName::parse)))]
    pub last_name: Option<String>,
    /// `user` where it is missing.
    #[garde(custom(optional(Role::parse)))]
    pub role: Option<String>,
    /// `true` where it is missing.
    #[garde(skip)]
    pub is_active: Option<bool>,
    /// `false` where it is missing.
    #[garde(skip)]
    pub must_change_password: Option<bool>,
    /// The id in another system.
    #[garde(custom(optional(ExternalId::parse)))]
    pub external_id: Option<String>,
    /// A language tag.
    #[garde(custom(optional(Locale::parse)))]
    pub locale: Option<String>,
    /// Compact JSON text of an object; `{}` where it is missing.
    #[garde(custom(optional(metadata)))]
    pub user_metadata: Option<String>,
    /// Compact JSON text of an object; `{}` where it is missing.
    #[garde(custom(optional(metadata)))]
    pub app_metadata: Option<String>,
}

/// A user to be made, with every value checked.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// The name to sign in with.
    pub username: Username,
    /// The mail address.
    pub email: EmailAddress,
    /// The password, to be hashed.
    pub password: PlainPassword,
    /// The whole name.
    pub full_name: Option<PersonName>,
    /// The given name.
    pub first_name: Option<PersonName>,
    /// The family name.
    pub last_name: Option<PersonName>,
    /// What the user may do.
    pub role: Role,
    /// Whether the user may sign in.
    pub is_active: bool,
    /// Whether the person must choose another password before doing anything else.
    pub must_change_password: bool,
    /// The id in another system.
    pub external_id: Option<ExternalId>,
    /// The preferred language.
    pub locale: Option<Locale>,
    /// What the user keeps with the application.
    pub user_metadata: Metadata,
    /// What the application keeps about the user.
    pub app_metadata: Metadata,
}

impl NewUserInput {
    /// Checks every member.
    ///
    /// # Errors
    ///
    /// Every wrong member, ordered by pointer: `required` where one is missing, else the code of its value.
    pub fn parse(self, policy: &PasswordPolicy) -> Result<NewUser, Vec<FieldViolation>> {
        self.validate_with(policy).map_err(violations)?;
        let name = |text: Option<String>| text.as_deref().map(PersonName::parse).transpose();
        let object = |text: Option<String>| text.map_or_else(|| Ok(Metadata::empty()), Metadata::from_json_object);
        let password = given(self.password).and_then(|text| PlainPassword::parse(text.expose(), policy));
        Ok(NewUser {
            username: at("/username", given(self.username).and_then(|text| Username::parse(&text)))?,
            email: at("/email", given(self.email).and_then(|text| EmailAddress::parse(&text)))?,
            password: at("/password", password)?,
            full_name: at("/full_name", name(self.full_name))?,
            first_name: at("/first_name", name(self.first_name))?,
            last_name: at("/last_name", name(self.last_name))?,
            role: at("/role", self.role.as_deref().map_or(Ok(Role::default()), Role::parse))?,
            is_active: self.is_active.unwrap_or(true),
            must_change_password: self.must_change_password.unwrap_or(false),
            external_id: at("/external_id", self.external_id.as_deref().map(ExternalId::parse).transpose())?,
            locale: at("/locale", self.locale.as_deref().map(Locale::parse).transpose())?,
            user_metadata: at("/user_metadata", object(self.user_metadata))?,
            app_metadata: at("/app_metadata", object(self.app_metadata))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ann() -> NewUserInput {
        NewUserInput {
            username: Some("Ann".into()),
            email: Some("ann@example.org".into()),
            password: Some("correct horse".into()),
            ..NewUserInput::default()
        }
    }

    fn parse(input: NewUserInput) -> Result<NewUser, Vec<FieldViolation>> {
        input.parse(&PasswordPolicy::default())
    }

    fn found(input: NewUserInput) -> Vec<(String, &'static str)> {
        let violations = parse(input).unwrap_err();
        violations.into_iter().map(|found| (found.pointer, found.violation.code())).collect()
    }

    #[test]
    fn three_members_are_enough() {
        let user = parse(ann()).unwrap();
        assert_eq!(user.username.as_str(), "Ann");
        assert_eq!(user.email.as_str(), "ann@example.org");
        assert_eq!(user.password.expose_typed(), "correct horse");
        assert_eq!((user.role, user.is_active, user.must_change_password), (Role::User, true, false));
        assert_eq!((user.full_name, user.first_name, user.last_name), (None, None, None));
        assert_eq!((user.external_id, user.locale), (None, None));
        assert_eq!((user.user_metadata, user.app_metadata), (Metadata::empty(), Metadata::empty()));
    }

    #[test]
    fn every_member_arrives_where_it_belongs() {
        let user = parse(NewUserInput {
            full_name: Some("Ann B. Cole".into()),
            first_name: Some("Ann".into()),
            last_name: Some("Cole".into()),
            role: Some("moderator".into()),
            is_active: Some(false),
            must_change_password: Some(true),
            external_id: Some("hr-1".into()),
            locale: Some("de-AT".into()),
            user_metadata: Some(r#"{"theme":1}"#.into()),
            app_metadata: Some(r#"{"plan":2}"#.into()),
            ..ann()
        })
        .unwrap();
        assert_eq!(user.full_name, Some(PersonName::from_stored("Ann B. Cole".into())));
        assert_eq!(user.first_name, Some(PersonName::from_stored("Ann".into())));
        assert_eq!(user.last_name, Some(PersonName::from_stored("Cole".into())));
        assert_eq!((user.role, user.is_active, user.must_change_password), (Role::Moderator, false, true));
        assert_eq!(user.external_id, Some(ExternalId::from_stored("hr-1".into())));
        assert_eq!(user.locale, Some(Locale::from_stored("de-AT".into())));
        assert_eq!(user.user_metadata.as_json(), r#"{"theme":1}"#);
        assert_eq!(user.app_metadata.as_json(), r#"{"plan":2}"#);
    }

    #[test]
    fn every_missing_member_is_named() {
        let expected = ["/email", "/password", "/username"].map(|pointer| (pointer.to_owned(), "required"));
        assert_eq!(found(NewUserInput::default()), expected);
    }

    #[test]
    fn every_wrong_member_is_named() {
        let input = NewUserInput {
            username: Some("a b".into()),
            email: Some("ann".into()),
            password: Some("short".into()),
            full_name: Some("\0".into()),
            first_name: Some("x".repeat(101)),
            last_name: Some("\n".into()),
            role: Some("root".into()),
            is_active: Some(true),
            must_change_password: Some(true),
            external_id: Some(String::new()),
            locale: Some("en_US".into()),
            user_metadata: Some("[]".into()),
            app_metadata: Some(format!("{{{}}}", " ".repeat(Metadata::MAX_BYTES))),
        };
        let expected = [
            ("/app_metadata", "too_large"),
            ("/email", "invalid_email"),
            ("/external_id", "too_short"),
            ("/first_name", "too_long"),
            ("/full_name", "control_character"),
            ("/last_name", "control_character"),
            ("/locale", "invalid_locale"),
            ("/password", "too_short"),
            ("/role", "invalid_role"),
            ("/user_metadata", "not_an_object"),
            ("/username", "whitespace"),
        ]
        .map(|(pointer, code)| (pointer.to_owned(), code));
        assert_eq!(found(input), expected);
    }

    #[test]
    fn the_policy_decides_about_the_password() {
        let violations = ann().parse(&PasswordPolicy { min_length: 15 }).unwrap_err();
        assert_eq!(violations.len(), 1);
        assert_eq!(violations[0].to_string(), "/password: A password has at least 15 characters");
    }

    #[test]
    fn the_password_never_prints() {
        assert!(!format!("{:?}", ann()).contains("horse"));
        assert!(!format!("{:?}", parse(ann()).unwrap()).contains("horse"));
    }
}
