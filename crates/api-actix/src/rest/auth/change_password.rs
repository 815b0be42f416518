//! `POST /auth/change-password`.

use actix_web::{HttpResponse, post, web};
use application::authentication::ChangePassword;
use domain::values::{PasswordPolicy, PasswordText};

use super::schema::ChangePasswordRequest;
use crate::body::{BodyKind, WrongMembers, read};
use crate::error_code::ErrorCode;
use crate::problem::Problem;
use crate::rest::entrance::{OwnPassword, SignedIn};

pub(super) const ERRORS: &[ErrorCode] = &[
    ErrorCode::MalformedJson,
    ErrorCode::CurrentPasswordWrong,
    ErrorCode::UserNotFound,
    ErrorCode::PayloadTooLarge,
    ErrorCode::UnsupportedMediaType,
    ErrorCode::ValidationFailed,
    ErrorCode::TooManyAttempts,
];

/// Choose another password for oneself.
///
/// Every other session of the caller ends; this one goes on. Wrong current passwords count as failed tries to sign in.
#[utoipa::path(
    tag = "auth",
    operation_id = "changePassword",
    request_body(content = ChangePasswordRequest, content_type = "application/json",
                 example = json!({"current_password": "correct horse battery staple", "new_password": "seven llamas in a canoe"})),
    responses((status = 204, description = "The password was changed."))
)]
#[post("/change-password")]
pub(super) async fn change_password(
    caller: SignedIn<OwnPassword>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let call = caller.call;
    let members = call.members(payload, BodyKind::Json).await?;
    let command = parse(read(members), call.api().password_policy)?;
    let prepared = call.api().authentication.prepare_change_password(&call.writer(), command).await?;
    let change = async move |access: application::Authentication, context| {
        access.change_password_prepared(&context, prepared).await
    };
    call.write_access(change).await?;
    Ok(HttpResponse::NoContent().finish())
}

fn parse(body: ChangePasswordRequest, policy: PasswordPolicy) -> Result<ChangePassword, Problem> {
    let mut wrong = WrongMembers::default();
    let current = wrong.required("current_password", body.current_password).map(PasswordText::from);
    let new = wrong.new_password("new_password", body.new_password, policy);
    wrong.unless_wrong(current.zip(new).map(|(current, new)| ChangePassword { current, new }))
}
