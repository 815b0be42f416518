//! Why a use case did not do what was asked, in one line.

use application::authentication::SessionError;
use application::users::{ChangeUserError, CreateUserError, GetUserError, ListUsersError, UpdateUserError};
use domain::ports::{HashPasswordError, StorageError, StorageFault};
use domain::user::UserView;
use domain::violation::FieldViolation;

use super::show::name_of;
use crate::commands::Failure;

/// A value that cannot be, and the member it was meant for.
#[derive(Debug, Clone)]
pub(super) struct Wrong {
    pub(super) pointer: String,
    pub(super) detail: String,
}

/// Every wrong value, by the option that holds it.
pub(super) fn wrong(found: &[Wrong]) -> Failure {
    let each: Vec<_> = found.iter().map(|wrong| format!("{}: {}", option(&wrong.pointer), wrong.detail)).collect();
    Failure::new(each.join("; "))
}

fn wrong_values(found: &[FieldViolation]) -> Failure {
    let wrong_at = |FieldViolation { pointer, violation }: &FieldViolation| Wrong {
        pointer: pointer.clone(),
        detail: violation.detail().to_owned(),
    };
    wrong(&found.iter().map(wrong_at).collect::<Vec<_>>())
}

/// `/user_metadata/a/b` is in `--user-metadata`, at `/a/b`.
fn option(pointer: &str) -> String {
    let path = pointer.strip_prefix('/').unwrap_or(pointer);
    let (member, inside) =
        path.split_once('/').map_or((path, String::new()), |(member, rest)| (member, format!("/{rest}")));
    match member {
        "password" => "the password".to_owned(),
        _ if inside.is_empty() => format!("--{}", member.replace('_', "-")),
        _ => format!("--{} at {inside}", member.replace('_', "-")),
    }
}

pub(super) fn not_created(error: &CreateUserError, username: &str, email: &str, external_id: Option<&str>) -> Failure {
    match error {
        CreateUserError::Forbidden => Failure::new(error.to_string()),
        CreateUserError::UsernameTaken => taken("username", username),
        CreateUserError::EmailTaken => taken("email address", email),
        CreateUserError::ExternalIdTaken => taken("external id", external_id.unwrap_or_default()),
        CreateUserError::Invalid(found) => wrong_values(found),
        CreateUserError::Hashing(error) => not_hashed(error),
        CreateUserError::Storage(error) => storage(error),
    }
}

pub(super) fn not_listed(error: &ListUsersError) -> Failure {
    match error {
        ListUsersError::Forbidden => Failure::new(error.to_string()),
        ListUsersError::InvalidCursor => Failure::new(
            "--cursor: it was not given out for this filter and this order, or with another ENCRYPTION_KEY",
        ),
        ListUsersError::Storage(error) => storage(error),
    }
}

pub(super) fn not_read(error: &GetUserError, named: &str) -> Failure {
    match error {
        GetUserError::NotFound => Failure::new(format!("there is no user with {named}")),
        GetUserError::Forbidden => Failure::new(error.to_string()),
        GetUserError::Storage(error) => storage(error),
    }
}

pub(super) fn not_updated(error: &UpdateUserError, user: &UserView) -> Failure {
    match error {
        UpdateUserError::Change(error) => not_changed(error, user),
        UpdateUserError::Hashing(error) => not_hashed(error),
        UpdateUserError::Invalid(found) => wrong_values(found),
        // Asked of nobody but the account's owner.
        UpdateUserError::Confirm(error) => Failure::new(error.to_string()),
    }
}

pub(super) fn not_changed(error: &ChangeUserError, user: &UserView) -> Failure {
    let who = name_of(user);
    match error {
        ChangeUserError::NotFound => Failure::new(format!("{who} is not there any more")),
        ChangeUserError::LastAdministrator => Failure::new(format!(
            "{who} is the last active administrator, and somebody has to be; make another one first"
        )),
        ChangeUserError::UsernameTaken => taken("username", &user.username),
        ChangeUserError::EmailTaken => taken("email address", &user.email),
        ChangeUserError::ExternalIdTaken => taken("external id", user.external_id.as_deref().unwrap_or_default()),
        ChangeUserError::Forbidden | ChangeUserError::PreconditionRequired | ChangeUserError::PreconditionFailed => {
            Failure::new(error.to_string())
        }
        ChangeUserError::Storage(error) => storage(error),
    }
}

pub(super) fn not_managed(error: &SessionError, user: &UserView) -> Failure {
    match error {
        SessionError::UserNotFound => Failure::new(format!("{} is not there any more", name_of(user))),
        SessionError::NotFound | SessionError::Forbidden => Failure::new(error.to_string()),
        SessionError::Storage(error) => storage(error),
    }
}

fn taken(what: &str, value: &str) -> Failure {
    Failure::new(format!("the {what} {value} is already taken"))
}

fn not_hashed(error: &HashPasswordError) -> Failure {
    Failure::because("the password cannot be hashed", error)
}

fn storage(error: &StorageError) -> Failure {
    let what = match error.fault() {
        StorageFault::Unavailable => "the database cannot do this now",
        StorageFault::Retryable => "others change the same all the time; try again",
        StorageFault::UnknownOutcome => "the database's answer was lost; look whether it was done before you try again",
        StorageFault::Failed => "the database failed",
    };
    Failure::because(what, error)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("/full_name", "--full-name")]
    #[case("/password", "the password")]
    #[case("/user_metadata/a/0", "--user-metadata at /a/0")]
    fn a_wrong_value_is_named_by_its_option(#[case] pointer: &str, #[case] expected: &str) {
        assert_eq!(option(pointer), expected);
    }
}
