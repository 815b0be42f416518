//! `POST /auth/reset-password`.

use actix_web::{HttpResponse, post, web};
use domain::values::{PasswordPolicy, PlainPassword, SecretToken};

use super::schema::ResetPasswordRequest;
use crate::body::{BodyKind, WrongMembers, read};
use crate::error_code::ErrorCode;
use crate::problem::Problem;
use crate::rest::entrance::Attempting;

pub(super) const ERRORS: &[ErrorCode] = &[
    ErrorCode::MalformedJson,
    ErrorCode::PayloadTooLarge,
    ErrorCode::UnsupportedMediaType,
    ErrorCode::ValidationFailed,
    ErrorCode::ResetTokenInvalid,
    ErrorCode::TooManyRequests,
];

/// Choose a new password with a reset token.
///
/// The token, which an administrator handed over, is spent, and every session of the user ends. A password that cannot be
/// leaves the token as good as it was.
#[utoipa::path(
    tag = "auth",
    operation_id = "resetPassword",
    request_body(content = ResetPasswordRequest, content_type = "application/json",
                 example = json!({"token": "u1Y0Dq9hV3cO7mX2pZ8sK5tR6wB4nE1fG0jL9aQ3xHs", "new_password": "seven llamas in a canoe"})),
    responses((status = 204, description = "The password was changed: sign in with it."))
)]
#[post("/reset-password")]
pub(super) async fn reset_password(
    Attempting(call): Attempting,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let members = call.members(payload, BodyKind::Json).await?;
    let (token, password) = parse(read(members), call.api().password_policy)?;
    let Some(token) = token else { return Err(Problem::of(ErrorCode::ResetTokenInvalid)) };
    let prepared = call.api().authentication.prepare_reset(token, password).await?;
    let change =
        async move |access: application::Authentication, context| access.reset_prepared(&context, prepared).await;
    call.write_access(change).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The token, if it looks like one, and the password.
fn parse(body: ResetPasswordRequest, policy: PasswordPolicy) -> Result<(Option<SecretToken>, PlainPassword), Problem> {
    let mut wrong = WrongMembers::default();
    let token = wrong.required("token", body.token).map(|token| SecretToken::parse(&token));
    let password = wrong.new_password("new_password", body.new_password, policy);
    wrong.unless_wrong(token.zip(password))
}
