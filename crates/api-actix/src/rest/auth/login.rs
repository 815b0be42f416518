//! `POST /auth/login`.

use actix_web::{HttpResponse, post, web};
use application::authentication::Login;
use domain::values::PasswordText;

use super::schema::{LoginRequest, TokenResponse};
use super::show_tokens;
use crate::body::{BodyKind, Member, WrongMembers, read};
use crate::error_code::ErrorCode;
use crate::problem::Problem;
use crate::rest::entrance::Attempting;

pub(super) const ERRORS: &[ErrorCode] = &[
    ErrorCode::MalformedJson,
    ErrorCode::UnsupportedGrantType,
    ErrorCode::InvalidCredentials,
    ErrorCode::PayloadTooLarge,
    ErrorCode::UnsupportedMediaType,
    ErrorCode::ValidationFailed,
    ErrorCode::TooManyRequests,
    ErrorCode::TooManyAttempts,
];

/// Sign in.
///
/// With a username or an email address, and a password, as JSON or as the password form of OAuth 2 (RFC 6749 §4.3), whose
/// client is not looked at. An unknown name, a wrong password, a deactivated and a deleted account have the same answer and
/// take the same time. After several failures for a name, each further try has to wait.
#[utoipa::path(
    tag = "auth",
    operation_id = "login",
    request_body(
        content((LoginRequest = "application/json",
                 example = json!({"username": "ann", "password": "correct horse battery staple"})),
                (LoginRequest = "application/x-www-form-urlencoded",
                 example = json!({"grant_type": "password", "username": "ann", "password": "correct horse battery staple"})))
    ),
    responses((status = 200, description = "Signed in.", body = TokenResponse))
)]
#[post("/login")]
pub(super) async fn login(Attempting(call): Attempting, payload: web::Payload) -> Result<HttpResponse, Problem> {
    let members = call.members(payload, BodyKind::JsonOrForm).await?;
    let login = parse(read(members))?;
    let prepared = call.api().authentication.prepare_login(&call.writer(), login).await?;
    let change =
        async move |access: application::Authentication, context| access.login_prepared(&context, prepared).await;
    Ok(show_tokens(call.write_access(change).await?))
}

fn parse(body: LoginRequest) -> Result<Login, Problem> {
    let mut wrong = WrongMembers::default();
    check_grant(&mut wrong, body.grant_type, "password")?;
    let name = match body.username {
        Member::Absent if body.email != Member::Absent => wrong.required("email", body.email),
        username => wrong.required("username", username),
    };
    let password = wrong.required("password", body.password).map(PasswordText::from);
    let taken = name.zip(password).map(|(name, password)| Login { name, password });
    wrong.unless_wrong(taken)
}

/// Refuses requests of clients that mean something else by this address.
pub(super) fn check_grant(wrong: &mut WrongMembers, grant: Member<String>, known: &str) -> Result<(), Problem> {
    match wrong.nullable("grant_type", grant) {
        Some(other) if other != known => {
            let detail = format!("The grant_type must be {known} here, or left out");
            Err(Problem::new(ErrorCode::UnsupportedGrantType, detail))
        }
        _ => Ok(()),
    }
}
