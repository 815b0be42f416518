//! `POST /auth/register`.

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::{HttpResponse, post, web};
use domain::input::{NewUser, NewUserInput};
use domain::values::{PasswordPolicy, PasswordText};

use super::schema::RegisterRequest;
use crate::body::{BodyKind, WrongMembers, read};
use crate::error_code::ErrorCode;
use crate::problem::Problem;
use crate::rest::entrance::Attempting;
use crate::rest::users::create::location;
use crate::rest::users::schema::UserResponse;
use crate::rest::users::show;

pub(super) const ERRORS: &[ErrorCode] = &[
    ErrorCode::MalformedJson,
    ErrorCode::RegistrationDisabled,
    ErrorCode::UsernameTaken,
    ErrorCode::EmailTaken,
    ErrorCode::ExternalIdTaken,
    ErrorCode::PayloadTooLarge,
    ErrorCode::UnsupportedMediaType,
    ErrorCode::ValidationFailed,
    ErrorCode::TooManyRequests,
];

/// Make an account for oneself.
///
/// Where the operator allows it (`ALLOW_REGISTRATION=true`). The role is `user`, whatever the body says. Signing in comes
/// after it, with `POST /auth/login`.
#[utoipa::path(
    tag = "auth",
    operation_id = "register",
    request_body(content = RegisterRequest, content_type = "application/json",
                 example = json!({"username": "ann", "email": "ann@example.com", "password": "correct horse battery staple"})),
    responses((
        status = 201, description = "The account was made.", body = UserResponse,
        headers(("Location" = String, description = "Where the user is."),
                ("ETag" = String, description = "The version, for `If-Match` and `If-None-Match`."))
    ))
)]
#[post("/register")]
pub(super) async fn register(Attempting(call): Attempting, payload: web::Payload) -> Result<HttpResponse, Problem> {
    let members = call.members(payload, BodyKind::Json).await?;
    let new = parse(read(members), call.api().password_policy)?;
    let prepared = call.api().authentication.prepare_register(new).await?;
    let change =
        async move |access: application::Authentication, context| access.register_prepared(&context, prepared).await;
    let user = call.write_access(change).await?;
    let mut response = show(&call, &user);
    *response.status_mut() = StatusCode::CREATED;
    let base = call.request().path().strip_suffix("/auth/register").unwrap_or_default();
    response.headers_mut().insert(LOCATION, location(&call, &format!("{base}/users"), &user));
    Ok(response)
}

fn parse(body: RegisterRequest, policy: PasswordPolicy) -> Result<NewUser, Problem> {
    let mut wrong = WrongMembers::default();
    let input = NewUserInput {
        username: wrong.value("username", body.username),
        email: wrong.value("email", body.email),
        password: wrong.value("password", body.password).map(PasswordText::from),
        full_name: wrong.nullable("full_name", body.full_name),
        first_name: wrong.nullable("first_name", body.first_name),
        last_name: wrong.nullable("last_name", body.last_name),
        locale: wrong.nullable("locale", body.locale),
        user_metadata: wrong.nullable("user_metadata", body.user_metadata).map(|object| object.0),
        ..NewUserInput::default()
    };
    wrong.and(input.parse(&policy))
}
