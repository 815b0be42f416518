//! What PUT and PATCH have in common: all but the meaning of metadata.

use actix_web::{HttpResponse, web};
use application::users::{MetadataMode, UpdateUser};
use domain::input::{UserChanges, UserChangesInput};
use domain::user::UserView;
use domain::values::{PasswordPolicy, PasswordText, UserRef};

use super::schema::ChangeUserRequest;
use super::show;
use crate::body::{BodyKind, WrongMembers, read};
use crate::error_code::ErrorCode;
use crate::problem::Problem;
use crate::rest::call::Call;
use crate::rest::preconditions::if_match;

pub(in crate::rest) const ERRORS: &[ErrorCode] = &[
    ErrorCode::MalformedJson,
    ErrorCode::CurrentPasswordWrong,
    ErrorCode::Forbidden,
    ErrorCode::UserNotFound,
    ErrorCode::UsernameTaken,
    ErrorCode::EmailTaken,
    ErrorCode::ExternalIdTaken,
    ErrorCode::LastAdministrator,
    ErrorCode::PreconditionFailed,
    ErrorCode::PayloadTooLarge,
    ErrorCode::UnsupportedMediaType,
    ErrorCode::ValidationFailed,
    ErrorCode::PreconditionRequired,
    ErrorCode::TooManyAttempts,
];

/// Changes the user named in the path as the body says.
pub(super) async fn change_named(
    call: Call,
    payload: web::Payload,
    kind: BodyKind,
    metadata: MetadataMode,
) -> Result<HttpResponse, Problem> {
    let (user, command) = read_change(&call, call.user(), payload, kind, metadata).await?;
    call.once(change(&call, user, command), |user| show(&call, user)).await
}

/// Whom to change, and how the body says. Whether somebody was named at all is looked at behind the body.
pub(in crate::rest) async fn read_change(
    call: &Call,
    user: Result<UserRef, Problem>,
    payload: web::Payload,
    kind: BodyKind,
    metadata: MetadataMode,
) -> Result<(UserRef, UpdateUser), Problem> {
    let members = call.members(payload, kind).await?;
    let precondition = if_match(call.request().headers(), call.api().require_if_match)?;
    let user = user?;
    let (changes, current_password) = parse(read(members), call.api().password_policy)?;
    Ok((user, UpdateUser { changes, metadata, precondition, current_password }))
}

/// Changes a user.
pub(in crate::rest) async fn change(call: &Call, user: UserRef, command: UpdateUser) -> Result<UserView, Problem> {
    let prepared = call.api().users.prepare_update(&call.writer(), user, command).await?;
    call.write(async move |users, context| users.update_prepared(&context, prepared).await).await
}

pub(super) fn parse(
    body: ChangeUserRequest,
    policy: PasswordPolicy,
) -> Result<(UserChanges, Option<PasswordText>), Problem> {
    let mut wrong = WrongMembers::default();
    let current = wrong.nullable("current_password", body.current_password).map(PasswordText::from);
    let input = UserChangesInput {
        username: wrong.change("username", body.username),
        email: wrong.change("email", body.email),
        password: wrong.change("password", body.password).map(PasswordText::from),
        full_name: wrong.change("full_name", body.full_name),
        first_name: wrong.change("first_name", body.first_name),
        last_name: wrong.change("last_name", body.last_name),
        role: wrong.change("role", body.role),
        is_active: wrong.change("is_active", body.is_active),
        must_change_password: wrong.change("must_change_password", body.must_change_password),
        external_id: wrong.change("external_id", body.external_id),
        locale: wrong.change("locale", body.locale),
        user_metadata: wrong.change("user_metadata", body.user_metadata).map(|object| object.0),
        app_metadata: wrong.change("app_metadata", body.app_metadata).map(|object| object.0),
    };
    Ok((wrong.and(input.parse(&policy))?, current))
}
