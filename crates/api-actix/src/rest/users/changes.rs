//! What PUT and PATCH have in common: all but the meaning of metadata.

use actix_web::{HttpResponse, web};
use application::users::{MetadataMode, UpdateUser};
use domain::input::{UserChanges, UserChangesInput};
use domain::values::{PasswordPolicy, PasswordText};

use super::schema::ChangeUserRequest;
use super::show;
use crate::body::{BodyKind, WrongMembers, read};
use crate::error_code::ErrorCode;
use crate::problem::Problem;
use crate::rest::call::Call;
use crate::rest::preconditions::if_match;

pub(super) const ERRORS: &[ErrorCode] = &[
    ErrorCode::MalformedJson,
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
];

/// Changes the user named in the path as the body says.
pub(super) async fn change(
    call: Call,
    payload: web::Payload,
    kind: BodyKind,
    metadata: MetadataMode,
) -> Result<HttpResponse, Problem> {
    let members = call.members(payload, kind).await?;
    let precondition = if_match(call.request().headers(), call.api().require_if_match)?;
    let id = call.user()?;
    let changes = parse(read(members), call.api().password_policy)?;
    let command = UpdateUser { changes, metadata, precondition };
    let prepared = call.api().users.prepare_update(&call.writer(), id, command).await?;
    let user = call.write(async move |users, context| users.update_prepared(&context, prepared).await).await?;
    Ok(show(&call, &user))
}

fn parse(body: ChangeUserRequest, policy: PasswordPolicy) -> Result<UserChanges, Problem> {
    let mut wrong = WrongMembers::default();
    let input = UserChangesInput {
        username: wrong.change("username", body.username),
        email: wrong.change("email", body.email),
        password: wrong.change("password", body.password).map(PasswordText::from),
        full_name: wrong.change("full_name", body.full_name),
        first_name: wrong.change("first_name", body.first_name),
        last_name: wrong.change("last_name", body.last_name),
        role: wrong.change("role", body.role),
        is_active: wrong.change("is_active", body.is_active),
        external_id: wrong.change("external_id", body.external_id),
        locale: wrong.change("locale", body.locale),
        user_metadata: wrong.change("user_metadata", body.user_metadata).map(|object| object.0),
        app_metadata: wrong.change("app_metadata", body.app_metadata).map(|object| object.0),
    };
    wrong.and(input.parse(&policy))
}
