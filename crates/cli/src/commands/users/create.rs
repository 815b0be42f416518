//! `usermgmt users create`.

use domain::input::NewUserInput;
use domain::values::{ExternalId, Role};
use domain::violation::FieldViolation;

use super::Desk;
use super::refusal::{Wrong, wrong};
use crate::arguments::CreateArguments;
use crate::commands::Failure;
use crate::password::Source;

impl Desk {
    pub(super) async fn create(&self, arguments: CreateArguments) -> Result<(), Failure> {
        let (as_json, source) = (arguments.json, Source::choose(arguments.password.password_stdin));
        let (mut input, unreadable) = read(arguments);
        if source == Source::Terminal {
            // Whoever has to type everything again had better hear of it before they have typed a password, too.
            let all = self.wrong_members(&input, &unreadable);
            let but_the_password: Vec<_> = all.into_iter().filter(|wrong| wrong.pointer != "/password").collect();
            if !but_the_password.is_empty() {
                return Err(wrong(&but_the_password));
            }
        }
        input.password = Some(source.read()?);
        let found = self.wrong_members(&input, &unreadable);
        let new = match input.parse(&self.password_policy) {
            Ok(new) if found.is_empty() => new,
            _ => return Err(wrong(&found)),
        };
        let (username, email, external_id) = (new.username.clone(), new.email.clone(), new.external_id.clone());
        let user = self.users.create(&self.context, new).await.map_err(|error| {
            let external_id = external_id.as_ref().map(ExternalId::as_str);
            super::refusal::not_created(&error, username.as_str(), email.as_str(), external_id)
        })?;
        self.tell(as_json, &user, "created")
    }

    /// Everything that is wrong, in the order of the members.
    fn wrong_members(&self, input: &NewUserInput, unreadable: &[Wrong]) -> Vec<Wrong> {
        let mut found = unreadable.to_vec();
        if let Err(violations) = input.clone().parse(&self.password_policy) {
            found.extend(
                violations.into_iter().map(|FieldViolation { pointer, violation }| Wrong {
                    pointer,
                    detail: violation.detail().to_owned(),
                }),
            );
        }
        found.sort_by(|one, other| one.pointer.cmp(&other.pointer));
        found
    }
}

/// The arguments as input, without those that cannot be read.
fn read(arguments: CreateArguments) -> (NewUserInput, Vec<Wrong>) {
    let mut unreadable = Vec::new();
    let mut metadata = |name, json: Option<String>| match json.map(|json| api_actix::metadata_text(name, &json))? {
        Ok(text) => Some(text),
        Err(found) => {
            let found = found.into_iter();
            unreadable.extend(found.map(|at| Wrong { pointer: at.pointer, detail: at.detail.into_owned() }));
            None
        }
    };
    let input = NewUserInput {
        username: Some(arguments.username),
        email: Some(arguments.email),
        password: None,
        full_name: arguments.full_name,
        first_name: arguments.first_name,
        last_name: arguments.last_name,
        role: arguments.role.map(|role| Role::from(role).as_str().to_owned()),
        is_active: Some(!arguments.inactive),
        must_change_password: Some(arguments.must_change_password),
        external_id: arguments.external_id,
        locale: arguments.locale,
        user_metadata: metadata("user_metadata", arguments.user_metadata),
        app_metadata: metadata("app_metadata", arguments.app_metadata),
    };
    (input, unreadable)
}
