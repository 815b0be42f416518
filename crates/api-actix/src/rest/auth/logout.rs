//! `POST /auth/logout`.

use actix_web::{HttpResponse, post};

use crate::problem::Problem;
use crate::rest::entrance::{OwnPassword, SignedIn};

/// Sign out.
///
/// The session ends: its refresh token is good no longer, and its access tokens are refused within a second everywhere.
#[utoipa::path(
    tag = "auth",
    operation_id = "logout",
    responses((status = 204, description = "Signed out."))
)]
#[post("/logout")]
pub(super) async fn logout(caller: SignedIn<OwnPassword>) -> Result<HttpResponse, Problem> {
    let session = caller.session;
    caller.call.write_access(async move |access, context| access.logout(&context, session).await).await?;
    Ok(HttpResponse::NoContent().finish())
}
