//! `POST /auth/refresh`.

use actix_web::{HttpResponse, post, web};
use domain::values::SecretToken;

use super::login::check_grant;
use super::schema::{RefreshRequest, TokenResponse};
use super::show_tokens;
use crate::body::{BodyKind, WrongMembers, read};
use crate::error_code::ErrorCode;
use crate::problem::Problem;
use crate::rest::call::Call;
use crate::rest::entrance::Uncounted;
use crate::rest::rates::Counted;

pub(super) const ERRORS: &[ErrorCode] = &[
    ErrorCode::MalformedJson,
    ErrorCode::UnsupportedGrantType,
    ErrorCode::TokenInvalid,
    ErrorCode::PayloadTooLarge,
    ErrorCode::UnsupportedMediaType,
    ErrorCode::ValidationFailed,
    ErrorCode::TooManyRequests,
];

/// Get a new pair of tokens.
///
/// For the refresh token that came last, as JSON or as the refresh form of OAuth 2 (RFC 6749 §6); it is good once. Sent again
/// within ten seconds, it is answered with the same successor, as for a retry; sent later, it ends the session, since
/// somebody has a copy of it.
#[utoipa::path(
    tag = "auth",
    operation_id = "refresh",
    request_body(
        content((RefreshRequest = "application/json",
                 example = json!({"refresh_token": "u1Y0Dq9hV3cO7mX2pZ8sK5tR6wB4nE1fG0jL9aQ3xHs"})),
                (RefreshRequest = "application/x-www-form-urlencoded",
                 example = json!({"grant_type": "refresh_token", "refresh_token": "u1Y0Dq9hV3cO7mX2pZ8sK5tR6wB4nE1fG0jL9aQ3xHs"})))
    ),
    responses((status = 200, description = "The new pair.", body = TokenResponse))
)]
#[post("/refresh")]
pub(super) async fn refresh(Uncounted(call): Uncounted, payload: web::Payload) -> Result<HttpResponse, Problem> {
    let members = call.members(payload, BodyKind::JsonOrForm).await;
    let presented = members.and_then(|members| parse(read(members)));
    count(&call, presented.as_ref().ok().and_then(Option::as_ref)).await?;
    let Some(token) = presented? else { return Err(Problem::of(ErrorCode::TokenInvalid)) };
    let change = async move |access: application::Authentication, context| access.refresh(&context, &token).await;
    Ok(show_tokens(call.write_access(change).await?))
}

/// Counts the call: under the session of a token that we gave out, so that people behind one address do not use up each
/// other's requests, and else under the network.
async fn count(call: &Call, token: Option<&SecretToken>) -> Result<(), Problem> {
    let rates = &call.api().rates;
    if !rates.counts(Counted::Write) {
        return Ok(());
    }
    let session = match token {
        Some(token) => call.api().authentication.find_refresh_session(token).await?,
        None => None,
    };
    let key = session.map_or_else(|| call.network(), |session| session.get().to_string());
    rates.count(Counted::Write, &key, call.request()).await
}

/// The token, if it looks like one.
fn parse(body: RefreshRequest) -> Result<Option<SecretToken>, Problem> {
    let mut wrong = WrongMembers::default();
    check_grant(&mut wrong, body.grant_type, "refresh_token")?;
    let token = wrong.required("refresh_token", body.refresh_token);
    wrong.unless_wrong(token.map(|token| SecretToken::parse(&token)))
}
