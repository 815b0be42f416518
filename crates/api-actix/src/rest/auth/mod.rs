//! Signing in, staying signed in and being signed out over HTTP, a file for each operation.

mod change_password;
mod login;
mod logout;
mod me;
mod problems;
mod refresh;
mod register;
mod reset_password;
pub mod schema;
mod sessions;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, HeaderName, HeaderValue, PRAGMA, VARY};
use application::authentication::{ListedSession, TokenPair};
use serde::Serialize;
use utoipa_actix_web::service_config::ServiceConfig;

use self::schema::{SessionListResponse, SessionResponse, TokenResponse};
use super::users::PRIVATE;
use crate::compression::Incompressible;
use crate::error_code::ErrorCode;

/// The routes, in the order in which the router tries them.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(me::get_me)
        .service(me::patch_me)
        .service(refresh::refresh)
        .service(login::login)
        .service(logout::logout)
        .service(register::register)
        .service(change_password::change_password)
        .service(reset_password::reset_password)
        .service(sessions::list_sessions)
        .service(sessions::revoke_sessions)
        .service(sessions::revoke_session);
}

/// The codes each operation may answer with, besides those that every operation may.
pub(crate) const ERRORS: &[(&str, &[ErrorCode])] = &[
    ("getMe", me::GET_ERRORS),
    ("patchMe", me::PATCH_ERRORS),
    ("refresh", refresh::ERRORS),
    ("login", login::ERRORS),
    ("logout", &[]),
    ("register", register::ERRORS),
    ("changePassword", change_password::ERRORS),
    ("resetPassword", reset_password::ERRORS),
    ("listSessions", sessions::LIST_ERRORS),
    ("revokeSessions", sessions::LIST_ERRORS),
    ("revokeSession", sessions::REVOKE_ERRORS),
];

/// The operations that nobody needs a token for.
pub(crate) const ANONYMOUS: [&str; 4] = ["login", "register", "refresh", "resetPassword"];

/// Those that answer whoever must choose another password first.
pub(crate) const BEFORE_PASSWORD_CHANGE: [&str; 3] = ["getMe", "logout", "changePassword"];

/// What is found under one address depends on who asks: another token, another answer.
const VARIES: (HeaderName, HeaderValue) = (VARY, HeaderValue::from_static("authorization"));

/// An answer that holds a secret: kept nowhere (RFC 6749 §5.1), and never compressed.
pub(super) fn secret(body: &impl Serialize) -> HttpResponse {
    let mut response = HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .insert_header((PRAGMA, HeaderValue::from_static("no-cache")))
        .json(body);
    response.extensions_mut().insert(Incompressible);
    response
}

fn show_tokens(pair: TokenPair) -> HttpResponse {
    secret(&TokenResponse {
        access_token: pair.access_token,
        refresh_token: pair.refresh_token.expose().to_owned(),
        token_type: "bearer".into(),
        expires_in: pair.expires_in,
        refresh_expires_in: pair.refresh_expires_in,
        session_id: pair.session.get().to_string(),
    })
}

pub(super) fn show_sessions(sessions: &[ListedSession]) -> HttpResponse {
    HttpResponse::Ok().insert_header(PRIVATE).insert_header(VARIES).json(session_list(sessions))
}

fn session_list(sessions: &[ListedSession]) -> SessionListResponse {
    SessionListResponse { sessions: sessions.iter().map(SessionResponse::from).collect() }
}

/// The sessions as `GET /users/{id}/sessions` shows them.
pub fn sessions_json(sessions: &[ListedSession]) -> Vec<u8> {
    serde_json::to_vec(&session_list(sessions)).expect("it holds nothing but texts and yes or no")
}
