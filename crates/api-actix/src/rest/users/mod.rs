//! Users over HTTP, a file for each operation.

mod activate;
mod audit;
pub mod bulk;
pub(super) mod changes;
pub(super) mod create;
mod data;
pub mod data_schema;
mod deactivate;
mod delete;
mod export;
mod get;
mod json;
mod list;
mod patch;
mod problems;
mod replace;
mod reset_password;
mod restore;
pub mod schema;
mod sessions;
mod unlock;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, ContentType, ETAG, HeaderName, HeaderValue};
use domain::user::UserView;
use utoipa_actix_web::service_config::ServiceConfig;

pub use self::json::UserJson;
use super::call::Call;
use super::preconditions::etag;
use crate::error_code::ErrorCode;

/// What has a name of its own, then the hot route, then the rest: the router tries them in this order.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(export::export_users)
        .service(get::get_user)
        .service(list::list_users)
        .service(bulk::bulk_users)
        .service(create::create_user)
        .service(patch::patch_user)
        .service(replace::replace_user)
        .service(delete::delete_user)
        .service(restore::restore_user)
        .service(deactivate::deactivate_user)
        .service(activate::activate_user)
        .service(unlock::unlock_user)
        .service(reset_password::reset_user_password)
        .service(audit::list_user_events)
        .service(data::get_user_data)
        .service(sessions::list_user_sessions)
        .service(sessions::revoke_user_sessions)
        .service(sessions::revoke_user_session);
}

/// The codes each operation may answer with, besides those that every operation may.
pub(crate) const ERRORS: &[(&str, &[ErrorCode])] = &[
    ("exportUsers", export::ERRORS),
    ("getUser", get::ERRORS),
    ("listUsers", list::ERRORS),
    ("createUser", create::ERRORS),
    ("bulkUsers", bulk::ERRORS),
    ("patchUser", changes::ERRORS),
    ("replaceUser", changes::ERRORS),
    ("deleteUser", delete::ERRORS),
    ("restoreUser", restore::ERRORS),
    ("deactivateUser", deactivate::ERRORS),
    ("activateUser", activate::ERRORS),
    ("unlockUser", unlock::ERRORS),
    ("resetUserPassword", reset_password::ERRORS),
    ("listUserEvents", audit::ERRORS),
    ("getUserData", data::ERRORS),
    ("listUserSessions", sessions::LIST_ERRORS),
    ("revokeUserSessions", sessions::LIST_ERRORS),
    ("revokeUserSession", sessions::REVOKE_ERRORS),
];

/// People's data may be kept by their own browser alone, and only used after asking again.
pub(super) const PRIVATE: (HeaderName, HeaderValue) = (CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));

/// The answer that shows one user.
pub(super) fn show(call: &Call, user: &UserView) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(ContentType::json())
        .insert_header(PRIVATE)
        .insert_header((ETAG, etag(user.version)))
        .body(UserJson::new(call.api().user_id_format).one(user))
}
