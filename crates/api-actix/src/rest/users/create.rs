//! `POST /users`.

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, LOCATION};
use actix_web::{HttpResponse, post, web};
use domain::input::{NewUser, NewUserInput};
use domain::user::UserView;
use domain::values::{PasswordPolicy, PasswordText};

use super::schema::{CreateUserRequest, UserResponse};
use super::show;
use crate::body::{BodyKind, WrongMembers, read};
use crate::config::UserIdFormat;
use crate::error_code::ErrorCode;
use crate::problem::Problem;
use crate::rest::call::Call;

pub(super) const ERRORS: &[ErrorCode] = &[
    ErrorCode::MalformedJson,
    ErrorCode::Forbidden,
    ErrorCode::UsernameTaken,
    ErrorCode::EmailTaken,
    ErrorCode::ExternalIdTaken,
    ErrorCode::PayloadTooLarge,
    ErrorCode::UnsupportedMediaType,
    ErrorCode::ValidationFailed,
];

/// Make a user.
///
/// The answer never holds the password or anything derived from it.
#[utoipa::path(
    tag = "users",
    operation_id = "createUser",
    request_body(content = CreateUserRequest, content_type = "application/json",
                 example = json!({"username": "ann", "email": "ann@example.com", "password": "correct horse battery staple", "full_name": "Ann Archer"})),
    responses((
        status = 201, description = "The user was made.", body = UserResponse,
        headers(("Location" = String, description = "Where the user is."),
                ("ETag" = String, description = "The version, for `If-Match` and `If-None-Match`."))
    ))
)]
#[post("")]
pub(super) async fn create_user(call: Call, payload: web::Payload) -> Result<HttpResponse, Problem> {
    let members = call.members(payload, BodyKind::Json).await?;
    let new = parse(read(members), call.api().password_policy)?;
    let work = async {
        let prepared = call.api().users.prepare_create(&call.writer(), new).await?;
        call.write(async move |users, context| users.create_prepared(&context, prepared).await).await
    };
    let show_created = |user: &UserView| {
        let mut response = show(&call, user);
        *response.status_mut() = StatusCode::CREATED;
        response.headers_mut().insert(LOCATION, location(&call, call.request().path(), user));
        response
    };
    call.once(work, show_created).await
}

pub(super) fn parse(body: CreateUserRequest, policy: PasswordPolicy) -> Result<NewUser, Problem> {
    let mut wrong = WrongMembers::default();
    let input = NewUserInput {
        username: wrong.value("username", body.username),
        email: wrong.value("email", body.email),
        password: wrong.value("password", body.password).map(PasswordText::from),
        full_name: wrong.nullable("full_name", body.full_name),
        first_name: wrong.nullable("first_name", body.first_name),
        last_name: wrong.nullable("last_name", body.last_name),
        role: wrong.value("role", body.role),
        is_active: wrong.value("is_active", body.is_active),
        must_change_password: wrong.value("must_change_password", body.must_change_password),
        external_id: wrong.nullable("external_id", body.external_id),
        locale: wrong.nullable("locale", body.locale),
        user_metadata: wrong.nullable("user_metadata", body.user_metadata).map(|object| object.0),
        app_metadata: wrong.nullable("app_metadata", body.app_metadata).map(|object| object.0),
    };
    wrong.and(input.parse(&policy))
}

/// The user's address in the collection of users under the base path that was used.
pub(in crate::rest) fn location(call: &Call, collection: &str, user: &UserView) -> HeaderValue {
    let location = match call.api().user_id_format {
        UserIdFormat::Integer => format!("{collection}/{}", user.id),
        UserIdFormat::Uuid => format!("{collection}/{}", user.uuid),
    };
    HeaderValue::try_from(location).expect("a path that was routed is a header value")
}
