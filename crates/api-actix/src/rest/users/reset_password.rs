//! `POST /users/{id}/reset-password`.

use actix_web::{HttpResponse, post};
use application::authentication::ResetToken;

use crate::error_code::ErrorCode;
use crate::problem::Problem;
use crate::rest::auth::schema::ResetTokenResponse;
use crate::rest::auth::secret;
use crate::rest::call::Call;
use crate::rest::rfc3339;

pub(super) const ERRORS: &[ErrorCode] = &[ErrorCode::ValidationFailed, ErrorCode::Forbidden, ErrorCode::UserNotFound];

/// Make a token with which a user chooses a new password.
///
/// It is shown this once and good for an hour and for one use; earlier ones are good no longer. Hand it over to the person,
/// who spends it with `POST /auth/reset-password`: so nobody ever needs to know anybody's password.
#[utoipa::path(
    tag = "users",
    operation_id = "resetUserPassword",
    params(("id" = String, Path, description = "The user's number or UUID.", example = "42")),
    responses((status = 200, description = "The token.", body = ResetTokenResponse))
)]
#[post("/{id}/reset-password")]
pub(super) async fn reset_user_password(call: Call) -> Result<HttpResponse, Problem> {
    let id = call.user()?;
    let work = call.write_access(async move |access, context| access.create_reset_token(&context, id).await);
    let show = |made: &ResetToken| {
        let (token, expires_at) = (made.token.expose().to_owned(), rfc3339::text(made.expires_at));
        secret(&ResetTokenResponse { token, expires_at })
    };
    call.once(work, show).await
}
