//! The resources under the base paths.

pub mod audit;
pub mod auth;
mod bearer;
mod call;
mod entrance;
mod events;
mod links;
mod preconditions;
mod rates;
mod repeated;
mod rfc3339;
pub mod users;

pub(crate) use self::call::Api;
pub(crate) use self::events::Followers;
pub(crate) use self::rates::Rates;

use utoipa_actix_web::scope::scope;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::error_code::ErrorCode;

/// The route table, mounted once under each base path. Each resource is a static scope: the router tries patterns one
/// after the other, and every dynamic one is a regular expression.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(scope("/users").configure(users::routes))
        .service(scope("/auth").configure(auth::routes))
        .service(scope("/audit").configure(audit::routes))
        .service(scope("/events").configure(events::routes));
}

/// The codes each operation may answer with, besides those that every operation may.
pub(crate) fn errors() -> impl Iterator<Item = &'static (&'static str, &'static [ErrorCode])> {
    users::ERRORS.iter().chain(auth::ERRORS).chain(audit::ERRORS).chain(events::ERRORS)
}
